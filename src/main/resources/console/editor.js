// An editor for code: a plain text area, which becomes CodeMirror once that is loaded. It stays a
// text area on touch screens, and where the library cannot be loaded.

let library;

function load() {
  library ??= (async () => {
    const sheet = document.createElement('link');
    sheet.rel = 'stylesheet';
    sheet.href = new URL('lib/codemirror/lib/codemirror.css', import.meta.url).href;
    // Before our own sheet, which has the colours of both schemes.
    document.head.prepend(sheet);
    // CodeMirror 5 is a script that puts its name into the page; its modes look for that name.
    await import('./lib/codemirror/lib/codemirror.js');
    await Promise.all([
      import('./lib/codemirror/mode/python/python.js'),
      import('./lib/codemirror/addon/edit/matchbrackets.js'),
    ]);
    return globalThis.CodeMirror;
  })();
  return library;
}

class Editor extends HTMLElement {
  #text = '';
  #editor = null;

  connectedCallback() {
    if (this.firstChild) return;
    this.classList.add('editor');
    this.area = document.createElement('textarea');
    this.area.spellcheck = false;
    this.area.value = this.#text;
    this.area.setAttribute('aria-label', this.getAttribute('label'));
    this.area.addEventListener('input', () => this.#changed(this.area.value));
    this.append(this.area);
    if (matchMedia('(pointer: coarse)').matches) return;
    load().then(
      (CodeMirror) => this.#upgrade(CodeMirror),
      () => {},
    );
  }

  #upgrade(CodeMirror) {
    if (!this.isConnected || !CodeMirror) return;
    const hadFocus = document.activeElement === this.area;
    this.area.remove();
    this.#editor = CodeMirror(this, {
      value: this.#text,
      mode: 'python',
      indentUnit: 4,
      lineNumbers: true,
      matchBrackets: true,
      viewportMargin: Infinity,
      inputStyle: 'contenteditable',
      readOnly: this.hasAttribute('readonly'),
      screenReaderLabel: this.getAttribute('label'),
      // Tab leaves the editor, as it leaves any field. Control and ] indents.
      extraKeys: {Tab: false, 'Shift-Tab': false},
    });
    this.#editor.on('change', () => this.#changed(this.#editor.getValue()));
    if (hadFocus) this.#editor.focus();
  }

  #changed(text) {
    if (text === this.#text) return;
    this.#text = text;
    this.dispatchEvent(new Event('change'));
  }

  get value() {
    return this.#text;
  }

  set value(text) {
    if (text === this.#text) return;
    this.#text = text;
    if (this.#editor) this.#editor.setValue(text);
    else if (this.area) this.area.value = text;
  }

  focus() {
    (this.#editor ?? this.area)?.focus();
  }
}
customElements.define('mh-editor', Editor);
