// The output of the functions of a job.

import {download, lines} from '../api.js';
import {draw} from '../app.js';
import {attempt, clock, count, empty, failed, hasEnded, html, loading, nothing} from '../ui.js';
import {Tab} from './tab.js';

const SHOWN = 3_000;

export function open(page) {
  return new Log(page);
}

class Log extends Tab {
  lines = null;
  failure = null;
  text = '';
  worker = '';
  isFollowed = true;
  isWrapped = true;

  constructor(page) {
    super(page);
    this.reload();
  }

  async load() {
    try {
      this.lines = await lines(this.page.path('/log'));
      this.failure = null;
    } catch (failure) {
      this.failure = failure;
    }
    draw();
    if (this.isFollowed && this.page.job && !hasEnded(this.page.job)) requestAnimationFrame(() => this.toEnd());
  }

  toEnd() {
    const box = document.querySelector('.log');
    if (box) box.scrollTop = box.scrollHeight;
  }

  view(job) {
    if (this.failure) return failed(this.failure, this.reload);
    if (!this.lines) return loading;
    if (!this.lines.length) {
      return empty(
        'Nothing was printed',
        html`<p>What functions write to stdout and stderr is shown here${hasEnded(job) ? '' : ', while they run'}.</p>`,
      );
    }
    const workers = [...new Set(this.lines.map((line) => line.worker).filter((id) => id !== undefined))].sort(
      (a, b) => a - b,
    );
    const text = this.text.toLowerCase();
    const item = /^item (\d+)$/.exec(text);
    const matching = this.lines.filter(
      (line) =>
        line.dropped !== undefined ||
        ((!this.worker || String(line.worker) === this.worker) &&
          (!text || (item ? line.item === Number(item[1]) : line.text.toLowerCase().includes(text)))),
    );
    const shown = matching.slice(-SHOWN);
    return html`<div class="filters">
        <input
          type="search"
          data-search
          placeholder="text, or: item 17"
          aria-label="Search the log"
          .value=${this.text}
          @input=${(e) => {
            this.text = e.target.value;
            draw();
          }}
        />
        <select
          aria-label="Worker"
          @change=${(e) => {
            this.worker = e.target.value;
            draw();
          }}
        >
          <option value="">all workers</option>
          ${workers.map((id) => html`<option value=${id}>worker #${id}</option>`)}
        </select>
        <label class="choice"
          ><input
            type="checkbox"
            .checked=${this.isWrapped}
            @change=${(e) => {
              this.isWrapped = e.target.checked;
              draw();
            }}
          />
          wrap</label
        >
        ${
          hasEnded(job)
            ? nothing
            : html`<label class="choice"
                ><input
                  type="checkbox"
                  .checked=${this.isFollowed}
                  @change=${(e) => {
                    this.isFollowed = e.target.checked;
                  }}
                />
                follow the end</label
              >`
        }
        <button
          @click=${() => attempt(() => download(this.page.path('/log'), `log-${this.page.id.slice(0, 8)}.txt`, {Accept: 'text/plain'}))}
        >
          Download
        </button>
        <span class="dim"
          >${count(matching.length)}
          lines${shown.length < matching.length ? `, the last ${count(SHOWN)} are shown` : ''}</span
        >
      </div>
      <pre class="log ${this.isWrapped ? '' : 'nowrap'}" tabindex="0" role="log" aria-live="off" aria-label="Log">
${shown.map((line) =>
          line.dropped === undefined
            ? html`<div title=${clock(new Date(line.at))}>
                <span class="who">#${line.worker}${line.item === null ? '' : html` item ${line.item}`} </span
                >${line.text}
              </div>`
            : html`<div class="gap">⋯ ${count(line.dropped)} lines were not kept (manyhands.limits.job-log) ⋯</div>`,
        )}</pre>`;
  }
}
