// Writes a job: the function, the inputs, the options; curl and Python are kept in step.

import {get, post, query, send} from '../api.js';
import {draw, go} from '../app.js';
import '../editor.js';
import {EXAMPLES} from '../examples.js';
import {live as liveValue} from '../lib/lit-html/directives/live.js';
import {announce, attempt, bytes, copyButton, html, nothing, plural, sentence} from '../ui.js';
import {readRequest} from './code.js';
import {BLANK, FIELD_OF, csvOf, few, fromRequest, linesOf, toRequest} from './form.js';
import {curl, python} from './snippets.js';

const KINDS = {python: 'Python code', registered: 'a registered function', command: 'an executable', java: 'a Java class'};
const FROM = {json: 'a list (JSON)', range: 'a range of numbers', repeat: 'one value, many times', lines: 'lines or a file', results: "another job's results", open: 'they come later'};

export function open(route) {
  const page = new Submit();
  page.route(route);
  return page;
}

class Submit {
  form = {...BLANK};
  faults = [];
  problem = null;
  shown = 'curl';
  functions = [];
  note = '';

  constructor() {
    get('functions').then(({functions}) => {
      this.functions = functions;
      draw();
    }, () => {});
  }

  title() {
    return 'Submit';
  }

  async route(route) {
    const {query: given} = route;
    this.note = '';
    if (given.has('example')) this.fill(EXAMPLES[Number(given.get('example'))]?.job);
    else if (given.has('function')) this.fill({function: given.get('function'), inputs: [1, 2, 3]});
    else if (given.has('from')) await this.again(given.get('from'), given.get('item'));
    draw();
  }

  fill(job) {
    if (job) this.form = fromRequest(job);
    this.faults = [];
    this.problem = null;
    draw();
  }

  /** Fills the form with a job that was, or with one of its items alone. */
  async again(id, item) {
    await attempt(async () => {
      const {request, isCut} = await readRequest(id);
      if (item !== null) {
        const {input} = await get(`jobs/${id}/items/${item}`);
        request.inputs = [input];
        this.note = `Item ${item} of that job alone.`;
      } else if (isCut) {
        this.note = 'The job has more inputs than are shown here: choose them anew, or retry the job.';
      } else {
        this.note = 'As that job was. Change what you like.';
      }
      this.fill(request);
    });
  }

  set(field, value) {
    this.form[field] = value;
    this.faults = this.faults.filter((fault) => fieldOf(fault) !== field);
    draw();
  }

  async submit(isTrial) {
    const {request, faults} = toRequest(this.form);
    this.problem = null;
    this.faults = faults;
    if (faults.length) {
      this.showFaults();
      return;
    }
    const body = isTrial ? few(request) : request;
    const text = JSON.stringify(body);
    // The key makes a repetition after a cut connection safe.
    if (this.sent !== text) {
      this.sent = text;
      this.key = [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, '0')).join('');
    }
    this.isBusy = true;
    draw();
    try {
      const job = this.form.from === 'lines' && this.form.file && !isTrial ? await this.upload(body)
        : await post('jobs', text, {headers: {'Idempotency-Key': this.key}});
      go('/jobs/' + job.id);
    } catch (failure) {
      this.problem = failure;
      this.faults = failure.faults ?? [];
      this.showFaults();
    }
    this.isBusy = false;
    draw();
  }

  /** Sends a file as lines behind the job, without reading it into memory. */
  async upload(head) {
    const lines = this.form.file.name.endsWith('.csv')
      ? csvOf(await this.form.file.text()).map((row) => JSON.stringify(row)).join('\n') + '\n' : this.form.file;
    const body = new Blob([JSON.stringify(head) + '\n', lines]);
    const answer = await send('jobs', {method: 'POST', body, headers: {'Content-Type': 'application/x-ndjson'}});
    return answer.json();
  }

  showFaults() {
    draw();
    requestAnimationFrame(() => {
      const first = document.querySelector('[aria-invalid=true]');
      first?.closest('details')?.setAttribute('open', '');
      first?.focus();
      announce(this.faults.map((fault) => fault.detail).join('. '));
    });
  }

  async compare() {
    const {request, faults} = toRequest(this.form);
    this.faults = faults;
    if (faults.length) {
      this.showFaults();
      return;
    }
    await attempt(async () => {
      const comparison = await post('comparisons', {job: request});
      go('/comparisons/' + comparison.id);
    });
  }

  // ---- fields

  faultsOf(field) {
    return this.faults.filter((fault) => fieldOf(fault) === field);
  }

  under(field) {
    return this.faultsOf(field).map((fault) => html`<span class="fault" id="fault-${field}">✖ ${sentence(fault.detail)}</span>`);
  }

  field(field, words, {help = '', type = 'text', full = false, placeholder = '', list = null} = {}) {
    const isBad = this.faultsOf(field).length > 0;
    return html`<label class=${full ? 'full' : ''}>${words}
      <input type=${type} name=${field} placeholder=${placeholder} list=${list ?? nothing} .value=${liveValue(this.form[field])}
        aria-invalid=${isBad ? 'true' : nothing} aria-describedby=${isBad ? 'fault-' + field : nothing}
        @input=${(e) => this.set(field, e.target.value)}>
      ${help ? html`<small>${help}</small>` : nothing} ${this.under(field)}</label>`;
  }

  choice(field, words, options) {
    return html`<label>${words}<select name=${field} aria-invalid=${this.faultsOf(field).length ? 'true' : nothing}
      @change=${(e) => this.set(field, e.target.value)}>${options.map(([value, word]) => html`<option
      value=${value} ?selected=${(this.form[field] || options[0][0]) === value}>${word ?? value}</option>`)}</select>${this.under(field)}</label>`;
  }

  tick(field, words) {
    return html`<label class="choice"><input type="checkbox" name=${field} .checked=${liveValue(this.form[field])}
      @change=${(e) => this.set(field, e.target.checked)}> ${words}</label>`;
  }

  area(field, words, {rows = 4, help = ''} = {}) {
    return html`<label class="full">${words}<textarea name=${field} rows=${rows} spellcheck="false" .value=${liveValue(this.form[field])}
      aria-invalid=${this.faultsOf(field).length ? 'true' : nothing} @input=${(e) => this.set(field, e.target.value)}></textarea>
      ${help ? html`<small>${help}</small>` : nothing} ${this.under(field)}</label>`;
  }

  radios(field, legend, options) {
    return html`<fieldset class="choices"><legend>${legend}</legend>${Object.entries(options).map(([value, word]) => html`<label class="choice">
      <input type="radio" name=${field} value=${value} .checked=${liveValue(this.form[field] === value)} @change=${() => this.set(field, value)}> ${word}</label>`)}</fieldset>`;
  }

  functionFields() {
    const {form} = this;
    switch (form.kind) {
      case 'registered': {
        const known = this.functions.find((one) => one.name === form.registered.split('@')[0]);
        return html`<datalist id="functions">${this.functions.map((one) => html`<option value=${one.name}></option>`)}</datalist>
          <div class="fields">${this.field('registered', 'Name', {list: 'functions', full: true, placeholder: 'check_prime'})}</div>
          ${known ? html`<p class="dim">${known.runtime}${known.builtIn ? ', built in' : ''} <a href="#/functions/${encodeURIComponent(known.name)}">look at it</a></p>` : nothing}`;
      }
      case 'command': return html`<div class="fields">${this.area('command', 'Program and arguments, one a line', {help: 'It reads an item a line on stdin, and writes a result a line. It must flush each line.'})}
        ${this.choice('protocol', 'Protocol', [['lines', 'lines of JSON'], ['text', 'lines of text'], ['frames', 'frames']])}${this.tick('indexed', 'answers carry the index of their item')}</div>`;
      case 'java': return html`<div class="fields">${this.field('className', 'Class', {placeholder: 'shop.Price'})}${this.field('jar', 'Jar', {placeholder: 'shop.jar'})}</div>`;
      default: return html`<mh-editor label="Python code" .value=${form.code} @change=${(e) => this.set('code', e.target.value)}></mh-editor>
        <p class="help">Tab leaves the editor; Control and ] indents.</p>
        <div class="fields">${this.field('entry', 'Function to call', {help: 'only needed if there are several'})}</div>`;
    }
  }

  inputFields() {
    const {form} = this;
    switch (form.from) {
      case 'json': return html`<div class="fields">${this.area('json', 'Items', {rows: 5, help: 'Each item is one argument of the function. With starmap an array is spread over the arguments.'})}</div>`;
      case 'range': return html`<div class="fields">${this.field('start', 'From')}${this.field('stop', 'Up to, not with it')}${this.field('step', 'Step')}</div>`;
      case 'repeat': return html`<div class="fields">${this.field('value', 'Value (JSON)')}${this.field('times', 'Times')}</div>`;
      case 'results': return html`<div class="fields">${this.field('results', 'Id of the other job', {full: true, help: 'The job waits until that one has succeeded.'})}</div>`;
      case 'open': return html`<p>Items are appended by <code>POST …/inputs</code> until <code>POST …/close</code>.</p>`;
      default: return html`<div class="drop" @dragover=${(e) => {
        e.preventDefault();
        e.currentTarget.classList.add('over');
      }} @dragleave=${(e) => e.currentTarget.classList.remove('over')} @drop=${(e) => this.drop(e)}>
        ${form.file ? html`<strong>${form.file.name}</strong> (${bytes(form.file.size)}) <button class="small" @click=${() => this.set('file', null)}>Remove</button>`
    : html`<label>Drop a file here, or choose one<input type="file" accept=".ndjson,.jsonl,.csv,.txt,.json" @change=${(e) => this.set('file', e.target.files[0] ?? null)}></label>
          <p class="dim">NDJSON: an item a line. CSV: a row is an object, by the names in the first row.</p>`}</div>
        ${form.file ? nothing : html`<div class="fields">${this.area('lines', 'Or lines: an item each', {rows: 5, help: `${plural(linesOf(form.lines).length, 'item')}. A line that is not JSON is a text.`})}</div>`}`;
    }
  }

  drop(event) {
    event.preventDefault();
    event.currentTarget.classList.remove('over');
    const [file] = event.dataTransfer.files;
    if (file) this.set('file', file);
  }

  options() {
    const more = (words, content) => html`<details><summary>${words}</summary><div class="fields">${content}</div></details>`;
    return html`<div class="fields">
        ${this.field('name', 'Name', {placeholder: 'for people'})}
        ${this.choice('reduce', 'Result', [['list', 'a list: all values'], ...['sum', 'mean', 'min', 'max', 'count', 'any', 'all', 'find'].map((one) => [one])])}
        ${this.field('workers', 'Workers', {placeholder: 'all slots'})} ${this.field('seed', 'Seed', {placeholder: 'none'})}</div>
      ${more('How it runs', html`${this.choice('call', 'Call', [['map', 'map: the item is the argument'], ['starmap', 'starmap: spread the item']])}
        ${this.field('threads', 'Threads in each worker', {placeholder: '1'})} ${this.field('chunk', 'Items in a chunk', {placeholder: 'automatic'})}
        ${this.choice('order', 'Order of dispatch', [['input'], ['reversed'], ['shuffled']])} ${this.field('priority', 'Priority, 0 to 9', {placeholder: '5'})}
        ${this.field('memory', 'Memory of a worker', {placeholder: '512MB'})} ${this.tick('cache', 'remember values')} ${this.tick('paused', 'paused at first')}
        ${this.area('common', 'Arguments for every call (JSON object)', {rows: 2})}`)}
      ${more('Failures and retries', html`${this.field('maxFailures', 'Failures that are allowed', {placeholder: '0, or 5%'})}
        ${this.choice('onError', 'Beyond them', [['continue', 'finish the rest'], ['stop', 'stop at once']])}
        ${this.field('retryError', 'Attempts after an error', {placeholder: '1'})} ${this.field('retryCrash', '… after a crash', {placeholder: '2'})}
        ${this.field('retryTimeout', '… after a timeout', {placeholder: '1'})} ${this.field('backoff', 'First wait, seconds', {placeholder: '0'})}`)}
      ${more('Time limits', html`${this.field('itemSeconds', 'Seconds for an item')} ${this.field('cpuSeconds', 'Processor seconds')}
        ${this.field('jobSeconds', 'Seconds for the job')} ${this.field('ttl', 'Seconds to keep it')}`)}
      ${more('Labels and description', html`${this.area('labels', 'Labels, key=value', {rows: 2})} ${this.area('description', 'Description', {rows: 2})}`)}
      ${more('Other options', html`${this.choice('nonFinite', 'NaN and infinity', [['error', 'an error'], ['null', 'null'], ['string', 'a text']])}
        ${this.area('more', 'Further options of the API (JSON object)', {rows: 3, help: 'Such as stopWhen, after, notBefore, callback.'})}`)}`;
  }

  view() {
    const {request} = toRequest(this.form);
    const isFile = this.form.from === 'lines' && this.form.file;
    const texts = {curl: isFile ? uploadLine(request, this.form.file) : curl(request), Python: isFile ? '# A file is sent with curl.' : python(request), JSON: JSON.stringify(request, null, 2)};
    const known = new Set(this.faults.map(fieldOf).filter(Boolean));
    return html`<div class="head"><h1>Submit a job</h1><div class="actions"><label class="choice">example
        <select aria-label="Example" @change=${(e) => {
    if (e.target.value) go('/submit' + query({example: e.target.value}));
    e.target.value = '';
  }}><option value="">choose…</option>${EXAMPLES.map((one, at) => html`<option value=${at}>${one.title}</option>`)}</select></label></div></div>
      ${this.note ? html`<p class="dim">${this.note}</p>` : nothing}
      ${this.problem ? html`<p class="card bad-text" role="alert">✖ ${sentence(this.problem.message)}</p>` : nothing}
      ${this.faults.filter((fault) => !known.has(fieldOf(fault)) && fault.detail !== this.problem?.message).map((fault) => html`<p class="fault">✖ ${fault.pointer} ${fault.detail}</p>`)}
      <form class="split half" @submit=${(e) => {
    e.preventDefault();
    this.submit(false);
  }}>
      <section class="card"><h2>Function</h2>${this.radios('kind', 'It is', KINDS)} ${this.functionFields()} ${this.under('function')}</section>
      <div class="stack"><section class="card"><h2>Inputs</h2>${this.radios('from', 'They are', FROM)}
        <div aria-invalid=${this.faultsOf('inputs').length ? 'true' : nothing} tabindex=${this.faultsOf('inputs').length ? '-1' : nothing}>${this.inputFields()}</div>${this.under('inputs')}</section>
      <section class="card"><h2>Options</h2>${this.options()}</section>
      <div class="actions"><button class="main" ?disabled=${this.isBusy}>Submit</button>
        <button type="button" ?disabled=${this.isBusy || !few(request)} @click=${() => this.submit(true)}>Run on 10 items first</button>
        <button type="button" @click=${() => this.compare()} ?disabled=${!request.inputs}>Compare ways to run it</button></div></div>
      </form><p></p>
      <section class="card"><div class="head"><h2>The same from elsewhere</h2><div class="chips" role="group" aria-label="Language">${Object.keys(texts).map((name) => html`<button
        aria-pressed=${this.shown === name} @click=${() => {
    this.shown = name;
    draw();
  }}>${name}</button>`)}</div>${copyButton(() => texts[this.shown], this.shown)}</div><pre tabindex="0">${texts[this.shown].slice(0, 20_000)}</pre></section>`;
  }
}

/** The field that a fault is about: the one with the longest pointer that the fault's begins with. */
function fieldOf(fault) {
  let found = null;
  for (const [pointer, field] of FIELD_OF) {
    if ((fault.pointer === pointer || fault.pointer.startsWith(pointer + '/')) && pointer.length > (found?.pointer.length ?? 0)) found = {pointer, field};
  }
  if (!found && fault.pointer === '/more') return 'more';
  return found?.field;
}

function uploadLine(head, file) {
  return `(echo '${JSON.stringify(head).replaceAll("'", "'\\''")}'; cat '${file.name}') |\n  ${curl({}).split(" -d '")[0].replace('application/json', 'application/x-ndjson').trimEnd().replace(/\\$/, '').trimEnd()} -T - -X POST`;
}
