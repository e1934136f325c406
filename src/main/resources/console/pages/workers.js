// The worker processes that live now. The list is read with each event of the service's load.

import {get} from '../api.js';
import {draw} from '../app.js';
import '../chart.js';
import {repeat} from '../lib/lit-html/directives/repeat.js';
import {live} from '../live.js';
import {bytes, count, duration, empty, failed, html, loading, nothing, percent, state} from '../ui.js';

const REMEMBERED = 60;

export function open() {
  const page = new Workers();
  page.load();
  return page;
}

class Workers {
  workers = null;
  service = null;
  failure = null;
  runtime = '';
  /** Numbers of the last minute for each worker: id → {rss: bytes, cpu: processors in use, cpuSeconds, at}. */
  past = new Map();

  title() {
    return 'Workers';
  }

  refresh() {
    this.load();
  }

  event(type) {
    if (type === 'service' && !document.hidden) this.load();
  }

  async load() {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      const [{workers}, service] = await Promise.all([get('workers'), this.service ? null : get('service')]);
      this.service ??= service;
      this.workers = workers;
      this.failure = null;
      this.remember(workers);
    } catch (failure) {
      if (!this.workers) this.failure = failure;
    }
    this.isBusy = false;
    draw();
  }

  remember(workers) {
    const now = performance.now();
    const alive = new Set();
    for (const one of workers) {
      alive.add(one.id);
      const past = this.past.get(one.id) ?? {rss: [], cpu: []};
      if (past.at && now - past.at < 700) continue;
      if (past.at) past.cpu.push(Math.max(0, (one.cpuSeconds - past.cpuSeconds) / ((now - past.at) / 1000)));
      past.rss.push(one.rssBytes);
      for (const column of [past.rss, past.cpu]) if (column.length > REMEMBERED) column.shift();
      past.cpuSeconds = one.cpuSeconds;
      past.at = now;
      this.past.set(one.id, past);
    }
    for (const id of this.past.keys()) if (!alive.has(id)) this.past.delete(id);
  }

  view() {
    if (this.failure) return failed(this.failure, () => this.load());
    if (!this.workers) return loading;
    const runtimes = [...new Set(this.workers.map((one) => one.runtime))];
    const shown = this.workers.filter((one) => !this.runtime || one.runtime === this.runtime);
    const {slots} = live.load ?? this.service;
    const restarts = Object.entries(this.service.workerRestarts).filter(([, n]) => n);
    return html`<div class="head"><h1>Workers</h1></div>
      <div class="cards">
        <section class="card">
          <dl class="figures">
            <div>
              <dt>slots busy</dt>
              <dd>${slots.busy} of ${slots.total}</dd>
            </div>
            <div>
              <dt>processes</dt>
              <dd>${this.workers.length}</dd>
            </div>
            <div>
              <dt>their memory</dt>
              <dd>${bytes(this.workers.reduce((sum, one) => sum + one.rssBytes, 0))}</dd>
            </div>
          </dl>
          <mh-spark
            class="spark"
            role="img"
            slots="600"
            most=${slots.total}
            aria-label="Slots busy in the last ten minutes"
            .values=${[...live.samples.slotsBusy]}
          ></mh-spark>
        </section>
        <section class="card">
          <h2>Ended since the service started</h2>
          ${
            restarts.length
              ? html`<dl class="facts">
                  ${restarts.map(
                    ([reason, n]) =>
                      html`<dt>${reason}</dt>
                        <dd>${count(n)}</dd>`,
                  )}
                </dl>`
              : html`<p class="dim">None.</p>`
          }
          <p class="help">
            A worker is a process that runs functions. It stays warm after its job. It ends when it was idle for long,
            when it breaks, or when the service asks it to end.
          </p>
        </section>
      </div>
      <p></p>
      ${
        runtimes.length > 1
          ? html`<div class="filters">
              <div class="chips" role="group" aria-label="Runtime">
                ${['', ...runtimes].map(
                  (name) =>
                    html`<button
                      aria-pressed=${this.runtime === name}
                      @click=${() => {
                        this.runtime = name;
                        draw();
                      }}
                    >
                      ${name || 'all'}
                    </button>`,
                )}
              </div>
            </div>`
          : nothing
      }
      ${
        shown.length
          ? this.table(shown)
          : empty(
              'No workers now',
              html`<p>They are started when a job needs them, and kept warm for the next.</p>
                <a class="button" href="#/submit">Submit a job</a>`,
            )
      }`;
  }

  table(workers) {
    return html`<div class="table" tabindex="0">
      <table>
        <caption class="sr">
          Workers
        </caption>
        <thead>
          <tr>
            <th>Worker</th>
            <th>State</th>
            <th>Function, job</th>
            <th class="num opt">Memory</th>
            <th class="opt3"><span class="sr">Memory lately</span></th>
            <th class="num opt">Processor</th>
            <th class="num opt2">Chunks</th>
            <th class="num opt2">Items</th>
            <th class="num opt3">Age</th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            workers,
            (one) => one.id,
            (one) => this.row(one),
          )}
        </tbody>
      </table>
    </div>`;
  }

  row(one) {
    const past = this.past.get(one.id);
    const cpu = past?.cpu.at(-1);
    return html`<tr>
      <th scope="row">#${one.id}<span class="sub">${one.version || one.runtime} · pid ${one.pid}</span></th>
      <td>${state(one.state)}</td>
      <td>
        <span class="mono">${one.function}</span
        ><span class="sub"
          >${one.job ? html`<a href="#/jobs/${one.job}">its job</a>${one.item === null ? nothing : html` → <a href="#/jobs/${one.job}/items?item=${one.item}">item ${count(one.item)}</a>`}` : '–'}</span
        >
      </td>
      <td class="num opt">${bytes(one.rssBytes)}</td>
      <td class="opt3">
        <mh-spark
          class="spark small"
          role="img"
          aria-label="Memory lately"
          slots=${REMEMBERED}
          .values=${[...(past?.rss ?? [])]}
        ></mh-spark>
      </td>
      <td class="num opt">${cpu === undefined ? '–' : percent(cpu)}</td>
      <td class="num opt2">${count(one.chunksDone)}</td>
      <td class="num opt2">${count(one.itemsDone)}</td>
      <td class="num opt3">${duration((Date.now() - Date.parse(one.startedAt)) / 1000)}</td>
    </tr>`;
  }
}
