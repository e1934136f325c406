// The objects that the items of a job share, with what they hold now.

import {get, query} from '../api.js';
import {draw} from '../app.js';
import {bytes, count, hasEnded, html, nothing, plural, time} from '../ui.js';
import {value} from './values.js';

const PAUSE_MS = 1_000;
const FEW = 20;

export class SharedObjects {
  /** As the service lists them; empty for a job without objects. */
  objects = [];
  /** The name of the object whose entries are shown, and its content. */
  opened = null;
  content = null;
  failure = null;

  constructor(page) {
    this.page = page;
  }

  path(rest = '') {
    return this.page.path('/shared' + rest);
  }

  /** Loads the objects, and again each second while items may change them and somebody looks. */
  async load() {
    clearTimeout(this.timer);
    if (!document.hidden || !this.objects.length) {
      try {
        this.objects = (await get(this.path())).shared;
        if (this.opened) this.content = await get(this.path(`/${encodeURIComponent(this.opened)}${query({limit: FEW})}`));
        this.failure = null;
      } catch (failure) {
        this.failure = failure; // the set of the job is gone, or the service is away
      }
      draw();
    }
    if (this.objects.length && !this.isClosed && !hasEnded(this.page.job)) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.load(), PAUSE_MS);
    }
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  toggle(name) {
    this.opened = this.opened === name ? null : name;
    this.content = null;
    this.load();
  }

  view() {
    if (!this.objects.length) return nothing;
    return html`<section class="table" tabindex="0">
      <table>
        <caption>
          Shared objects${this.failure ? html` <span class="bad-text">(as they were: ${this.failure.message})</span>` : nothing}
        </caption>
        <thead>
          <tr>
            <th class="tight">Name</th>
            <th class="tight">Kind</th>
            <th>Now</th>
            <th class="num tight">Waiting</th>
          </tr>
        </thead>
        <tbody>
          ${this.objects.map((object) => this.row(object))}
        </tbody>
      </table>
    </section>`;
  }

  row(object) {
    const isOpen = this.opened === object.name;
    return html`<tr>
        <th scope="row" class="mono">${object.name}</th>
        <td>${object.kind}</td>
        <td>
          ${now(object)}
          ${
            ['dict', 'list', 'queue'].includes(object.kind)
              ? html` <button
                  class="link"
                  aria-expanded=${isOpen}
                  aria-label="Entries of ${object.name}"
                  @click=${() => this.toggle(object.name)}
                >
                  ${isOpen ? 'hide' : 'show'}
                </button>`
              : nothing
          }
          ${isOpen && this.content?.name === object.name ? this.entries() : nothing}
        </td>
        <td class="num">${object.waiting ? count(object.waiting) : nothing}</td>
      </tr>`;
  }

  entries() {
    const {entries, elements, length} = this.content;
    const shown = entries ?? elements;
    return html`<dl class="facts">
        ${shown.map(
          (one, index) =>
            html`<dt>${entries ? value(one.key) : index}</dt>
              <dd>${value(entries ? one.value : one)}</dd>`,
        )}
      </dl>
      ${length > shown.length ? html`<p class="dim">These are the first ${count(shown.length)}.</p>` : nothing}`;
  }
}

function now(object) {
  switch (object.kind) {
    case 'value':
      return html`${value(object.value)} ${held(object)}`;
    case 'lock':
      return object.holder ? held(object) : 'free';
    case 'semaphore':
      return `${count(object.length)} free`;
    default:
      return `${plural(object.length, object.kind === 'dict' ? 'entry' : 'element', object.kind === 'dict' ? 'entries' : 'elements')}, ${bytes(object.bytes)}`;
  }
}

function held({holder}) {
  if (!holder) return nothing;
  return html`held by ${holder.item === null ? nothing : html`item ${holder.item} in `}worker ${holder.worker}, taken ${time(holder.since)}`;
}
