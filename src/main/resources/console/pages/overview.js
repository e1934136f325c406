// The first things to know of a job: the result or the error, where the time went, what to do.

import {get, query} from '../api.js';
import {draw} from '../app.js';
import '../chart.js';
import {ErrorGroups} from './errors.js';
import {shares} from './report.js';
import {SharedObjects} from './shared.js';
import {count, hasEnded, html, nothing, sentence, state} from '../ui.js';
import {value} from './values.js';
import {Tab} from './tab.js';

const FEW = 20;
const BINS = 120;

export function open(page) {
  return new Overview(page);
}

class Overview extends Tab {
  report = null;
  items = null;
  rates = null;

  constructor(page) {
    super(page);
    this.errors = new ErrorGroups(page);
    this.shared = new SharedObjects(page);
    this.shared.load();
    this.reload();
  }

  changed(isOtherState) {
    super.changed(isOtherState);
    if (isOtherState) this.shared.load();
  }

  close() {
    super.close();
    this.shared.close();
  }

  async load() {
    const {job} = this.page;
    const part = (promise, name) =>
      promise.then(
        (answer) => (this[name] = answer),
        () => {},
      );
    const wanted = [];
    if (job.startedAt) wanted.push(part(get(this.page.path('/report')), 'report'));
    if (job.items.total <= FEW) {
      wanted.push(part(get(this.page.path('/items' + query({limit: FEW}))), 'items'));
    } else if (job.startedAt) {
      wanted.push(part(get(this.page.path('/timeline?bars=2000')).then(ratesOf), 'rates'));
    }
    if (job.items.failed) wanted.push(this.errors.load());
    await Promise.all(wanted);
    draw();
  }

  view(job) {
    return html`<div class="stack">
      ${this.problem(job)} ${job.notes.map((note) => html`<p class="notice">${sentence(note)}</p>`)} ${this.shared.view()} ${this.result(job)}
      ${
        job.items.failed
          ? html`<section class="card">
              <h2>Errors</h2>
              ${this.errors.view(job)}
            </section>`
          : nothing
      }
      <div class="cards">
        ${
          this.rates && this.rates.x.length > 3
            ? html`<section class="card">
                <h2>Items per second</h2>
                <mh-chart
                  role="img"
                  aria-label="Items per second since the start of the job"
                  .plot=${this.rates}
                ></mh-chart>
              </section>`
            : nothing
        }
        ${
          this.report
            ? html`<section class="card">
                  <h2>Where the time went</h2>
                  ${shares(this.report)}
                </section>
                <section class="card">
                  <h2>What to do</h2>
                  <ul class="advice">
                    ${this.report.advice.map((one) => html`<li>${one.text}</li>`)}
                  </ul>
                </section>`
            : nothing
        }
        ${this.options(job)}
      </div>
    </div>`;
  }

  problem(job) {
    if (!job.error) return nothing;
    return html`<section class="card">
      <h2 class="bad-text">✖ The job failed as a whole</h2>
      <p>${sentence(job.error.message)}</p>
      ${job.error.traceback ? html`<pre tabindex="0">${job.error.traceback}</pre>` : nothing}
    </section>`;
  }

  result(job) {
    if (this.items && job.items.total <= FEW) {
      return html`<section class="table" tabindex="0">
        <table>
          <caption>
            The items
          </caption>
          <thead>
            <tr>
              <th class="num tight">Item</th>
              <th class="tight">State</th>
              <th>Value or error</th>
            </tr>
          </thead>
          <tbody>
            ${this.items.items.map(
              (item) =>
                html`<tr>
                  <th scope="row" class="num">
                    <a href="#/jobs/${this.page.id}/items${query({item: item.index})}">${item.index}</a>
                  </th>
                  <td>${state(item.state)}</td>
                  <td>
                    ${
                      item.error
                        ? html`<span class="bad-text">${item.error.type}: ${item.error.message}</span>`
                        : item.valueBytes === null
                          ? '–'
                          : value(item.value, item.valueBytes)
                    }
                  </td>
                </tr>`,
            )}
          </tbody>
        </table>
      </section>`;
    }
    if (!('result' in job) || job.result === null) return nothing;
    return html`<section class="card">
      <h2>Result</h2>
      ${value(job.result)}
    </section>`;
  }

  options(job) {
    const given = [
      ['workers', job.workers],
      ['threads', job.threads > 1 ? job.threads : null],
      ['memory', job.memory],
      ['priority', job.priority === 5 ? null : job.priority],
      ['most failures', job.maxFailures || null],
      ['deleted after', job.ttl],
      ['chunks', job.chunks.done ? count(job.chunks.done) : null],
      ['chunk sizes', job.chunks.done ? `${count(job.chunkSizes.least)} to ${count(job.chunkSizes.most)} items` : null],
      ['workers used', job.workersUsed || null],
      ['after', job.after.length ? job.after.join(', ') : null],
    ].filter(([, one]) => one !== null);
    if (!given.length) return nothing;
    return html`<section class="card">
      <h2>Facts</h2>
      <dl class="facts">
        ${given.map(
          ([name, one]) =>
            html`<dt>${name}</dt>
              <dd>${one}</dd>`,
        )}
      </dl>
      ${hasEnded(job) ? nothing : html`<button class="small" @click=${() => this.page.patch({workers: null}, 'The job may use all slots.')}>Use all slots</button>`}
    </section>`;
  }
}

/** Items per second, in BINS parts of the job's time. Each bar of the timeline spreads its items over its time. */
function ratesOf(timeline) {
  const start = Date.parse(timeline.startedAt);
  const end = Math.max(start + 1, ...timeline.bars.map((bar) => Date.parse(bar.finishedAt)));
  const width = (end - start) / BINS;
  const done = new Array(BINS).fill(0);
  const bad = new Array(BINS).fill(0);
  for (const bar of timeline.bars) {
    const from = (Date.parse(bar.startedAt) - start) / width;
    const to = Math.max(from + 1e-6, (Date.parse(bar.finishedAt) - start) / width);
    for (let bin = Math.floor(from); bin < Math.min(BINS, Math.ceil(to)); bin++) {
      const share = (Math.min(to, bin + 1) - Math.max(from, bin)) / (to - from);
      done[bin] += bar.items.count * share;
      bad[bin] += bar.failed * share;
    }
  }
  const perSecond = (n) => (n * 1000) / width;
  const lines = [{label: 'items/s', values: done.map(perSecond), colour: '--run-fill', fill: true}];
  if (bad.some((n) => n)) lines.push({label: 'failed/s', values: bad.map(perSecond), colour: '--bad-fill'});
  return {x: done.map((_, bin) => ((bin + 0.5) * width) / 1000), lines, isClock: false};
}
