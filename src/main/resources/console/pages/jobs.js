// All jobs: live, filtered, counted, with actions on many at once.

import {get, query} from '../api.js';
import {draw, go, setQuery} from '../app.js';
import '../chart.js';
import {repeat} from '../lib/lit-html/directives/repeat.js';
import {live} from '../live.js';
import {all, each} from './bulk.js';
import {firstSteps} from './first.js';
import {
  STATES,
  count,
  duration,
  empty,
  failed,
  hasEnded,
  html,
  itemCounts,
  loading,
  nothing,
  perSecond,
  plural,
  progress,
  short,
  state,
  throttled,
  time,
  took,
} from '../ui.js';

const PAGE = 100;
const MOST_ROWS = 300;
const FILTERS = ['q', 'state', 'function', 'label', 'since', 'parent'];
const SINCE = {'': 'any time', 3600: 'last hour', 86400: 'last day', 604800: 'last week'};

export function open(route) {
  const page = new Jobs(route);
  page.load();
  return page;
}

class Jobs {
  jobs = null;
  counts = null;
  next = null;
  failure = null;
  chosen = new Set();
  /** The number of new jobs that are not shown yet, so that the list does not move under a reader of older jobs. */
  waiting = 0;
  older = false;

  constructor(route) {
    this.filter = route.query;
    this.reload = throttled(1_000, () => this.load());
  }

  title() {
    const running = this.counts?.byState.RUNNING;
    return running ? `(${running}) Jobs` : 'Jobs';
  }

  route(route) {
    this.filter = route.query;
    this.jobs = null;
    this.load();
  }

  refresh() {
    this.load();
  }

  close() {
    this.reload.stop();
  }

  parameters() {
    const given = {};
    for (const name of FILTERS) given[name] = this.filter.get(name);
    if (given.since) {
      given.since = new Date(Date.now() - Number(given.since) * 1000).toISOString();
    }
    return given;
  }

  async load(cursor) {
    const asked = (this.asked = {});
    try {
      const list = await get('jobs' + query({...this.parameters(), limit: PAGE, counts: true, cursor}));
      if (this.asked !== asked) return;
      this.counts = list.counts;
      this.failure = null;
      if (cursor) {
        this.older = true;
        this.jobs = [...this.jobs, ...list.jobs].slice(-MOST_ROWS);
        this.next = list.next;
      } else if (this.older) {
        this.waiting = list.jobs.filter(
          (job) => !this.jobs.some((one) => one.id === job.id) && job.id > this.jobs[0]?.id,
        ).length;
      } else {
        this.jobs = list.jobs;
        this.next = list.next;
        this.waiting = 0;
      }
    } catch (failure) {
      if (this.asked !== asked) return;
      if (!this.jobs) this.failure = failure;
    }
    draw();
  }

  newest() {
    this.older = false;
    this.load();
    scrollTo({top: 0});
  }

  event(type, data) {
    if (type === 'job') {
      const job = this.jobs?.find((one) => one.id === data.id);
      if (!job || job.state !== data.state) this.reload();
      if (job) Object.assign(job, {...data, function: job.function});
    } else if (type === 'deleted') {
      if (this.jobs) this.jobs = this.jobs.filter((job) => job.id !== data.id);
      this.chosen.delete(data.id);
      this.reload();
    } else if (type === 'reset' && data.reason === 'start') {
      this.reload();
    }
  }

  // ---- filters

  set(name, value) {
    setQuery({[name]: value});
    this.older = false;
    this.chosen.clear();
    this.load();
  }

  search(event) {
    clearTimeout(this.typing);
    const {value} = event.target;
    this.typing = setTimeout(() => this.set('q', value.trim()), 250);
  }

  isFiltered() {
    return FILTERS.some((name) => this.filter.get(name));
  }

  filterBar() {
    const chosen = this.filter.get('state') ?? '';
    const total = this.counts && Object.values(this.counts.byState).reduce((sum, n) => sum + n, 0);
    const chip = (value, content, number) =>
      html`<button aria-pressed=${chosen === value} @click=${() => this.set('state', value)}>
        ${content}
        <span class="dim"
          >${
            number === undefined || number === null ? '' : short(number)
          }${this.counts?.capped.includes(value) ? '+' : ''}</span
        >
      </button>`;
    return html`<div class="filters" role="search">
      <input
        type="search"
        data-search
        placeholder="Search name, id, label  ( / )"
        aria-label="Search"
        .value=${this.filter.get('q') ?? ''}
        @input=${(e) => this.search(e)}
      />
      <div class="chips" role="group" aria-label="State">
        ${chip('', 'All', total)}
        ${Object.keys(STATES).map((name) => chip(name, state(name), this.counts?.byState[name]))}
      </div>
      <input
        class="short"
        placeholder="function"
        aria-label="Function"
        .value=${this.filter.get('function') ?? ''}
        @change=${(e) => this.set('function', e.target.value.trim())}
      />
      <input
        class="short"
        placeholder="label  key:value"
        aria-label="Label, as key:value"
        .value=${this.filter.get('label') ?? ''}
        @change=${(e) => this.set('label', e.target.value.trim())}
      />
      <select aria-label="Submitted" @change=${(e) => this.set('since', e.target.value)}>
        ${Object.entries(SINCE).map(
          ([value, words]) =>
            html`<option value=${value} ?selected=${(this.filter.get('since') ?? '') === value}>${words}</option>`,
        )}
      </select>
      ${
        this.filter.get('parent')
          ? html`<button @click=${() => this.set('parent', '')}>
              retries of ${this.filter.get('parent').slice(0, 8)}… ✕
            </button>`
          : nothing
      }
      ${this.isFiltered() ? html`<button class="link" @click=${() => go('/jobs?')}>Clear</button>` : nothing}
    </div>`;
  }

  // ---- actions on many jobs

  choose(id, on) {
    if (on) this.chosen.add(id);
    else this.chosen.delete(id);
    draw();
  }

  bulkBar() {
    const chosen = this.jobs.filter((job) => this.chosen.has(job.id));
    const matching = this.isFiltered() && this.counts;
    if (!chosen.length && !matching) return nothing;
    const button = (word, action, danger) =>
      html`<button class=${danger ? 'danger' : ''} @click=${action}>${word}</button>`;
    return html`<div class="bulk" role="group" aria-label="Actions on many jobs">
      ${
        chosen.length
          ? html`<strong>${chosen.length} selected</strong>
              ${button('Cancel', () =>
                this.act(
                  each(
                    'cancel',
                    chosen.filter((job) => !hasEnded(job)),
                  ),
                ),
              )}
              ${button('Retry failed', () =>
                this.act(
                  each(
                    'retry',
                    chosen.filter((job) => job.items.failed && hasEnded(job)),
                  ),
                ),
              )}
              ${button('Delete', () => this.act(each('delete', chosen.filter(hasEnded))), true)}
              <button
                class="plain"
                @click=${() => {
                  this.chosen.clear();
                  draw();
                }}
              >
                Select none
              </button>`
          : html`<strong>All that match</strong> ${button('Cancel…', () => this.act(all('cancel', this.parameters())))}
              ${button('Retry failed…', () => this.act(all('retry', this.parameters())))}
              ${button('Delete…', () => this.act(all('delete', this.parameters())), true)}`
      }
    </div>`;
  }

  async act(action) {
    if (await action) {
      this.chosen.clear();
      this.load();
    }
  }

  // ---- the list

  row(job) {
    const speed = live.speeds.get(job.id);
    const rate = speed?.rate ?? job.progress?.itemsPerSecond;
    const left =
      job.state === 'RUNNING' && rate > 0 && !job.inputsOpen ? (job.items.total - job.items.done) / rate : null;
    return html`<tr class=${this.chosen.has(job.id) ? 'chosen' : ''}>
      <td>
        <input
          type="checkbox"
          aria-label="Select ${job.name || job.id}"
          .checked=${this.chosen.has(job.id)}
          @change=${(e) => this.choose(job.id, e.target.checked)}
        />
      </td>
      <td class="opt">
        ${state(job.state)}${job.paused && !hasEnded(job) ? html`<span class="sub">${state('PAUSED')}</span>` : nothing}
      </td>
      <th scope="row">
        <a class="name" href="#/jobs/${job.id}">${job.name || job.function.name}</a>
        <span class="sub"
          ><span class="narrow-only">${state(job.state)} · </span>${job.parentId ? '↳ retry · ' : ''}<span class="mono"
            >${job.function.name}</span
          >
          ${Object.entries(job.labels ?? {}).map(([key, value]) => html` · ${key === 'comparison' ? 'of a comparison' : `${key}=${value}`}`)}</span
        >
      </th>
      <td class="bars"><span class="nowrap">${itemCounts(job.items)}</span>${progress(job.items, job.inputsOpen)}</td>
      <td class="num opt2">${job.state === 'RUNNING' || hasEnded(job) ? perSecond(rate) : '–'}</td>
      <td class="num opt2">${left === null ? '–' : duration(left)}</td>
      <td class="num opt">${duration(took(job))}</td>
      <td class="opt3 nowrap">${time(job.submittedAt)}</td>
    </tr>`;
  }

  list() {
    if (this.failure) return failed(this.failure, () => this.load());
    if (!this.jobs) return loading;
    if (!this.jobs.length && !this.isFiltered()) return firstSteps();
    if (!this.jobs.length) {
      return empty(
        'No job matches',
        html`<p>Another filter may help.</p>
          <a class="button" href="#/jobs?">Show all jobs</a>`,
      );
    }
    return html` ${this.waiting ? html`<p><button @click=${() => this.newest()}>${plural(this.waiting, 'new job')} ↑</button></p>` : nothing}
      <div class="table" tabindex="0">
        <table>
          <caption class="sr">
            Jobs, the newest first
          </caption>
          <thead>
            <tr>
              <th><span class="sr">Selected</span></th>
              <th class="opt">State</th>
              <th>Job</th>
              <th>Items</th>
              <th class="num opt2">Rate</th>
              <th class="num opt2">Left</th>
              <th class="num opt">Took</th>
              <th class="opt3">Submitted</th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              this.jobs,
              (job) => job.id,
              (job) => this.row(job),
            )}
          </tbody>
        </table>
        ${
          this.next || this.older
            ? html`<div class="more">
                ${this.next ? html`<button @click=${() => this.load(this.next)}>Show older jobs</button>` : nothing}
                ${this.older ? html`<button @click=${() => this.newest()}>Back to the newest</button>` : nothing}
              </div>`
            : nothing
        }
      </div>
      ${this.bulkBar()}`;
  }

  view() {
    const samples = live.samples.itemsPerSecond;
    return html`<div class="head">
        <h1>Jobs</h1>
        <a class="button main" href="#/submit">Submit a job</a>
      </div>
      ${this.jobs?.length === 0 && !this.isFiltered() ? nothing : this.filterBar()}
      ${
        this.jobs?.length && samples.some((n) => n)
          ? html`<div class="card">
                <span class="dim">items per second, last ten minutes; at most ${count(Math.max(...samples))}</span>
                <mh-spark
                  class="spark"
                  role="img"
                  slots="600"
                  aria-label="Items per second in the last ten minutes"
                  .values=${[...samples]}
                ></mh-spark>
              </div>
              <p></p>`
          : nothing
      }
      ${this.list()}`;
  }
}
