// Small things that all pages use: numbers, times, states, notices, questions, copies.

import {html, nothing, render} from './lib/lit-html/lit-html.js';

export {html, nothing, render};

export const STATES = {
  WAITING: {word: 'Waiting', shape: '◌', help: 'waits for other jobs, or for its time'},
  QUEUED: {word: 'Queued', shape: '○', help: 'waits for a slot'},
  RUNNING: {word: 'Running', shape: '▶', help: 'has items in workers'},
  SUCCEEDED: {word: 'Succeeded', shape: '✔', help: 'has ended, as it should'},
  FAILED: {word: 'Failed', shape: '✖', help: 'too many items failed, or the job as a whole'},
  CANCELLED: {word: 'Cancelled', shape: '■', help: 'was ended by somebody'},
};
const OTHER_SHAPES = {
  PENDING: '○',
  SKIPPED: '–',
  FINISHED: '✔',
  IDLE: '○',
  BUSY: '▶',
  STARTING: '◌',
  STOPPING: '■',
  PAUSED: '‖',
  DELIVERED: '✔',
};
export const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELLED'];
export const hasEnded = (job) => ENDED.includes(job.state);

/** A state as a word, a shape and a colour. */
export function state(name) {
  const known = STATES[name];
  const word = known?.word ?? name.charAt(0) + name.slice(1).toLowerCase();
  const shape = known?.shape ?? OTHER_SHAPES[name] ?? '·';
  return html`<span class="state s-${name}" title=${known?.help ?? nothing}
    ><span aria-hidden="true">${shape}</span> ${word}</span
  >`;
}

// ---- numbers and times

const WHOLE = new Intl.NumberFormat('en-GB', {maximumFractionDigits: 0});
const SHORT = new Intl.NumberFormat('en-GB', {
  notation: 'compact',
  maximumSignificantDigits: 3,
});
const EXACT = new Intl.DateTimeFormat('en-GB', {dateStyle: 'medium', timeStyle: 'long'});
const CLOCK = new Intl.DateTimeFormat('en-GB', {timeStyle: 'medium'});

export const count = (number) => WHOLE.format(number);
export const short = (number) => (number < 10_000 ? count(number) : SHORT.format(number));
export const plural = (number, one, many = one + 's') => `${count(number)} ${number === 1 ? one : many}`;

export function percent(fraction) {
  const value = fraction * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.floor(value)} %`;
}

export function perSecond(rate) {
  if (rate === null || rate === undefined) return '–';
  return `${rate < 10 ? rate.toFixed(1) : short(rate)}/s`;
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds === 0) return '0 s';
  if (seconds < 0.001) return `${(seconds * 1e6).toFixed(0)} µs`;
  if (seconds < 1) return `${(seconds * 1000).toPrecision(3).replace(/\.?0+$/, '')} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  const two = (n) => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)} min`;
  if (whole < 172_800) return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)} h`;
  return `${Math.floor(whole / 86_400)} days`;
}

export function bytes(size) {
  if (size === null || size === undefined) return '–';
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function ago(date) {
  const seconds = Math.round((Date.now() - date.getTime()) / 1000);
  if (seconds < -5) return `in ${duration(-seconds)}`;
  if (seconds < 10) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 86_400 * 14) return `${plural(Math.floor(seconds / 86_400), 'day')} ago`;
  return EXACT.format(date).split(' at ')[0].split(',')[0];
}

export const exact = (date) => EXACT.format(date);
export const clock = (date) => CLOCK.format(date);

/** A time in relation to now, with the exact one as its title. */
export function time(text) {
  if (!text) return '–';
  const date = new Date(text);
  return html`<time datetime=${text} title=${exact(date)}>${ago(date)}</time>`;
}

/** The seconds that a job has run for, or took; null before its start. */
export function took(job) {
  if (!job.startedAt) return null;
  const end = job.finishedAt ? new Date(job.finishedAt) : new Date();
  return Math.max(0, (end - new Date(job.startedAt)) / 1000);
}

// ---- progress

/** A bar with parts for succeeded, failed and skipped items. */
export function progress(items, open = false, look = '') {
  const total = Math.max(items.total, 1);
  const part = (n) => `width:${(100 * n) / total}%`;
  const done = items.total ? items.done / total : 0;
  const label = open ? `${count(items.done)} items done, more may come` : percent(done);
  return html`<div
    class="bar ${look}"
    role="progressbar"
    aria-label="items done"
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${Math.floor(done * 100)}
    aria-valuetext=${label}
  >
    <i class="ok" .style=${part(items.succeeded)}></i
    ><i class="bad" .style=${items.failed ? part(items.failed) + ';min-width:3px' : 'width:0'}></i
    ><i class="skip" .style=${part(items.skipped)}></i>
  </div>`;
}

/** The done items of a job beside the total, and the failed ones. */
export function itemCounts(items) {
  return html`${count(items.done)}<span class="dim">/${count(items.total)}</span>${
      items.failed
        ? html` <span class="bad-text">✖ ${count(items.failed)}<span class="sr"> failed</span></span>`
        : nothing
    }`;
}

// ---- notices and questions

const voice = () => document.getElementById('voice');

/** Makes a screen reader read this text out. */
export function announce(text) {
  const place = voice();
  if (place) place.textContent = text;
}

let noticeTimer;

/** Shows a notice for some seconds; a bad one until it is closed. */
export function notice(text, {bad = false} = {}) {
  const place = document.getElementById('notice');
  if (!place) return;
  clearTimeout(noticeTimer);
  const close = () => render(nothing, place);
  render(
    html`<div class="notice ${bad ? 'bad' : ''}" role=${bad ? 'alert' : 'status'}>
      <span>${text}</span><button class="plain" aria-label="Close" @click=${close}>✕</button>
    </div>`,
    place,
  );
  if (!bad) noticeTimer = setTimeout(close, 6_000);
}

/** Runs an action of the user. Shows how it failed, and then returns undefined. */
export async function attempt(action) {
  try {
    return await action();
  } catch (failure) {
    if (failure.name === 'AbortError') return undefined;
    if (failure.status !== 401) notice(sentence(failure.message), {bad: true});
    if (failure.status === undefined) console.error(failure);
    return undefined;
  }
}

export const sentence = (text) =>
  text ? text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?:]$/.test(text) ? '' : '.') : '';

/**
 * Opens a dialog. `content(close, draw)` gets the functions that close the dialog and draw it again. `onClose` gets the
 * text that `close` got; an empty text if the user closed the dialog.
 */
export function dialog(content, {label, wide = false, onClose} = {}) {
  const element = document.createElement('dialog');
  element.className = wide ? 'wide' : '';
  if (label) element.setAttribute('aria-label', label);
  const opener = document.activeElement;
  const close = (value) => {
    element.returnValue = value ?? '';
    element.close();
  };
  const draw = () => render(content(close, draw), element);
  element.addEventListener('close', () => {
    element.remove();
    onClose?.(element.returnValue);
    opener?.focus?.();
  });
  draw();
  document.body.append(element);
  element.showModal();
  return {element, close, draw};
}

/** Asks before an action, with what it will do; resolves to whether to do it. */
export function confirm({title, text, action, safe = 'Keep it', look = 'danger'}) {
  return new Promise((resolve) => {
    dialog(
      (close) =>
        html`<form
          method="dialog"
          @submit=${(e) => {
            e.preventDefault();
            close('yes');
          }}
        >
          <h2>${title}</h2>
          <p>${text}</p>
          <div class="actions">
            <button type="button" @click=${() => close()} autofocus>${safe}</button>
            <button class=${look}>${action}</button>
          </div>
        </form>`,
      {label: title, onClose: (value) => resolve(value === 'yes')},
    );
  });
}

// ---- copies

/** Copies a text, also where the page is not from a secure address. */
export async function copy(text, what = 'Copied') {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  notice(what + '.');
}

export function copyButton(text, label, title = 'Copy') {
  return html`<button
    class="small"
    title=${title}
    @click=${() => copy(typeof text === 'function' ? text() : text, label + ' copied')}
  >
    Copy ${label}
  </button>`;
}

/** A panel that shows why there is nothing, or not yet. */
export function empty(title, body) {
  return html`<div class="empty">
    <h2>${title}</h2>
    ${body}
  </div>`;
}

export function failed(failure, again) {
  return html`<div class="empty" role="alert">
    <h2>This could not be loaded</h2>
    <p>${sentence(failure.message)}</p>
    <button @click=${again}>Try again</button>
  </div>`;
}

export const loading = html`<p class="dim pad" role="status">Loading…</p>`;

/**
 * Returns a function that calls `action` at most once in this time: at once, and at the end of the time if the function
 * was called again meanwhile. Its `now` calls `action` without a wait, and its `stop` ends all calls.
 */
export function throttled(milliseconds, action) {
  let timer = null;
  let again = false;
  let isStopped = false;
  const run = () => {
    if (isStopped) return;
    again = false;
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      if (again) run();
    }, milliseconds);
    action();
  };
  const ask = () => {
    if (timer === null) run();
    else again = true;
  };
  ask.now = run;
  ask.stop = () => {
    isStopped = true;
    clearTimeout(timer);
  };
  return ask;
}
