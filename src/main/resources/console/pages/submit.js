// Writes a job: the function, the inputs, the options; curl and Python are kept in step.

import {call, get, post, query} from '../api.js';
import {draw, go} from '../app.js';
import {EXAMPLES} from '../examples.js';
import {announce, attempt, copyButton, html, nothing, sentence} from '../ui.js';
import {readRequest} from './code.js';
import {FROM, Fields, KINDS, fieldOf} from './fields.js';
import {csvOf, few, fromRequest, toRequest} from './form.js';
import {curl, python, upload} from './snippets.js';

export function open(route) {
  const page = new Submit();
  page.route(route);
  return page;
}

class Submit extends Fields {
  problem = null;
  shown = 'curl';
  note = '';

  constructor() {
    super();
    get('functions').then(
      ({functions}) => {
        this.functions = functions;
        draw();
      },
      () => {},
    );
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

  /** Fills the form with an earlier job, or with one of its items alone. */
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
      const job =
        this.form.from === 'lines' && this.form.file && !isTrial
          ? await this.upload(body)
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

  /** Sends a file as lines behind the job. A CSV file is turned into lines in memory, any other is not read here. */
  async upload(head) {
    const lines = this.form.file.name.endsWith('.csv')
      ? csvOf(await this.form.file.text())
          .map((row) => JSON.stringify(row))
          .join('\n') + '\n'
      : this.form.file;
    const body = new Blob([JSON.stringify(head) + '\n', lines]);
    return call('jobs', {method: 'POST', body, headers: {'Content-Type': 'application/x-ndjson'}});
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

  view() {
    const {request} = toRequest(this.form);
    const isFile = this.form.from === 'lines' && this.form.file;
    const texts = {
      curl: isFile ? upload(request, this.form.file.name) : curl(request),
      Python: isFile ? '# A file is sent with curl.' : python(request),
      JSON: JSON.stringify(request, null, 2),
    };
    const known = new Set(this.faults.map(fieldOf).filter(Boolean));
    return html`<div class="head">
        <h1>Submit a job</h1>
        <div class="actions">
          <label class="choice"
            >example
            <select
              aria-label="Example"
              @change=${(e) => {
                if (e.target.value) go('/submit' + query({example: e.target.value}));
                e.target.value = '';
              }}
            >
              <option value="">choose…</option>
              ${EXAMPLES.map((one, at) => html`<option value=${at}>${one.title}</option>`)}
            </select></label
          >
        </div>
      </div>
      ${this.note ? html`<p class="dim">${this.note}</p>` : nothing}
      ${this.problem ? html`<p class="card bad-text" role="alert">✖ ${sentence(this.problem.message)}</p>` : nothing}
      ${this.faults.filter((fault) => !known.has(fieldOf(fault)) && fault.detail !== this.problem?.message).map((fault) => html`<p class="fault">✖ ${fault.pointer} ${fault.detail}</p>`)}
      <form
        class="split half"
        @submit=${(e) => {
          e.preventDefault();
          this.submit(false);
        }}
      >
        <section class="card">
          <h2>Function</h2>
          ${this.radios('kind', 'It is', KINDS)} ${this.functionFields()} ${this.under('function')}
        </section>
        <div class="stack">
          <section class="card">
            <h2>Inputs</h2>
            ${this.radios('from', 'They are', FROM)}
            <div
              aria-invalid=${this.faultsOf('inputs').length ? 'true' : nothing}
              tabindex=${this.faultsOf('inputs').length ? '-1' : nothing}
            >
              ${this.inputFields()}
            </div>
            ${this.under('inputs')}
          </section>
          <section class="card">
            <h2>Options</h2>
            ${this.options()}
          </section>
          <div class="actions">
            <button class="main" ?disabled=${this.isBusy}>Submit</button>
            <button type="button" ?disabled=${this.isBusy || !few(request)} @click=${() => this.submit(true)}>
              Run on 10 items first
            </button>
            <button type="button" @click=${() => this.compare()} ?disabled=${!request.inputs}>
              Compare ways to run it
            </button>
          </div>
        </div>
      </form>
      <p></p>
      <section class="card">
        <div class="head">
          <h2>The same from elsewhere</h2>
          <div class="chips" role="group" aria-label="Language">
            ${Object.keys(texts).map(
              (name) =>
                html`<button
                  aria-pressed=${this.shown === name}
                  @click=${() => {
                    this.shown = name;
                    draw();
                  }}
                >
                  ${name}
                </button>`,
            )}
          </div>
          ${copyButton(() => texts[this.shown], this.shown)}
        </div>
        <pre tabindex="0">${texts[this.shown].slice(0, 20_000)}</pre>
      </section>`;
  }
}
