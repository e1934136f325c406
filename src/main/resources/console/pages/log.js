// The output of the functions of a job, as it is printed: one stream, as long as the tab is open.

import {download, follow} from '../api.js';
import {draw} from '../app.js';
import {repeat} from '../lib/lit-html/directives/repeat.js';
import {listen, live} from '../live.js';
import {attempt, clock, count, empty, failed, hasEnded, html, loading, nothing, throttled} from '../ui.js';

const SHOWN = 3_000;
const KEPT = 50_000; // lines of a followed log that the page keeps in memory
const NEAR_END = 40; // pixels
const AGAIN_MS = 1_000;

export function open(page) {
  return new Log(page);
}

class Log {
  /** The lines so far, each with its number `n`; null before the first answer. */
  lines = null;
  failure = null;
  /** The stream that is read; null while there is none. */
  stream = null;
  hasAll = false;
  text = '';
  worker = '';
  isFollowed = true;
  isWrapped = true;

  constructor(page) {
    this.page = page;
    this.wasRunning = !hasEnded(page.job);
    this.show = throttled(200, () => this.drawLines());
    // The stream of events shows a cut connection, a sleep and a hidden tab. The log ends and begins with it.
    this.stopListening = listen((type, state) => {
      if (type !== 'connection') return;
      if (state === 'connected') this.load();
      else this.cut();
    });
    this.load();
  }

  /** Reads the log from its beginning until the job has ended. A stream that was cut begins again. */
  async load() {
    if (this.stream || this.hasAll || this.isClosed) return;
    clearTimeout(this.timer);
    const stream = (this.stream = new AbortController());
    let before = [];
    try {
      await follow(this.page.path('/log?follow=true'), {
        signal: stream.signal,
        onOpen: () => {
          this.lines ??= [];
          this.failure = null;
          draw();
        },
        onLines: (lines) => {
          if (this.stream !== stream) return;
          before = this.add(before, lines);
        },
      });
      this.end(stream);
    } catch (failure) {
      this.end(stream, failure);
    }
  }

  /** Ends a stream, unless the page did so. It begins again, also after a failure that may pass. */
  end(stream, failure) {
    if (this.stream !== stream) return;
    this.stream = null;
    if (!this.lines) this.failure = failure;
    const mayPass = !this.hasAll && !(failure?.status >= 400 && failure.status < 500);
    if (mayPass && live.state === 'connected') this.timer = setTimeout(() => this.load(), AGAIN_MS);
    this.show();
  }

  /** Returns all lines of a stream; they replace those of the stream before. */
  add(before, lines) {
    let n = before.length ? before.at(-1).n : 0;
    const all = before.length > KEPT ? before.slice(-KEPT / 2) : before;
    for (const line of lines) {
      if (line.end) this.hasAll = true;
      else all.push(Object.assign(line, {n: ++n}));
    }
    this.lines = all;
    this.show();
    return all;
  }

  cut() {
    clearTimeout(this.timer);
    this.stream?.abort();
    this.stream = null;
  }

  /** Loads the log again if it could not be loaded, or if there is another token. */
  refresh() {
    this.cut();
    this.failure = null;
    this.load();
  }

  close() {
    this.isClosed = true;
    this.cut();
    this.stopListening();
    this.show.stop();
  }

  drawLines() {
    draw();
    if (this.isFollowed && this.wasRunning) requestAnimationFrame(() => this.toEnd());
  }

  toEnd() {
    const box = document.querySelector('.log');
    if (box) box.scrollTop = box.scrollHeight;
  }

  /** Follows the end while the reader is there, and rests when the reader looks at earlier lines. */
  scrolled({target}) {
    const isAtEnd = target.scrollHeight - target.scrollTop - target.clientHeight < NEAR_END;
    if (target.scrollTop < (this.top ?? 0) && !isAtEnd && this.isFollowed) {
      this.isFollowed = false;
      draw();
    }
    this.top = target.scrollTop;
  }

  view(job) {
    if (this.failure) return failed(this.failure, () => this.refresh());
    if (!this.lines || (!this.lines.length && this.stream && hasEnded(job))) return loading;
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
                    if (this.isFollowed) this.toEnd();
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
          lines${shown.length < matching.length ? `, the last ${count(SHOWN)} are shown` : ''}${this.lines[0].n > 1 ? '; the download has earlier ones' : ''}${this.stream ? ' · live' : ''}</span
        >
      </div>
      <pre class="log ${this.isWrapped ? '' : 'nowrap'}" tabindex="0" role="log" aria-live="off" aria-label="Log" @scroll=${(e) => this.scrolled(e)}>
${repeat(
          shown,
          (line) => line.n,
          (line) =>
            line.dropped === undefined
              ? html`<div title=${clock(new Date(line.at))}
                ><span class="who">#${line.worker}${line.item === null ? '' : html` item ${line.item}`} </span>${line.text}</div
              >`
              : html`<div class="gap">⋯ ${count(line.dropped)} lines were not kept (manyhands.limits.job-log) ⋯</div>`,
        )}</pre>`;
  }
}
