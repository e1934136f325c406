// Functions with a name: those of the service and those that were registered.

import {get, send} from '../api.js';
import {draw, go} from '../app.js';
import '../editor.js';
import {
  attempt,
  bytes,
  confirm,
  copyButton,
  count,
  empty,
  failed,
  html,
  loading,
  notice,
  nothing,
  plural,
  sentence,
  time,
} from '../ui.js';

export function open(route) {
  const page = new Functions();
  page.route(route);
  return page;
}

class Functions {
  list = null;
  one = null;
  failure = null;
  draft = null;

  title() {
    return this.name ?? 'Functions';
  }

  route(route) {
    this.name = route.parts[1] ?? null;
    this.one = null;
    this.failure = null;
    this.load();
  }

  refresh() {
    this.load();
  }

  async load() {
    try {
      if (this.name) {
        this.one = await get('functions/' + encodeURIComponent(this.name));
        const {counts} = await get('jobs?limit=1&counts=true&function=' + encodeURIComponent(this.name.split('@')[0]));
        this.jobs = Object.values(counts.byState).reduce((sum, n) => sum + n, 0);
      } else {
        this.list = (await get('functions')).functions;
      }
      this.failure = null;
    } catch (failure) {
      this.failure = failure;
    }
    draw();
  }

  async remove() {
    const isSure = await confirm({
      title: `Delete ${this.one.name}?`,
      text: `${plural(this.one.versions.length, 'version')} of it are removed. Jobs that were submitted with it keep their own copy. This cannot be undone.`,
      action: 'Delete the function',
    });
    if (!isSure) return;
    await attempt(async () => {
      await send('functions/' + encodeURIComponent(this.one.name), {method: 'DELETE'});
      notice('The function is deleted.');
      go('/functions');
    });
  }

  // ---- registration

  begin(from) {
    this.draft = {
      name: from?.name ?? '',
      code: from?.definition.code ?? 'def cube(x):\n    return x ** 3\n',
      entry: from?.definition.entry ?? '',
      runtime: 'python',
      file: null,
      problem: null,
    };
    draw();
  }

  async save(event) {
    event.preventDefault();
    const {draft} = this;
    const where = 'functions/' + encodeURIComponent(draft.name.trim());
    try {
      const definition = {runtime: draft.runtime};
      if (draft.entry) definition[draft.runtime === 'java' ? 'class' : 'entry'] = draft.entry;
      let answer;
      if (draft.file) {
        if (draft.runtime === 'command')
          definition.command = draft.entry ? draft.entry.split(' ') : ['./' + draft.file.name];
        if (draft.runtime === 'command') delete definition.entry;
        const form = new FormData();
        form.append('definition', JSON.stringify(definition));
        form.append('file', draft.file);
        answer = await send(where, {method: 'PUT', body: form});
      } else {
        answer = await send(where, {method: 'PUT', body: {...definition, code: draft.code}});
      }
      const one = await answer.json();
      notice(answer.status === 201 ? 'The version is registered.' : 'That was the current version already.');
      this.draft = null;
      if (this.name === one.name) this.load();
      else go('/functions/' + encodeURIComponent(one.name));
    } catch (failure) {
      draft.problem = failure;
    }
    draw();
  }

  registration() {
    const {draft} = this;
    const set = (field) => (event) => {
      draft[field] = event.target.value;
      draw();
    };
    const runtimes = {python: 'Python', java: 'Java (a jar)', command: 'an executable'};
    return html`<form class="card" @submit=${(e) => this.save(e)}>
        <h2>Register a function</h2>
        ${draft.problem ? html`<p class="bad-text" role="alert">✖ ${sentence(draft.problem.message)}</p>` : nothing}
        <fieldset class="choices">
          <legend>Runtime</legend>
          ${Object.entries(runtimes).map(
            ([value, word]) =>
              html`<label class="choice"
                ><input
                  type="radio"
                  name="runtime"
                  .checked=${draft.runtime === value}
                  @change=${() => {
                    draft.runtime = value;
                    draw();
                  }}
                />
                ${word}</label
              >`,
          )}
        </fieldset>
        <div class="fields">
          <label>Name<input required .value=${draft.name} @input=${set('name')} /></label>
          <label
            >${draft.runtime === 'java' ? 'Class' : draft.runtime === 'command' ? 'Command' : 'Function to call'}<input
              .value=${draft.entry}
              @input=${set('entry')}
              placeholder=${draft.runtime === 'java' ? 'shop.Price' : draft.runtime === 'command' ? 'the file itself' : 'if there are several'}
          /></label>
          <label
            >A file instead of code<input
              type="file"
              accept=".py,.zip,.jar,*"
              @change=${(e) => {
                draft.file = e.target.files[0] ?? null;
                draw();
              }}
          /></label>
        </div>
        ${draft.file || draft.runtime !== 'python' ? nothing : html`<mh-editor label="Python code" .value=${draft.code} @change=${(e) => (draft.code = e.target.value)}></mh-editor>`}
        <p></p>
        <div class="actions">
          <button class="main">Register</button
          ><button
            type="button"
            @click=${() => {
              this.draft = null;
              draw();
            }}
          >
            Close
          </button>
        </div>
      </form>
      <p></p>`;
  }

  // ---- drawing

  view() {
    if (this.failure?.status === 404)
      return empty('There is no such function', html`<a class="button" href="#/functions">All functions</a>`);
    if (this.failure) return failed(this.failure, () => this.load());
    if (this.name) return this.one ? this.detail() : loading;
    return html`<div class="head">
        <h1>Functions</h1>
        <div class="actions"><button class="main" @click=${() => this.begin()}>Register a function</button></div>
      </div>
      ${this.draft ? this.registration() : nothing}
      ${
        this.list
          ? html`<div class="table" tabindex="0">
              <table>
                <caption class="sr">
                  Functions
                </caption>
                <thead>
                  <tr>
                    <th>Name</th>
                    <th>Runtime</th>
                    <th class="opt">Version</th>
                    <th class="opt">Registered</th>
                    <th><span class="sr">Run</span></th>
                  </tr>
                </thead>
                <tbody>
                  ${this.list.map(
                    (one) =>
                      html`<tr>
                        <th scope="row">
                          <a class="name mono" href="#/functions/${encodeURIComponent(one.name)}">${one.name}</a>
                        </th>
                        <td>${one.runtime}</td>
                        <td class="opt mono">${one.builtIn ? 'built in' : one.digest.slice(7, 19)}</td>
                        <td class="opt">${one.builtIn ? '–' : time(one.registeredAt)}</td>
                        <td class="num">
                          <a
                            class="button"
                            href="#/submit?function=${encodeURIComponent(one.name)}"
                            aria-label="Run ${one.name}"
                            >Run…</a
                          >
                        </td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
          : loading
      }`;
  }

  detail() {
    const {one} = this;
    const {definition, bundle} = one;
    return html`<div class="head">
        <h1 class="mono">${one.name}</h1>
        <div class="actions">
          <a class="button main" href="#/submit?function=${encodeURIComponent(this.name)}">Run on inputs…</a>
          ${one.builtIn ? nothing : html`${definition.code ? html`<button @click=${() => this.begin(one)}>New version…</button>` : nothing}<button class="danger" @click=${() => this.remove()}>Delete…</button>`}
        </div>
      </div>
      <div class="meta">
        <span>${one.runtime}</span><span>${one.builtIn ? 'built in' : html`registered ${time(one.registeredAt)}`}</span>
        <a href="#/jobs?function=${encodeURIComponent(one.name)}">${plural(this.jobs ?? 0, 'job')}</a
        >${copyButton(`${one.name}@${one.digest}`, 'name@digest')}
      </div>
      ${this.draft ? this.registration() : nothing}
      <div class="split side">
        <div class="stack">
          ${
            definition.code
              ? html`<pre class="nowrap" tabindex="0">${definition.code}</pre>`
              : html`<section class="card">
                  <h2>Definition</h2>
                  <pre tabindex="0">${JSON.stringify(definition, null, 2)}</pre>
                </section>`
          }
          ${bundle ? html`<p class="dim">From the file ${bundle.fileName} (${bundle.kind}, ${bytes(bundle.bytes)}, ${plural(bundle.files, 'file')}).</p>` : nothing}
        </div>
        ${
          one.versions?.length
            ? html`<div class="table" tabindex="0">
                <table>
                  <caption>
                    ${count(one.versions.length)} ${one.versions.length === 1 ? 'version' : 'versions'}, the current one
                    first
                  </caption>
                  <thead>
                    <tr>
                      <th>Version</th>
                      <th>Registered</th>
                    </tr>
                  </thead>
                  <tbody>
                    ${one.versions.map(
                      (version) =>
                        html`<tr>
                          <th scope="row">
                            <a class="mono" href="#/functions/${encodeURIComponent(`${one.name}@${version.digest}`)}"
                              >${version.digest.slice(7, 19)}</a
                            >
                          </th>
                          <td>${time(version.registeredAt)}</td>
                        </tr>`,
                    )}
                  </tbody>
                </table>
              </div>`
            : nothing
        }
      </div>`;
  }
}
