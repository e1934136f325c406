// One job run in several ways, and which is the fastest.

import {get, post, send} from '../api.js';
import {draw, go} from '../app.js';
import {
  attempt,
  confirm,
  duration,
  empty,
  failed,
  html,
  loading,
  notice,
  nothing,
  percent,
  perSecond,
  plural,
  state,
  throttled,
  time,
} from '../ui.js';
import {readRequest} from './code.js';

export function open(route) {
  const page = new Comparisons();
  page.route(route);
  return page;
}

class Comparisons {
  list = null;
  one = null;
  picture = null;
  failure = null;

  constructor() {
    this.reload = throttled(1_500, () => this.load());
  }

  title() {
    return this.one ? this.one.name || 'Comparison' : 'Comparisons';
  }

  async route(route) {
    this.id = route.parts[1] ?? null;
    this.one = null;
    this.failure = null;
    if (route.query.get('job')) await this.compare(route.query.get('job'));
    else this.load();
  }

  refresh() {
    this.reload();
  }

  event(type) {
    if (type !== 'job') return;
    if (this.one?.state === 'RUNNING' || this.list?.some((one) => one.state === 'RUNNING')) this.reload();
  }

  close() {
    this.reload.stop();
    if (this.picture) URL.revokeObjectURL(this.picture);
  }

  /** Begins a comparison that runs an earlier job again, in the ways that the service chooses. */
  async compare(job) {
    await attempt(async () => {
      const {request, isCut} = await readRequest(job);
      if (isCut) throw new Error('the job has too many inputs to be copied here; use curl with …/request');
      const one = await post('comparisons', {job: request});
      notice('The job runs in several ways now, three times each.');
      go('/comparisons/' + one.id);
    });
    if (!this.id) this.load();
  }

  async load() {
    try {
      if (this.id) {
        const path = 'comparisons/' + encodeURIComponent(this.id);
        this.one = await get(path);
        if (this.one.runs.done) {
          const svg = await (await send(path, {headers: {Accept: 'image/svg+xml'}})).blob();
          if (this.picture) URL.revokeObjectURL(this.picture);
          this.picture = URL.createObjectURL(svg);
        }
      } else {
        this.list = (await get('comparisons')).comparisons;
      }
      this.failure = null;
    } catch (failure) {
      this.failure = failure;
    }
    draw();
  }

  async cancel() {
    if (
      !(await confirm({
        title: 'Cancel this comparison?',
        text: 'The job that it runs is cancelled too. Measured times stay. This cannot be undone.',
        action: 'Cancel it',
        safe: 'Let it run',
      }))
    )
      return;
    await attempt(async () => {
      await post(`comparisons/${this.id}/cancel`);
      this.load();
    });
  }

  async remove() {
    if (
      !(await confirm({
        title: 'Delete this comparison?',
        text: 'Its figures are removed. Its jobs stay. This cannot be undone.',
        action: 'Delete it',
      }))
    )
      return;
    await attempt(async () => {
      await send('comparisons/' + this.id, {method: 'DELETE'});
      go('/comparisons');
    });
  }

  view() {
    if (this.failure?.status === 404)
      return empty('There is no such comparison', html`<a class="button" href="#/comparisons">All comparisons</a>`);
    if (this.failure) return failed(this.failure, this.reload);
    if (this.id) return this.one ? this.detail(this.one) : loading;
    return html`<div class="head"><h1>Comparisons</h1></div>
      ${this.list ? this.table() : loading}`;
  }

  table() {
    if (!this.list.length) {
      return empty(
        'No comparisons yet',
        html`<p>
            A comparison runs one job in several ways: alone, with processes, with threads, in single items. It shows
            which is the fastest, and that all give the same results.
          </p>
          <a class="button main" href="#/submit?example=1">Write a job, then “Compare ways to run it”</a>`,
      );
    }
    return html`<div class="table" tabindex="0">
      <table>
        <caption class="sr">
          Comparisons, the newest first
        </caption>
        <thead>
          <tr>
            <th>Name</th>
            <th>State</th>
            <th>Finding</th>
            <th class="opt">Runs</th>
            <th class="opt">Submitted</th>
          </tr>
        </thead>
        <tbody>
          ${this.list.map(
            (one) =>
              html`<tr>
                <th scope="row">
                  <a class="name" href="#/comparisons/${one.id}">${one.name || one.id.slice(0, 13)}</a>
                </th>
                <td>${state(one.state)}</td>
                <td>${one.summary}</td>
                <td class="opt">${one.runs.done} of ${one.runs.planned}</td>
                <td class="opt">${time(one.submittedAt)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  detail(one) {
    const isRunning = one.state === 'RUNNING';
    return html`<div class="head">
        <h1>${one.name || 'Comparison'}</h1>
        <div class="actions">
          ${isRunning ? html`<button class="danger" @click=${() => this.cancel()}>Cancel…</button>` : html`<button class="danger" @click=${() => this.remove()}>Delete…</button>`}
        </div>
      </div>
      <div class="meta">
        ${state(one.state)}<span>${plural(one.items, 'item')}</span
        ><span>${one.runs.done} of ${plural(one.runs.planned, 'run')} done</span
        ><span>submitted ${time(one.submittedAt)}</span>
        <a href="#/jobs?label=${encodeURIComponent('comparison:' + one.id)}">its jobs</a
        >${one.runs.running ? html`<a href="#/jobs/${one.runs.running}">the one that runs now</a>` : nothing}
      </div>
      ${
        one.summary
          ? html`<p class="card">
                <strong>${one.summary}</strong
                >${one.sameResults ? ' All ways gave the same results.' : one.sameResults === false ? html` <span class="bad-text">✖ The results differ.</span>` : ''}
              </p>
              <p></p>`
          : nothing
      }
      ${one.problem ? html`<p class="bad-text">${one.problem}</p>` : nothing}
      <div class="table" tabindex="0">
        <table>
          <caption class="sr">
            Ways to run the job
          </caption>
          <thead>
            <tr>
              <th>Way</th>
              <th>State</th>
              <th class="num">Median</th>
              <th class="num opt">From, to</th>
              <th class="num">Speed-up</th>
              <th class="num opt2">Efficiency</th>
              <th class="num opt2">Rate</th>
              <th class="num opt3">Failed</th>
            </tr>
          </thead>
          <tbody>
            ${one.variants.map(
              (way) =>
                html`<tr class=${way.name === one.best ? 'chosen' : ''}>
                  <th scope="row">
                    <strong>${way.name}</strong
                    >${way.name === one.best ? html` <span class="tag">fastest</span>` : nothing}
                    <span class="sub"
                      >${plural(way.workers, 'worker')},
                      ${plural(way.threads, 'thread')}${way.problem ? html` · <span class="bad-text">${way.problem}</span>` : nothing}</span
                    >
                  </th>
                  <td>${state(way.state)}</td>
                  <td class="num">${duration(way.seconds)}</td>
                  <td class="num opt">
                    ${way.minSeconds === null ? '–' : `${duration(way.minSeconds)} to ${duration(way.maxSeconds)}`}
                  </td>
                  <td class="num">${way.speedup === null ? '–' : way.speedup.toFixed(2)}</td>
                  <td class="num opt2">${way.efficiency === null ? '–' : percent(way.efficiency)}</td>
                  <td class="num opt2">${perSecond(way.itemsPerSecond)}</td>
                  <td class="num opt3">${way.failedItems ?? '–'}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <p></p>
      ${this.picture ? html`<img class="picture" src=${this.picture} alt="The median times and speed-ups of the table as a chart" />` : nothing}`;
  }
}
