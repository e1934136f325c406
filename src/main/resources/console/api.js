// The client of the public API: calls, problems, lines and events, with the token of the session.
// The console uses nothing else of the service.

import {parseAnswer} from './json.js';

const BASE = new URL('api/v1/', new URL('.', location.href.split('#')[0]));
const KEPT = 'manyhands.token';

/** A refusal by the service, or a call that reached no service (status 0). */
export class Problem extends Error {
  constructor(status, details) {
    super(details.detail || details.title || `the service answered ${status}`);
    this.status = status;
    this.details = details;
    this.faults = details.errors || [];
  }
}

/** The token: in the tab, or in the browser if its owner asked for that. Never in an address. */
export const session = {
  onRefused: () => {},
  get token() {
    return sessionStorage.getItem(KEPT) || localStorage.getItem(KEPT) || '';
  },
  get inBrowser() {
    return Boolean(localStorage.getItem(KEPT));
  },
  keep(token, inBrowser) {
    this.forget();
    (inBrowser ? localStorage : sessionStorage).setItem(KEPT, token);
  },
  forget() {
    sessionStorage.removeItem(KEPT);
    localStorage.removeItem(KEPT);
  },
};

/** Returns the whole address of a call, for people to copy. */
export function address(path) {
  return new URL(path, BASE).href;
}

export function query(parameters) {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== '') given.set(name, value);
  }
  const text = given.toString();
  return text && '?' + text;
}

/** Sends a request and returns the answer, if it is a success; else throws a {@link Problem}. */
export async function send(path, {method = 'GET', body, headers = {}, signal} = {}) {
  const sent = {...headers};
  const {token} = session;
  if (token) sent.Authorization = 'Bearer ' + token;
  let content = body;
  if (body !== undefined && !(body instanceof Blob) && !(body instanceof FormData)) {
    content = typeof body === 'string' ? body : JSON.stringify(body);
    sent['Content-Type'] ??= 'application/json';
  }
  let answer;
  try {
    answer = await fetch(new URL(path, BASE), {
      method,
      headers: sent,
      body: content,
      signal,
      cache: 'no-store',
      credentials: 'omit',
    });
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
    throw new Problem(0, {detail: 'the service cannot be reached'});
  }
  if (answer.ok) return answer;
  let details = {};
  try {
    details = await answer.json();
  } catch {
    details = {title: `the service answered ${answer.status}`};
  }
  if (answer.status === 401) session.onRefused(token);
  throw new Problem(answer.status, details);
}

/** Sends a request and returns the JSON of the answer, or null if there is none. */
export async function call(path, options) {
  const answer = await send(path, options);
  const text = await answer.text();
  return text ? parseAnswer(text) : null;
}

export const get = (path, options) => call(path, options);
export const post = (path, body, options) => call(path, {method: 'POST', body, ...options});

/** Reads an answer up to about `most` bytes: inputs of a job may be gigabytes. `whole` is false if more follow. */
export async function readStart(answer, most) {
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return {text: text + decoder.decode(), whole: true};
    bytes += value.length;
    text += decoder.decode(value, {stream: true});
    if (bytes > most) {
      reader.cancel().catch(() => {});
      return {text, whole: false};
    }
  }
}

/** Reads lines of JSON. */
export async function lines(path, options = {}) {
  const answer = await send(path, {
    ...options,
    headers: {Accept: 'application/x-ndjson', ...options.headers},
  });
  const text = await answer.text();
  return text
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => parseAnswer(line));
}

/** Calls `onLines` with lines of JSON as they come, until the answer ends. */
export async function follow(path, {signal, onOpen, onLines}) {
  const answer = await send(path, {signal, headers: {Accept: 'application/x-ndjson'}});
  onOpen();
  for await (const parts of reads(answer, '\n')) onLines(parts.map((line) => parseAnswer(line)));
}

/** Yields, with each read of an answer, the whole parts that have come, if any. */
async function* reads(answer, separator) {
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return;
    const parts = (rest + decoder.decode(value, {stream: true})).split(separator);
    rest = parts.pop();
    yield parts;
  }
}

/**
 * Reads Server-Sent Events until the stream ends. A browser's own EventSource cannot send a token.
 * Calls `onAlive` for all that comes, comments too.
 */
export async function events(path, {lastId, signal, onEvent, onOpen, onAlive}) {
  const headers = {Accept: 'text/event-stream'};
  if (lastId) headers['Last-Event-ID'] = lastId;
  const answer = await send(path, {headers, signal});
  onOpen();
  for await (const parts of reads(answer, '\n\n')) {
    onAlive();
    for (const part of parts) {
      const event = {event: 'message', data: ''};
      for (const line of part.split('\n')) {
        const colon = line.indexOf(':');
        if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 1).replace(/^ /, '');
      }
      if (event.data) onEvent(event.event, parseAnswer(event.data), event.id);
    }
  }
}

/** Saves an answer as a file of the user. */
export async function download(path, name, headers = {}) {
  const blob = await (await send(path, {headers})).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
