// One job: what it is, how far it is, what can be done with it. Each tab is a module of its own.

import {address, call, get, post, query, send} from '../api.js';
import {app, draw, go} from '../app.js';
import {live} from '../live.js';
import {
  attempt,
  confirm,
  copy,
  count,
  dialog,
  duration,
  empty,
  failed,
  hasEnded,
  html,
  loading,
  notice,
  nothing,
  perSecond,
  plural,
  progress,
  state,
  throttled,
  time,
  took,
} from '../ui.js';

const TABS = {
  overview: ['Overview', () => import('./overview.js')],
  items: ['Items', () => import('./items.js')],
  errors: ['Errors', () => import('./errors.js')],
  timeline: ['Timeline', () => import('./timeline.js')],
  report: ['Report', () => import('./report.js')],
  log: ['Log', () => import('./log.js')],
  code: ['Input & code', () => import('./code.js')],
  callback: ['Callback', () => import('./callback.js')],
};

export function open(route) {
  const page = new Job(route.parts[1]);
  page.ready = page.load();
  page.route(route);
  return page;
}

class Job {
  job = null;
  failure = null;
  isDeleted = false;
  tab = null;
  tabName = '';
  /** How often the job was asked for, and which of the answers was taken last: an older one comes too late. */
  asked = 0;
  taken = 0;

  constructor(id) {
    this.id = id;
    this.reload = throttled(1_000, () => this.load());
  }

  title() {
    return this.job
      ? `${this.job.state === 'RUNNING' ? `${Math.floor((this.job.progress.fraction ?? 0) * 100)} % ` : ''}${this.name()}`
      : 'Job';
  }

  name() {
    return this.job.name || this.job.function.name;
  }

  path(rest = '') {
    return `jobs/${encodeURIComponent(this.id)}${rest}`;
  }

  async route(route) {
    const name = route.parts[2] ?? 'overview';
    if (name === this.tabName) {
      this.tab?.route?.(route);
      return;
    }
    this.tab?.close?.();
    this.tab = null;
    this.tabName = name;
    draw();
    try {
      const [module] = await Promise.all([(TABS[name] ?? TABS.overview)[1](), this.ready]);
      if (this.tabName !== name || this.isClosed || !this.job) return;
      this.tab = module.open(this, app.route);
    } catch (failure) {
      this.failure = failure;
    }
    draw();
  }

  close() {
    this.isClosed = true;
    this.reload.stop();
    this.tab?.close?.();
  }

  refresh() {
    this.load();
    this.tab?.refresh?.();
  }

  async load() {
    const asked = ++this.asked;
    try {
      const job = await get(this.path());
      if (asked < this.taken) return;
      this.taken = asked;
      const before = this.job?.state;
      this.job = job;
      this.failure = null;
      if (before && before !== job.state) this.tab?.changed?.(true);
      else this.tab?.changed?.(false);
    } catch (failure) {
      if (failure.status === 404 && this.job) this.isDeleted = true;
      else if (!this.job) this.failure = failure;
    }
    draw();
  }

  event(type, data) {
    if (data?.id !== this.id) {
      if (type === 'reset' && data.reason === 'start' && this.job) this.reload();
      return;
    }
    if (type === 'deleted') {
      this.isDeleted = true;
    } else if (type === 'job' && !this.job) {
      this.reload(); // the answer that is under way may be older than this event
    } else if (type === 'job') {
      const {items, state: now, chunks} = data;
      Object.assign(this.job, {items, chunks});
      if (now === this.job.state || !hasEnded(data)) Object.assign(this.job, {state: now, startedAt: data.startedAt});
      if (items.total && !data.inputsOpen) this.job.progress.fraction = items.done / items.total;
      if (hasEnded(data)) this.reload.now();
      else this.reload();
    }
  }

  // ---- actions

  /** Does something that changes the job, and shows the job as the answer has it. */
  async change(action, words) {
    await attempt(async () => {
      const job = await action();
      if (job?.id === this.id) this.job = job;
      if (words) notice(words);
      draw();
    });
  }

  async cancel() {
    const {items} = this.job;
    const left = items.total - items.done;
    const isSure = await confirm({
      title: 'Cancel this job?',
      text: `${plural(items.done, 'item')} done keep their results. ${this.job.inputsOpen ? 'No more inputs are accepted. ' : ''}${plural(left, 'item')} will not be run. This cannot be undone.`,
      action: 'Cancel the job',
      safe: 'Let it run',
    });
    if (isSure) this.change(() => post(this.path('/cancel')), 'The job is being cancelled.');
  }

  async remove() {
    const isSure = await confirm({
      title: 'Delete this job?',
      text: `The job, its ${plural(this.job.items.total, 'input')}, its results and its log are removed. This cannot be undone.`,
      action: 'Delete the job',
    });
    if (!isSure) return;
    await attempt(async () => {
      await send(this.path(), {method: 'DELETE'});
      notice('The job is deleted.');
      go('/jobs');
    });
  }

  async retry(only = 'failed') {
    await attempt(async () => {
      const job = await post(this.path('/retry'), {only});
      notice(`A new job runs the ${only === 'failed' ? 'failed' : 'unfinished'} items again.`);
      go('/jobs/' + job.id);
    });
  }

  patch(change, words) {
    this.change(
      () =>
        call(this.path(), {
          method: 'PATCH',
          body: change,
          headers: {'Content-Type': 'application/merge-patch+json'},
        }),
      words,
    );
  }

  more() {
    const {job} = this;
    const script = `curl -sS ${address(this.path())}`;
    dialog(
      (close) =>
        html`<h2>More</h2>
          <div class="stack">
            <button @click=${() => copy(this.id, 'Id copied')}>Copy the id</button>
            <button @click=${() => copy(script, 'Line copied')}>Copy a curl line that shows this job</button>
            <button @click=${() => copy(PYTHON(address(this.path())), 'Program copied')}>
              Copy Python that reads its results
            </button>
            <button
              @click=${() => {
                close();
                go(`/comparisons?job=${this.id}`);
              }}
            >
              Compare ways to run it…
            </button>
            ${
              hasEnded(job)
                ? html`<button
                    class="danger"
                    @click=${() => {
                      close();
                      this.remove();
                    }}
                  >
                    Delete…
                  </button>`
                : html`<p class="dim">A job that has not ended cannot be deleted. Cancel it first.</p>`
            }
          </div>
          <div class="actions"><button autofocus @click=${() => close()}>Close</button></div>`,
      {label: 'More'},
    );
  }

  actions() {
    const {job} = this;
    const ended = hasEnded(job);
    const unfinished = ended && job.items.total - job.items.succeeded - job.items.failed;
    return html`<div class="actions">
      ${job.items.failed && ended ? html`<button class="main" @click=${() => this.retry()}>Retry failed (${count(job.items.failed)})</button>` : nothing}
      ${unfinished > 0 ? html`<button @click=${() => this.retry('unfinished')}>Run the rest (${count(unfinished + job.items.failed)})</button>` : nothing}
      <a class="button" href="#/submit${query({from: this.id})}">Run again…</a>
      ${
        ended
          ? nothing
          : html` <button
                @click=${() => this.patch({paused: !job.paused}, job.paused ? 'The job goes on.' : 'The job pauses: running items finish, no others start.')}
              >
                ${job.paused ? '▶ Go on' : '‖ Pause'}
              </button>
              <label class="choice"
                >priority
                <select
                  aria-label="Priority"
                  @change=${(e) => this.patch({priority: Number(e.target.value)}, 'The priority is changed.')}
                >
                  ${[...Array(10).keys()].map((n) => html`<option ?selected=${n === job.priority}>${n}</option>`)}
                </select></label
              >
              <button class="danger" @click=${() => this.cancel()}>Cancel…</button>`
      }
      <button aria-label="More actions" @click=${() => this.more()}>⋯</button>
    </div>`;
  }

  // ---- drawing

  view() {
    if (this.failure?.status === 404) {
      return empty(
        'There is no such job',
        html`<p>It may have been deleted. Its id was <code>${this.id}</code>.</p>
          <a class="button" href="#/jobs">All jobs</a>`,
      );
    }
    if (this.failure) return failed(this.failure, () => this.refresh());
    if (!this.job) return loading;
    const {job} = this;
    return html` ${
        this.isDeleted
          ? html`<p class="notice bad" role="status">This job was deleted. You see what was last known of it.</p>
              <p></p>`
          : nothing
      }
      <div class="head">
        <div><h1>${this.name()}</h1></div>
        ${this.actions()}
      </div>
      <div class="meta">
        ${state(job.state)} ${job.paused && !hasEnded(job) ? state('PAUSED') : nothing}
        <a class="mono" href="#/functions/${encodeURIComponent(job.function.name)}" title=${job.function.digest}
          >${job.function.name}</a
        >
        <span>${job.function.runtime}</span>
        <span>submitted ${time(job.submittedAt)}</span>
        ${job.startedAt ? html`<span>ran ${duration(took(job))}</span>` : nothing}
        ${job.seed === null ? nothing : html`<span>seed ${job.seed}</span>`}
        ${Object.entries(job.labels).map(([key, value]) => html`<a class="tag" href="#/jobs${query({label: `${key}:${value}`})}">${key}=${value}</a>`)}
        ${job.parentId ? html`<a href="#/jobs/${job.parentId}">retry of another job</a>` : nothing}
        ${hasEnded(job) && job.items.failed ? html`<a href="#/jobs${query({parent: this.id})}">its retries</a>` : nothing}
        <button class="link mono" title="Copy the id" @click=${() => copy(this.id, 'Id copied')}>${this.id}</button>
      </div>
      ${job.description ? html`<p>${job.description}</p>` : nothing} ${this.bar()} ${this.whyWaiting()}
      <nav class="tabs" aria-label="Parts of the job">
        ${Object.entries(TABS).map(
          ([name, [word]]) =>
            html` <a
              href="#/jobs/${this.id}${name === 'overview' ? '' : '/' + name}"
              aria-current=${this.tabName === name ? 'page' : nothing}
              >${word}${name === 'errors' && job.items.failed ? ` (${count(job.items.failed)})` : ''}</a
            >`,
        )}
      </nav>
      ${this.tab ? this.tab.view(job) : loading}`;
  }

  bar() {
    const {job} = this;
    const {items} = job;
    const rate = live.speeds.get(this.id)?.rate ?? job.progress.itemsPerSecond;
    const left = job.state === 'RUNNING' && rate > 0 && !job.inputsOpen ? (items.total - items.done) / rate : null;
    return html`${progress(items, job.inputsOpen, 'big')}
      <div class="meta">
        <strong>${count(items.done)} of ${count(items.total)}${job.inputsOpen ? ' so far' : ''}</strong>
        <span class="ok-text">✔ ${count(items.succeeded)} succeeded</span>
        ${items.failed ? html`<a class="bad-text" href="#/jobs/${this.id}/errors">✖ ${count(items.failed)} failed</a>` : nothing}
        ${items.skipped ? html`<span>– ${count(items.skipped)} skipped</span>` : nothing}
        ${items.cached ? html`<span>${count(items.cached)} remembered</span>` : nothing}
        ${items.total > 3 && rate ? html`<span>${perSecond(rate)}</span>` : nothing}
        ${left === null ? nothing : html`<span>about ${duration(left)} left</span>`}
        ${job.state === 'RUNNING' ? html`<span>${plural(job.chunks.running, 'chunk')} in workers</span>` : nothing}
        ${hasEnded(job) && job.speedup > 0.1 ? html`<span>speed-up ${job.speedup.toFixed(2)} with ${plural(job.workersUsed, 'worker')}</span>` : nothing}
        ${job.stopReason ? html`<span>ended by: ${job.stopReason}</span>` : nothing}
      </div>`;
  }

  whyWaiting() {
    const {job} = this;
    if (job.state === 'QUEUED') {
      return html`<p>
        Waits for a slot:
        ${live.load ? `${live.load.slots.busy} of ${live.load.slots.total} are busy` : 'others are at work'}.
      </p>`;
    }
    if (job.state !== 'WAITING') return nothing;
    return html`<p>
      Waits ${job.notBefore ? html`until ${time(job.notBefore)} ` : nothing}
      ${job.after.length ? html`for ${job.after.map((id) => html`<a class="mono" href="#/jobs/${id}">${id.slice(0, 13)}…</a> `)}` : nothing}
    </p>`;
  }
}

const PYTHON = (url) => `import json, os, urllib.request

request = urllib.request.Request("${url}/results", headers={"Accept": "application/x-ndjson"})
if token := os.environ.get("MANYHANDS_TOKEN"):
    request.add_header("Authorization", "Bearer " + token)
with urllib.request.urlopen(request) as lines:
    for line in lines:
        print(json.loads(line))
`;
