// The job as it was submitted: its function, its options, its first inputs.

import {address, query, readStart, send} from '../api.js';
import {draw} from '../app.js';
import {parse} from '../json.js';
import {copyButton, failed, html, loading, nothing} from '../ui.js';
import {curl, python} from './snippets.js';
import {brief} from './values.js';

const MOST = 512 * 1024;

export function open(page) {
  return new Code(page);
}

/**
 * Reads a job as a request; its inputs come last. If the request is longer than MOST bytes, `isCut` is true. The
 * request then has at most the first ten inputs, or none.
 */
export async function readRequest(id) {
  const answer = await send(`jobs/${encodeURIComponent(id)}/request`);
  const {text, whole} = await readStart(answer, MOST);
  if (whole) return {request: parse(text), isCut: false};
  // Keeps no inputs if they are no array, or if it is not certain where the array begins.
  const at = text.lastIndexOf('"inputs":[');
  const start = text.indexOf('"inputs":[');
  if (start < 0 || at !== start)
    return {request: parse(text.slice(0, text.indexOf(',"inputs":')) + '}'), isCut: true};
  const head = parse(text.slice(0, start).replace(/,\s*$/, '') + '}');
  return {request: {...head, inputs: firstOf(text.slice(start + 10))}, isCut: true};
}

/** The first items of an array whose end is missing, at most ten. */
function firstOf(text) {
  const items = [];
  let from = 0;
  for (let at = text.indexOf(','); at > 0 && items.length < 10; at = text.indexOf(',', at + 1)) {
    try {
      items.push(parse(text.slice(from, at)));
      from = at + 1;
    } catch (failure) {
      // The comma is inside an item.
      if (!(failure instanceof SyntaxError)) throw failure;
    }
  }
  return items;
}

class Code {
  request = null;
  failure = null;

  constructor(page) {
    this.page = page;
    this.load();
  }

  refresh() {
    this.load();
  }

  async load() {
    try {
      ({request: this.request, isCut: this.isCut} = await readRequest(this.page.id));
      this.failure = null;
    } catch (failure) {
      this.failure = failure;
    }
    draw();
  }

  view() {
    if (this.failure?.status === 409) return html`<p class="pad">${this.failure.message}</p>`;
    if (this.failure) return failed(this.failure, () => this.load());
    if (!this.request) return loading;
    const {function: one, inputs, ...options} = this.request;
    const words = Object.entries(options);
    return html`<div class="split half">
      <div class="stack">
        <section class="card">
          <h2>Function</h2>
          ${this.functionView(one)}
        </section>
        <section class="card">
          <h2>Inputs</h2>
          ${
            Array.isArray(inputs)
              ? html`<pre class="short" tabindex="0">${inputs.slice(0, 10).map((item) => brief(item, 300) + '\n')}</pre>
                  ${this.isCut || inputs.length > 10 ? html`<p class="dim">The first ${Math.min(10, inputs.length)} are shown.</p>` : nothing}`
              : html`<code>${JSON.stringify(inputs)}</code>`
          }
        </section>
      </div>
      <div class="stack">
        <section class="card">
          <h2>Options that differ from their defaults</h2>
          ${
            words.length
              ? html`<dl class="facts">
                  ${words.map(
                    ([name, value]) =>
                      html`<dt>${name}</dt>
                        <dd><code>${JSON.stringify(value)}</code></dd>`,
                  )}
                </dl>`
              : html`<p class="dim">None.</p>`
          }
        </section>
        <section class="card">
          <h2>Once more</h2>
          <div class="actions">
            <a class="button main" href="#/submit${query({from: this.page.id})}">Run again with changes…</a>
            ${
              this.isCut
                ? html`<p class="dim">
                    The inputs are too long to be copied here. They are in
                    <code>${address(this.page.path('/request'))}</code>.
                  </p>`
                : html`${copyButton(() => curl(this.request), 'curl')}
                  ${copyButton(() => python(this.request), 'Python')}
                  ${copyButton(() => JSON.stringify(this.request, null, 2), 'JSON')}`
            }
          </div>
        </section>
      </div>
    </div>`;
  }

  functionView(one) {
    if (typeof one === 'string') {
      return html`<p>
        Registered: <a class="mono" href="#/functions/${encodeURIComponent(one.split('@')[0])}">${one}</a>
      </p>`;
    }
    if (one.code)
      return html`<p class="dim">Python${one.entry ? html`, function <code>${one.entry}</code>` : ''}</p>
        <pre class="nowrap" tabindex="0">${one.code}</pre>
        <p></p>
        ${copyButton(one.code, 'code')}`;
    return html`<pre tabindex="0">${JSON.stringify(one, null, 2)}</pre>`;
  }
}
