// The items of a job, failed ones first, and a drawer that shows one of them whole.

import {download, get, lines, query} from '../api.js';
import {draw, setQuery} from '../app.js';
import {
  attempt,
  bytes,
  copyButton,
  count,
  dialog,
  duration,
  empty,
  failed,
  hasEnded,
  html,
  loading,
  nothing,
  state,
  time,
} from '../ui.js';
import {brief, value, whole} from './values.js';
import {Tab} from './tab.js';

const PAGE = 100;
const MOST = 500;
const CHOICES = {
  FAILED: 'failed',
  SUCCEEDED: 'succeeded',
  RUNNING: 'running',
  PENDING: 'not begun',
  SKIPPED: 'skipped',
  ALL: 'all',
};

export function open(page, route) {
  return new Items(page, route);
}

class Items extends Tab {
  items = null;
  next = null;
  failure = null;
  drawer = null;

  constructor(page, route) {
    super(page);
    this.choice = route.query.get('state') ?? '';
    this.reload();
    this.route(route);
  }

  route(route) {
    const item = route.query.get('item');
    if (item !== null) this.look(Number(item));
  }

  needsMore() {
    return !this.items || this.items.length < PAGE;
  }

  close() {
    super.close();
    this.drawer?.close();
  }

  /** The state that is listed: FAILED if any items have failed, unless the user chose another. */
  chosen() {
    return this.choice || (this.page.job?.items.failed ? 'FAILED' : 'ALL');
  }

  async load(cursor) {
    const chosen = this.chosen();
    try {
      const list = await get(
        this.page.path(
          '/items' +
            query({
              state: chosen === 'ALL' ? null : chosen,
              limit: PAGE,
              cursor,
            }),
        ),
      );
      if (chosen !== this.chosen()) return;
      this.items = cursor ? [...this.items, ...list.items].slice(-MOST) : list.items;
      this.next = list.next;
      this.failure = null;
    } catch (failure) {
      this.failure = failure;
    }
    draw();
  }

  choose(name) {
    this.choice = name;
    this.items = null;
    setQuery({state: name, item: ''});
    this.load();
    draw();
  }

  // ---- one item

  async look(index) {
    setQuery({item: String(index)});
    this.index = index;
    this.item = null;
    this.log = [];
    this.problem = null;
    if (!this.drawer) {
      this.drawer = dialog(
        (close, again) => {
          this.redraw = again;
          return this.drawerView(close);
        },
        {
          label: 'Item',
          wide: true,
          onClose: () => {
            this.drawer = null;
            setQuery({item: ''});
          },
        },
      );
    }
    this.redraw();
    try {
      const [item, log] = await Promise.all([
        get(this.page.path('/items/' + index)),
        lines(this.page.path(`/items/${index}/log`)),
      ]);
      if (this.index !== index) return;
      this.item = item;
      this.log = log;
    } catch (failure) {
      this.problem = failure;
    }
    this.redraw();
  }

  drawerView(close) {
    const {item, index} = this;
    const total = this.page.job?.items.total ?? Infinity;
    const step = (to, words, shape) =>
      html`<button aria-label=${words} ?disabled=${to < 0 || to >= total} @click=${() => this.look(to)}>
        ${shape}
      </button>`;
    return html`<div class="head">
        <h2>Item ${count(index)}</h2>
        ${item ? state(item.state) : nothing}
        <div class="actions">
          ${step(index - 1, 'the item before', '‹')} ${step(index + 1, 'the next item', '›')}
          <button autofocus @click=${() => close()}>Close</button>
        </div>
      </div>
      ${this.problem ? html`<p class="bad-text" role="alert">${this.problem.message}</p>` : item ? this.itemView(item, close) : loading}`;
  }

  itemView(item, close) {
    const {error} = item;
    return html`<div class="stack">
      <div>
        <h3>Input ${copyButton(() => JSON.stringify(item.input), 'input')}</h3>
        ${whole(item.input)}
      </div>
      ${
        error
          ? html`<div>
              <h3 class="bad-text">✖ ${error.kind} ${error.type}</h3>
              <p>${error.message}</p>
              ${
                error.traceback
                  ? html`<pre tabindex="0">${error.traceback}</pre>
                      <p></p>
                      ${copyButton(error.traceback, 'traceback')}`
                  : nothing
              }
            </div>`
          : item.state === 'SUCCEEDED'
            ? html`<div>
                <h3>Value ${copyButton(() => JSON.stringify(item.value), 'value')}</h3>
                ${whole(item.value)}
              </div>`
            : nothing
      }
      ${
        this.log.length
          ? html`<div>
              <h3>Printed</h3>
              <pre class="short" tabindex="0">
${this.log.map((line) => (line.text ?? `… ${line.dropped} lines were not kept …`) + '\n')}</pre>
            </div>`
          : nothing
      }
      ${
        item.worker === null
          ? nothing
          : html`<div>
              <h3>Where it ran</h3>
              <dl class="facts">
                <dt>worker</dt>
                <dd>#${item.worker}, process ${item.pid}</dd>
                <dt>chunk</dt>
                <dd>
                  items ${item.chunk ? `${count(item.chunk.items[0])} to ${count(item.chunk.items[1] - 1)}` : '–'}
                </dd>
                <dt>time</dt>
                <dd>
                  ${duration(item.seconds)}${item.chunk && item.chunk.items[1] - item.chunk.items[0] > 1 ? ' on average in the chunk' : ''}
                </dd>
                <dt>finished</dt>
                <dd>${time(item.finishedAt)}</dd>
                <dt>attempts</dt>
                <dd>${item.attempts}</dd>
                <dt>peak memory</dt>
                <dd>${bytes(item.peakRss)}</dd>
              </dl>
            </div>`
      }
      ${item.cached ? html`<p>The value was remembered: nothing was run for it.</p>` : nothing}
      ${item.parentIndex === null || item.parentIndex === undefined ? nothing : html`<p>It is item ${count(item.parentIndex)} of the job that was tried again.</p>`}
      <div class="actions">
        ${item.links.script ? html`<button @click=${() => attempt(() => download(this.page.path(`/items/${item.index}/script`), `item-${item.index}.py`))}>Python file that repeats it</button>` : nothing}
        <a class="button" href="#/submit${query({from: this.page.id, item: item.index})}" @click=${() => close()}
          >Run it with changes…</a
        >
      </div>
    </div>`;
  }

  // ---- the list

  view(job) {
    const chosen = this.chosen();
    const {items} = job;
    const numbers = {FAILED: items.failed, SUCCEEDED: items.succeeded, SKIPPED: items.skipped, ALL: items.total};
    const name = `${job.name || job.function.name}-${this.page.id.slice(0, 8)}`;
    return html`<div class="filters">
        <div class="chips" role="group" aria-label="State of the items">
          ${Object.entries(CHOICES)
            .filter(([key]) => !hasEnded(job) || !['RUNNING', 'PENDING'].includes(key))
            .map(
              ([key, word]) =>
                html`<button aria-pressed=${chosen === key} @click=${() => this.choose(key)}>
                  ${word} <span class="dim">${key in numbers ? count(numbers[key]) : ''}</span>
                </button>`,
            )}
        </div>
        <form
          class="actions"
          @submit=${(e) => {
            e.preventDefault();
            const {value: index} = e.target.elements.index;
            if (index !== '') this.look(Number(index));
          }}
        >
          <label class="choice"
            >go to item <input name="index" type="number" min="0" max=${Math.max(0, items.total - 1)} data-search
          /></label>
        </form>
        <div class="actions">
          <button
            @click=${() => attempt(() => download(this.page.path('/results'), name + '.ndjson', {Accept: 'application/x-ndjson'}))}
          >
            Results, a line each
          </button>
          <button
            @click=${() => attempt(() => download(this.page.path('/results?include=input'), name + '-inputs.ndjson', {Accept: 'application/x-ndjson'}))}
          >
            … with inputs
          </button>
        </div>
      </div>
      ${this.list(job)}`;
  }

  list(job) {
    if (this.failure) return failed(this.failure, this.reload);
    if (!this.items) return loading;
    if (!this.items.length) {
      return empty(
        'No such items',
        html`<p>${this.next ? 'Not among those that were looked at.' : 'The job has none in this state.'}</p>
          ${this.next ? html`<button @click=${() => this.load(this.next)}>Look further</button>` : nothing}`,
      );
    }
    const isReduced = this.items.every((item) => item.state === 'SUCCEEDED' && item.valueBytes === null);
    return html`<div class="table" tabindex="0">
      <table>
        <caption class="sr">
          Items
        </caption>
        <thead>
          <tr>
            <th class="num tight">Item</th>
            <th class="opt tight">State</th>
            <th>Value or error</th>
            <th class="num opt">Time</th>
            <th class="num opt">Attempts</th>
          </tr>
        </thead>
        <tbody>
          ${this.items.map(
            (item) =>
              html`<tr>
                <th scope="row" class="num">
                  <button class="link" @click=${() => this.look(item.index)}>${count(item.index)}</button>
                </th>
                <td class="opt">${state(item.state)}</td>
                <td>
                  ${
                    item.error
                      ? html`<span class="bad-text">✖ ${item.error.kind} ${item.error.type}</span>
                          ${item.error.message.slice(0, 300)}`
                      : item.valueBytes === null
                        ? html`<span class="dim">${isReduced ? 'part of the result' : '–'}</span>`
                        : html`<span title=${brief(item.value)}>${value(item.value, item.valueBytes)}</span>`
                  }
                  ${item.cached ? html`<span class="tag">remembered</span>` : nothing}
                </td>
                <td class="num opt">${duration(item.seconds)}</td>
                <td class="num opt">${item.attempts || '–'}</td>
              </tr>`,
          )}
        </tbody>
      </table>
      ${
        this.next
          ? html`<div class="more">
              <button @click=${() => this.load(this.next)}>More</button>
              <span class="dim">${count(this.items.length)} are shown</span>
            </div>`
          : nothing
      }
    </div>`;
  }
}
