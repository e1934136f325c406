// Starts the console: the frame around all pages, the connection, sign-in and keys.

import {session} from './api.js';
import {app, draw, go, refresh, show} from './app.js';
import {connect, listen, live, reconnect, retryNow} from './live.js';
import {announce, clock, dialog, html, loading, notice, nothing, short} from './ui.js';

const LINKS = [
  ['jobs', 'Jobs', 'j'],
  ['submit', 'Submit', 's'],
  ['functions', 'Functions', 'f'],
  ['workers', 'Workers', 'w'],
  ['comparisons', 'Comparisons', 'c'],
  ['service', 'Service', 'v'],
];
const THEMES = {auto: ['◐', 'as the system'], light: ['☀', 'light'], dark: ['☾', 'dark']};
const VERSION = new URL('.', import.meta.url).pathname.split('/').at(-2);
let isOld = false;
let wasCut = false;

app.frame = () =>
  html` <a class="skip-link" href="#main" @click=${toMain}>Skip to the content</a>
    <header>
      <a class="brand" href="#/jobs"
        ><img src=${new URL('icon.svg', import.meta.url).href} alt="" width="22" height="22" />Manyhands</a
      >
      <nav aria-label="Pages">
        ${LINKS.map(
          ([name, word]) => html`<a href="#/${name}" aria-current=${here(name) ? 'page' : nothing}>${word}</a>`,
        )}
      </nav>
      <div class="load">${load()}</div>
      <button class="plain" title="Keys (?)" aria-label="Show the keys" @click=${showKeys}>?</button>
      ${themeButton()}
      <button class="plain" title="Token" aria-label="Token" @click=${() => signIn()}>
        <svg
          viewBox="0 0 24 24"
          width="18"
          height="18"
          fill="none"
          stroke="currentColor"
          stroke-width="2"
          stroke-linecap="round"
          aria-hidden="true"
        >
          <circle cx="8" cy="15" r="4" />
          <path d="M11 12 20 3M16.500 6.500l3 3" />
        </svg>
      </button>
    </header>
    ${connection()}
    <main id="main" tabindex="-1">${content()}</main>
    <div id="notice"></div>
    <div id="voice" class="sr" aria-live="polite"></div>`;

const here = (name) => app.route.parts[0] === name || (name === 'jobs' && !app.route.parts.length);

function content() {
  if (app.failure) {
    return html`<div class="empty" role="alert">
      <h1>This page could not be loaded</h1>
      <p>The service is away, or was replaced by another version.</p>
      <button @click=${() => location.reload()}>Load it again</button>
    </div>`;
  }
  return app.page ? app.page.view() : loading;
}

function toMain(event) {
  event.preventDefault();
  document.getElementById('main').focus();
}

function load() {
  const now = live.load;
  if (!now) return nothing;
  return html`<a href="#/workers" title="Slots that have work">
      <span class="sr">slots busy: </span
      ><span class="slots" aria-hidden="true"
        ><i .style=${`width:${(100 * now.slots.busy) / now.slots.total}%`}></i
      ></span>
      ${now.slots.busy}/${now.slots.total}<span class="wide-only"> slots</span></a
    >
    <a href="#/service" class="rate" title="Items that ended in the last second"
      >${short(now.itemsPerSecond)}<span class="wide-only"> items</span>/s</a
    >`;
}

// ---- the connection

function connection() {
  if (isOld) {
    return bar(
      html`The service was updated. This page is of the earlier version.`,
      html`<button @click=${() => location.reload()}>Load the new page</button>`,
    );
  }
  if (live.state === 'refused') {
    return bar(html`The service asks for a token.`, html`<button @click=${() => signIn()}>Sign in</button>`);
  }
  if (live.cutAt) {
    return bar(
      html`Not connected since ${clock(live.cutAt)}. This page may be old. Trying again…`,
      html`<button @click=${retryNow}>Try now</button>`,
    );
  }
  return nothing;
}

const bar = (text, action) => html`<div class="connection" role="status"><span>${text}</span>${action}</div>`;

listen((type, data) => {
  if (type === 'connection') {
    if (data === 'cut') announce('The connection is lost. Trying again.');
    if (data === 'connected' && wasCut) announce('Connected again.');
    wasCut = data === 'cut';
    if (data === 'refused') signIn();
  }
  if (type === 'reset' && data.reason === 'restart') {
    notice(`The service was restarted. Connected again at ${clock(new Date())}.`);
    lookForNewPage();
  }
  if (type === 'reset' && data.reason !== 'start') refresh();
  app.page?.event?.(type, data);
  draw();
});

/** Looks for a newer console: the page of the service names the version of its files. */
async function lookForNewPage() {
  try {
    const text = await (await fetch('./', {cache: 'no-store'})).text();
    isOld = !text.includes(VERSION);
    draw();
  } catch {
    // Asked again at the next restart.
  }
}

// ---- sign-in

let asking = null;

/** Asks for the token. The token is kept in the browser alone, and sent in a header to this service alone. */
function signIn({isAsked = live.state === 'refused', isWrong = false} = {}) {
  if (asking) return;
  let {inBrowser} = session;
  let shown = false;
  const save = (event, close) => {
    event.preventDefault();
    const token = event.target.elements.token.value.trim();
    if (!token) return;
    session.keep(token, inBrowser);
    close('kept');
  };
  asking = dialog(
    (close, again) =>
      html`<form @submit=${(e) => save(e, close)}>
        <h2>${isAsked ? 'This service asks for a token' : 'Token'}</h2>
        ${isWrong ? html`<p class="bad-text" role="alert">The service did not accept this token.</p>` : nothing}
        <label
          >Token
          <span class="joined"
            ><input
              name="token"
              type=${shown ? 'text' : 'password'}
              autofocus
              autocomplete="off"
              spellcheck="false"
              aria-describedby="token-help"
            /><button
              type="button"
              @click=${() => {
                shown = !shown;
                again();
              }}
            >
              ${shown ? 'hide' : 'show'}
            </button></span
          ></label
        >
        <fieldset class="choices">
          <legend>Keep it</legend>
          ${[
            [false, 'in this tab'],
            [true, 'in this browser'],
          ].map(
            ([value, word]) =>
              html`<label class="choice"
                ><input type="radio" name="keep" ?checked=${inBrowser === value} @change=${() => (inBrowser = value)} />
                ${word}</label
              >`,
          )}
        </fieldset>
        <p class="dim" id="token-help">
          It is one of <code>manyhands.security.tokens</code> of the service. Without this setting none is needed. It is
          sent to this service only, in a header.
        </p>
        <div class="actions">
          ${
            session.token
              ? html`<button
                  type="button"
                  @click=${() => {
                    session.forget();
                    close('kept');
                  }}
                >
                  Forget the token
                </button>`
              : nothing
          }
          <button type="button" @click=${() => close()}>Close</button>
          <button class="main">Continue</button>
        </div>
      </form>`,
    {
      label: 'Token',
      onClose: (value) => {
        asking = null;
        if (value !== 'kept') return;
        reconnect();
        refresh();
      },
    },
  );
}

session.onRefused = (token) => signIn({isAsked: true, isWrong: Boolean(token)});

// ---- the scheme

function theme() {
  return localStorage.getItem('manyhands.theme') ?? 'auto';
}

function themeButton() {
  const [shape, words] = THEMES[theme()];
  return html`<button class="plain" title="Colours: ${words}" aria-label="Colours: ${words}" @click=${nextTheme}>
    ${shape}
  </button>`;
}

function nextTheme() {
  const names = Object.keys(THEMES);
  localStorage.setItem('manyhands.theme', names[(names.indexOf(theme()) + 1) % names.length]);
  applyTheme();
}

function applyTheme() {
  document.documentElement.dataset.theme = theme();
  dispatchEvent(new Event('manyhands-theme'));
  draw();
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', applyTheme);

// ---- keys

function showKeys() {
  const keys = [
    ['/', 'search'],
    ['j  k', 'next or previous row'],
    ['Enter', 'open the row'],
    ['x', 'select the row'],
    ['n', 'submit a job'],
    ...LINKS.map(([, word, key]) => ['g ' + key, word]),
    ['Esc', 'close'],
    ['?', 'these keys'],
  ];
  dialog(
    (close) =>
      html`<h2>Keys</h2>
        <dl class="keys">
          ${keys.map(
            ([key, word]) =>
              html`<dt>${key.split(/\s+/).map((one) => html`<kbd>${one}</kbd> `)}</dt>
                <dd>${word}</dd>`,
          )}
        </dl>
        <div class="actions"><button autofocus @click=${() => close()}>Close</button></div>`,
    {label: 'Keys'},
  );
}

let first = '';

addEventListener('keydown', (event) => {
  const typing = event.target.closest?.(
    'input:not([type=checkbox]):not([type=radio]),select,textarea,' + '[contenteditable],.CodeMirror,canvas',
  );
  if (typing || event.ctrlKey || event.altKey || event.metaKey || document.querySelector('dialog[open]')) {
    if (event.key === 'Escape') event.target.blur?.();
    return;
  }
  const second = first === 'g' && LINKS.find(([, , key]) => key === event.key);
  first = event.key;
  if (second) go('/' + second[0]);
  else if (event.key === '?') showKeys();
  else if (event.key === 'n') go('/submit');
  else if (event.key === '/') document.querySelector('[data-search]')?.focus();
  else if (event.key === 'j' || event.key === 'k') moveRow(event.key === 'j' ? 1 : -1);
  else if (event.key === 'x') document.activeElement.closest('tr')?.querySelector('[type=checkbox]')?.click();
  else return;
  event.preventDefault();
});

/** Moves the focus between the first links of the rows of the page's table. */
function moveRow(step) {
  const rows = [...document.querySelectorAll('main tbody tr')].filter((row) => row.querySelector('a,button'));
  const at = rows.indexOf(document.activeElement?.closest('tr'));
  const row = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
  row?.querySelector('a,button:not([type=checkbox])')?.focus();
  row?.scrollIntoView({block: 'nearest'});
}

applyTheme();
addEventListener('hashchange', show);
setInterval(draw, 10_000); // times in words grow old
show();
connect();
