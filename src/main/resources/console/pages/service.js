// The service itself: version, load, limits with their meaning, runtimes, ways in.

import {address, get} from '../api.js';
import {draw} from '../app.js';
import '../chart.js';
import {live} from '../live.js';
import {bytes, copyButton, count, duration, exact, failed, html, loading, nothing, plural, time} from '../ui.js';

/** Each limit: its meaning, its setting below `manyhands.`, and how its number is written. */
const LIMITS = {
  slots: ['workers that run at once', 'workers.slots', count],
  maxBodyBytes: ['bytes of a request', 'limits.body', bytes],
  maxSpecBytes: ['bytes of a job without its inputs', 'limits.spec', bytes],
  maxItems: ['items of a job', 'limits.items', count],
  maxItemBytes: ['bytes of one input', 'limits.item', bytes],
  maxResultBytes: ['bytes of one result', 'limits.result', bytes],
  maxJsonDepth: ['depth of arrays and objects', 'limits.depth', count],
  maxNumberLength: ['characters of a number', 'limits.number-length', count],
  jobLogBytes: ['bytes kept of what a job prints', 'limits.job-log', bytes],
  maxSharedBytes: ['bytes in the shared objects of a job', 'shared.max-bytes', bytes],
  maxSharedSets: ['sets of shared objects', 'shared.sets', count],
  maxUnfinishedJobs: ['jobs that wait or run', 'limits.unfinished-jobs', count],
  maxUnfinishedBytes: ['bytes of code and arguments of unfinished jobs', '', bytes],
  maxStreams: ['streams and waits at once', 'limits.streams', count],
  maxBundleBytes: ['bytes of an uploaded function', 'limits.bundle', bytes],
  maxBundleUnpackedBytes: ['bytes of its content', 'limits.bundle-unpacked', bytes],
  maxBundleEntries: ['files in it', 'limits.bundle-entries', count],
  workerMemoryBytes: ['memory of a worker', 'workers.memory', bytes],
  memoryBudgetBytes: ['memory of all busy workers', 'workers.memory-budget', bytes],
  workerOpenFiles: ['open files of a process', 'workers.open-files', count],
  workerProcesses: ['processes of the user of workers', 'workers.processes', count],
  workerFileBytes: ['longest file that a worker may write', 'workers.file-size', bytes],
  workerCpuSeconds: ['processor time of an item', 'workers.cpu-time', duration],
  workerScratchBytes: ["size of a worker's own directory", 'workers.scratch', bytes],
  sandbox: ['how workers are confined', 'workers.sandbox', String],
  dataDirectory: ['the data directory, for functions', '', String],
  systemCalls: ['dangerous system calls of functions', '', String],
  maxResultsPerPage: ['results on a page', '', count],
  maxWaitSeconds: ['longest wait in a request', '', duration],
  retentionSeconds: ['time that ended jobs are kept', 'retention', duration],
};

export function open() {
  const page = new Service();
  page.load();
  return page;
}

class Service {
  service = null;
  failure = null;

  title() {
    return 'Service';
  }

  refresh() {
    this.load();
  }

  event(type, data) {
    if (type === 'reset' && data.reason === 'start') this.load();
  }

  async load() {
    try {
      [this.service, this.limits, {runtimes: this.runtimes}] = await Promise.all([
        get('service'),
        get('limits'),
        get('runtimes'),
      ]);
      this.failure = null;
    } catch (failure) {
      this.failure = failure;
    }
    draw();
  }

  view() {
    if (this.failure) return failed(this.failure, () => this.load());
    if (!this.service) return loading;
    const {service} = this;
    const up = (Date.now() - Date.parse(service.startedAt)) / 1000;
    return html`<div class="head"><h1>Service</h1></div>
      <div class="cards">
        <section class="card">
          <h2>Manyhands ${service.version}</h2>
          <dl class="facts">
            <dt>started</dt>
            <dd>${time(service.startedAt)} (${exact(new Date(service.startedAt))})</dd>
            <dt>up for</dt>
            <dd>${duration(up)}</dd>
            <dt>memory</dt>
            <dd>${bytes(service.samples.residentBytes.at(-1))}</dd>
            <dt>store</dt>
            <dd>${service.store}</dd>
            <dt>jobs</dt>
            <dd>
              ${live.load ? `${count(live.load.jobs.running)} running, ${count(live.load.jobs.queued)} queued, ${count(live.load.jobs.waiting)} waiting` : '–'}
            </dd>
            <dt>workers ended</dt>
            <dd>
              ${
                Object.entries(service.workerRestarts)
                  .filter(([, n]) => n)
                  .map(([reason, n]) => `${reason} ${n}`)
                  .join(', ') || 'none'
              }
            </dd>
          </dl>
        </section>
        <section class="card">
          <h2>Ways in</h2>
          <ul class="advice">
            <li><a href="client/">the Python client: a line that installs it</a></li>
            <li><a href="swagger-ui.html">the API, to read and to try</a></li>
            <li><a href="v3/api-docs">its description (OpenAPI)</a>, for programs</li>
            <li><code>${address('../../actuator/prometheus')}</code>: metrics for Prometheus</li>
            <li><code>${address('../../actuator/health')}</code>: health</li>
          </ul>
          <p></p>
          <pre tabindex="0">curl -sS ${address('jobs')}</pre>
          <p></p>
          ${copyButton(`curl -sS ${address('jobs')}`, 'curl')}
        </section>
      </div>
      <p></p>
      <section class="card">
        <h2>The last ten minutes</h2>
        <div class="cards">
          <div>
            <h3>Items per second</h3>
            ${this.chart('itemsPerSecond', 'items/s', '--run-fill')}
          </div>
          <div>
            <h3>Slots busy</h3>
            ${this.chart('slotsBusy', 'slots', '--ok-fill')}
          </div>
        </div>
      </section>
      <p></p>
      <div class="split half">${this.limitTable()} ${this.runtimeCards()}</div>`;
  }

  chart(name, label, colour) {
    const values = live.samples[name];
    const now = Date.now() / 1000;
    return html`<mh-chart
      role="img"
      aria-label="${label} in the last ten minutes"
      height="150"
      .plot=${{x: values.map((_, i) => now - (values.length - 1 - i)), lines: [{label, values: [...values], colour, fill: true}], isClock: true}}
    ></mh-chart>`;
  }

  limitTable() {
    return html`<div class="table" tabindex="0">
      <table>
        <caption>
          Limits in force
        </caption>
        <thead>
          <tr>
            <th>Limit</th>
            <th class="num">Value</th>
            <th class="opt">Setting</th>
          </tr>
        </thead>
        <tbody>
          ${Object.entries(this.limits).map(([name, value]) => {
            const [words, setting, write] = LIMITS[name] ?? [name, '', String];
            return html`<tr>
              <th scope="row">${words}</th>
              <td class="num">${value === null || (value === 0 && write !== String) ? 'no limit' : write(value)}</td>
              <td class="opt"><code>${setting ? 'manyhands.' + setting : '–'}</code></td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>`;
  }

  runtimeCards() {
    return html`<div class="stack">
      ${this.runtimes.map(
        (one) =>
          html`<section class="card">
            <h2>
              ${one.runtime}
              ${one.available ? html`<span class="ok-text">✔ available</span>` : html`<span class="bad-text">✖ not available</span>`}
            </h2>
            ${one.error ? html`<p>${one.error}</p>` : nothing}
            <dl class="facts">
              ${[
                ['version', one.version],
                ['implementation', one.implementation],
                ['vendor', one.vendor],
                ['from', one.executable],
                ['platform', one.platform],
              ]
                .filter(([, word]) => word)
                .map(
                  ([name, word]) =>
                    html`<dt>${name}</dt>
                      <dd>${word}</dd>`,
                )}
            </dl>
            ${
              one.packages.length
                ? html`<details>
                    <summary>${plural(one.packages.length + one.packagesLeftOut, 'package')} to import</summary>
                    <p class="mono">${one.packages.map((pack) => `${pack.name} ${pack.version ?? ''}`).join(', ')}</p>
                  </details>`
                : nothing
            }
          </section>`,
      )}
    </div>`;
  }
}
