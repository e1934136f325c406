// The fields of the form of a job, each with the faults that are about it.

import {draw} from '../app.js';
import '../editor.js';
import {live as liveValue} from '../lib/lit-html/directives/live.js';
import {bytes, html, nothing, plural, sentence} from '../ui.js';
import {BLANK, FIELD_OF, filledLines} from './form.js';

export const KINDS = {
  python: 'Python code',
  registered: 'a registered function',
  command: 'an executable',
  java: 'a Java class',
};
export const FROM = {
  json: 'a list (JSON)',
  range: 'a range of numbers',
  repeat: 'one value, many times',
  lines: 'lines or a file',
  results: "another job's results",
  open: 'they come later',
};

/** The field that a fault is about: its pointer is the longest that equals, or leads to, the pointer of the fault. */
export function fieldOf(fault) {
  let found = null;
  for (const [pointer, field] of FIELD_OF) {
    if (
      (fault.pointer === pointer || fault.pointer.startsWith(pointer + '/')) &&
      pointer.length > (found?.pointer.length ?? 0)
    )
      found = {pointer, field};
  }
  if (!found && fault.pointer === '/more') return 'more';
  return found?.field;
}

export class Fields {
  form = {...BLANK};
  faults = [];
  functions = [];

  set(field, value) {
    this.form[field] = value;
    this.faults = this.faults.filter((fault) => fieldOf(fault) !== field);
    draw();
  }

  faultsOf(field) {
    return this.faults.filter((fault) => fieldOf(fault) === field);
  }

  under(field) {
    return this.faultsOf(field).map(
      (fault) => html`<span class="fault" id="fault-${field}">✖ ${sentence(fault.detail)}</span>`,
    );
  }

  field(field, words, {help = '', type = 'text', full = false, placeholder = '', list = null} = {}) {
    const isBad = this.faultsOf(field).length > 0;
    return html`<label class=${full ? 'full' : ''}
      >${words}
      <input
        type=${type}
        name=${field}
        placeholder=${placeholder}
        list=${list ?? nothing}
        .value=${liveValue(this.form[field])}
        aria-invalid=${isBad ? 'true' : nothing}
        aria-describedby=${isBad ? 'fault-' + field : nothing}
        @input=${(e) => this.set(field, e.target.value)}
      />
      ${help ? html`<small>${help}</small>` : nothing} ${this.under(field)}</label
    >`;
  }

  choice(field, words, options) {
    return html`<label
      >${words}<select
        name=${field}
        aria-invalid=${this.faultsOf(field).length ? 'true' : nothing}
        @change=${(e) => this.set(field, e.target.value)}
      >
        ${options.map(
          ([value, word]) =>
            html`<option value=${value} ?selected=${(this.form[field] || options[0][0]) === value}>
              ${word ?? value}
            </option>`,
        )}</select
      >${this.under(field)}</label
    >`;
  }

  tick(field, words) {
    return html`<label class="choice"
      ><input
        type="checkbox"
        name=${field}
        .checked=${liveValue(this.form[field])}
        @change=${(e) => this.set(field, e.target.checked)}
      />
      ${words}</label
    >`;
  }

  area(field, words, {rows = 4, help = ''} = {}) {
    return html`<label class="full"
      >${words}<textarea
        name=${field}
        rows=${rows}
        spellcheck="false"
        .value=${liveValue(this.form[field])}
        aria-invalid=${this.faultsOf(field).length ? 'true' : nothing}
        @input=${(e) => this.set(field, e.target.value)}
      ></textarea>
      ${help ? html`<small>${help}</small>` : nothing} ${this.under(field)}</label
    >`;
  }

  radios(field, legend, options) {
    return html`<fieldset class="choices">
      <legend>${legend}</legend>
      ${Object.entries(options).map(
        ([value, word]) =>
          html`<label class="choice">
            <input
              type="radio"
              name=${field}
              value=${value}
              .checked=${liveValue(this.form[field] === value)}
              @change=${() => this.set(field, value)}
            />
            ${word}</label
          >`,
      )}
    </fieldset>`;
  }

  functionFields() {
    const {form} = this;
    switch (form.kind) {
      case 'registered': {
        const known = this.functions.find((one) => one.name === form.registered.split('@')[0]);
        return html`<datalist id="functions">
            ${this.functions.map((one) => html`<option value=${one.name}></option>`)}
          </datalist>
          <div class="fields">
            ${this.field('registered', 'Name', {list: 'functions', full: true, placeholder: 'check_prime'})}
          </div>
          ${known ? html`<p class="dim">${known.runtime}${known.builtIn ? ', built in' : ''} <a href="#/functions/${encodeURIComponent(known.name)}">look at it</a></p>` : nothing}`;
      }
      case 'command':
        return html`<div class="fields">
          ${this.area('command', 'Program and arguments, one a line', {help: 'It reads an item a line on stdin, and writes a result a line. It must flush each line.'})}
          ${this.choice('protocol', 'Protocol', [
            ['lines', 'lines of JSON'],
            ['text', 'lines of text'],
            ['frames', 'frames'],
          ])}${this.tick('indexed', 'answers carry the index of their item')}
        </div>`;
      case 'java':
        return html`<div class="fields">
          ${this.field('className', 'Class', {placeholder: 'shop.Price'})}${this.field('jar', 'Jar', {placeholder: 'shop.jar'})}
        </div>`;
      default:
        return html`<mh-editor
            label="Python code"
            .value=${form.code}
            @change=${(e) => this.set('code', e.target.value)}
          ></mh-editor>
          <p class="help">Tab leaves the editor; Control and ] indents.</p>
          <div class="fields">
            ${this.field('entry', 'Function to call', {help: 'only needed if there are several'})}
          </div>`;
    }
  }

  inputFields() {
    const {form} = this;
    switch (form.from) {
      case 'json':
        return html`<div class="fields">
          ${this.area('json', 'Items', {rows: 5, help: 'Each item is one argument of the function. With starmap an array is spread over the arguments.'})}
        </div>`;
      case 'range':
        return html`<div class="fields">
          ${this.field('start', 'From')}${this.field('stop', 'Up to, not with it')}${this.field('step', 'Step')}
        </div>`;
      case 'repeat':
        return html`<div class="fields">${this.field('value', 'Value (JSON)')}${this.field('times', 'Times')}</div>`;
      case 'results':
        return html`<div class="fields">
          ${this.field('results', 'Id of the other job', {full: true, help: 'The job waits until that one has succeeded.'})}
        </div>`;
      case 'open':
        return html`<p>Items are appended by <code>POST …/inputs</code> until <code>POST …/close</code>.</p>`;
      default:
        return html`<div
            class="drop"
            @dragover=${(e) => {
              e.preventDefault();
              e.currentTarget.classList.add('over');
            }}
            @dragleave=${(e) => e.currentTarget.classList.remove('over')}
            @drop=${(e) => this.drop(e)}
          >
            ${
              form.file
                ? html`<strong>${form.file.name}</strong> (${bytes(form.file.size)})
                    <button class="small" @click=${() => this.set('file', null)}>Remove</button>`
                : html`<label
                      >Drop a file here, or choose one<input
                        type="file"
                        accept=".ndjson,.jsonl,.csv,.txt,.json"
                        @change=${(e) => this.set('file', e.target.files[0] ?? null)}
                    /></label>
                    <p class="dim">NDJSON: an item a line. CSV: a row is an object, by the names in the first row.</p>`
            }
          </div>
          ${form.file ? nothing : html`<div class="fields">${this.area('lines', 'Or lines: an item each', {rows: 5, help: `${plural(filledLines(form.lines).length, 'item')}. A line that is not JSON is a text.`})}</div>`}`;
    }
  }

  drop(event) {
    event.preventDefault();
    event.currentTarget.classList.remove('over');
    const [file] = event.dataTransfer.files;
    if (file) this.set('file', file);
  }

  options() {
    const more = (words, content) =>
      html`<details>
        <summary>${words}</summary>
        <div class="fields">${content}</div>
      </details>`;
    return html`<div class="fields">
        ${this.field('name', 'Name', {placeholder: 'for people'})}
        ${this.choice('reduce', 'Result', [['list', 'a list: all values'], ...['sum', 'mean', 'min', 'max', 'count', 'any', 'all', 'find'].map((one) => [one])])}
        ${this.field('workers', 'Workers', {placeholder: 'all slots'})}
        ${this.field('seed', 'Seed', {placeholder: 'none'})}
      </div>
      ${more(
        'How it runs',
        html`${this.choice('call', 'Call', [
          ['map', 'map: the item is the argument'],
          ['starmap', 'starmap: spread the item'],
        ])}
        ${this.field('threads', 'Threads in each worker', {placeholder: '1'})}
        ${this.field('chunk', 'Items in a chunk', {placeholder: 'automatic'})}
        ${this.choice('order', 'Order of dispatch', [['input'], ['reversed'], ['shuffled']])}
        ${this.field('priority', 'Priority, 0 to 9', {placeholder: '5'})}
        ${this.field('memory', 'Memory of a worker', {placeholder: '512MB'})} ${this.tick('cache', 'remember values')}
        ${this.tick('paused', 'paused at first')}
        ${this.area('common', 'Arguments for every call (JSON object)', {rows: 2})}`,
      )}
      ${more(
        'Failures and retries',
        html`${this.field('maxFailures', 'Failures that are allowed', {placeholder: '0, or 5%'})}
        ${this.choice('onError', 'Beyond them', [
          ['continue', 'finish the rest'],
          ['stop', 'stop at once'],
        ])}
        ${this.field('retryError', 'Attempts after an error', {placeholder: '1'})}
        ${this.field('retryCrash', '… after a crash', {placeholder: '2'})}
        ${this.field('retryTimeout', '… after a timeout', {placeholder: '1'})}
        ${this.field('backoff', 'First wait, seconds', {placeholder: '0'})}`,
      )}
      ${more(
        'Time limits',
        html`${this.field('itemSeconds', 'Seconds for an item')} ${this.field('cpuSeconds', 'Processor seconds')}
        ${this.field('jobSeconds', 'Seconds for the job')} ${this.field('ttl', 'Seconds to keep it')}`,
      )}
      ${more('Labels and description', html`${this.area('labels', 'Labels, key=value', {rows: 2})} ${this.area('description', 'Description', {rows: 2})}`)}
      ${more(
        'Other options',
        html`${this.choice('nonFinite', 'NaN and infinity', [
          ['error', 'an error'],
          ['null', 'null'],
          ['string', 'a text'],
        ])}
        ${this.area('more', 'Further options of the API (JSON object)', {rows: 3, help: 'Such as stopWhen, after, notBefore, callback.'})}`,
      )}`;
  }
}
