// Where the time went, by the report of the service.

import {get, query} from '../api.js';
import {draw} from '../app.js';
import {bytes, count, duration, failed, html, loading, nothing, percent} from '../ui.js';
import {Tab} from './tab.js';

const PARTS = {
  run: 'inside the function',
  startUp: 'starting workers',
  transfer: 'on the way to and from workers',
  read: 'reading items',
  write: 'writing results',
  lost: 'attempts that were lost',
  unreported: 'not reported yet',
  idle: 'without work of this job',
};

/** The shares of the slots' time as a table with bars. */
export function shares(report) {
  const shown = Object.entries(PARTS).filter(([name]) => report.shares[name] >= 0.0005);
  return html`<table class="shares">
    <caption class="sr">
      Shares of the slots' time
    </caption>
    <tbody>
      ${shown.map(
        ([name, words]) =>
          html`<tr>
            <th scope="row">${words}</th>
            <td class="wide"><i class="share ${name}" .style=${`width:${100 * report.shares[name]}%`}></i></td>
            <td class="num">${percent(report.shares[name])}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

export function open(page) {
  return new Report(page);
}

class Report extends Tab {
  report = null;
  failure = null;

  constructor(page) {
    super(page);
    this.reload();
  }

  async load() {
    try {
      this.report = await get(this.page.path('/report'));
      this.failure = null;
    } catch (failure) {
      this.failure = failure;
    }
    draw();
  }

  view() {
    const {report} = this;
    if (!report) return this.failure ? failed(this.failure, this.reload) : loading;
    const figure = (name, one, help) =>
      html`<div title=${help ?? nothing}>
        <dt>${name}</dt>
        <dd>${one}</dd>
      </div>`;
    return html`<div class="stack">
      ${report.complete ? nothing : html`<p class="dim">The job has not ended: this is as if it ended now.</p>`}
      <dl class="figures card">
        ${figure('wall time', duration(report.wallSeconds))} ${figure('slots', report.slots)}
        ${figure('slot time', duration(report.slotSeconds), 'slots × wall time: what there was to spend')}
        ${figure('speed-up', report.speedup.toFixed(2), 'time inside the function, divided by wall time')}
        ${figure('efficiency', percent(report.efficiency), 'speed-up for each slot')}
        ${figure('idle at the end', duration(report.tailSeconds))} ${figure('peak memory', bytes(report.peakRss))}
      </dl>
      <div class="cards">
        <section class="card">
          <h2>Where the time went</h2>
          ${shares(report)}
        </section>
        <section class="card">
          <h2>What to do</h2>
          <ul class="advice">
            ${report.advice.map((one) => html`<li>${one.text}</li>`)}
          </ul>
        </section>
        <section class="card">
          <h2>Chunks</h2>
          <dl class="facts">
            <dt>number</dt>
            <dd>${count(report.chunks.count)}</dd>
            <dt>items</dt>
            <dd>
              ${count(report.chunks.leastItems)} to ${count(report.chunks.mostItems)},
              ${count(report.chunks.medianItems)} in the middle
            </dd>
            <dt>time of one</dt>
            <dd>${duration(report.chunks.medianSeconds)} in the middle</dd>
            <dt>why</dt>
            <dd>${report.chunks.why}</dd>
            ${
              report.attempts.retriedChunks
                ? html`<dt>tried again</dt>
                    <dd>${count(report.attempts.retriedChunks)} chunks, ${duration(report.attempts.seconds)}</dd>`
                : nothing
            }
          </dl>
        </section>
        ${this.slowest('Slowest items', report.slowestItems)} ${this.slowest('Slowest chunks', report.slowestChunks)}
      </div>
    </div>`;
  }

  slowest(title, list) {
    if (!list.length) return nothing;
    return html`<section class="card">
      <h2>${title}</h2>
      <table>
        <thead>
          <tr>
            <th class="num">First item</th>
            <th class="num">Items</th>
            <th class="num">Time</th>
            <th class="num">Each</th>
            <th class="num">Worker</th>
          </tr>
        </thead>
        <tbody>
          ${list.slice(0, 10).map(
            (one) =>
              html`<tr>
                <td class="num">
                  <a href="#/jobs/${this.page.id}/items${query({item: one.first})}">${count(one.first)}</a>
                </td>
                <td class="num">${count(one.count)}</td>
                <td class="num">${duration(one.seconds)}</td>
                <td class="num">${duration(one.secondsPerItem)}</td>
                <td class="num">#${one.worker}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>`;
  }
}
