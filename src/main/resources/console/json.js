// JSON without a change of any number: JavaScript's own numbers have 53 bits, no -0.0 in JSON and nothing beyond 1e308.

const KEEPS = typeof JSON.rawJSON === 'function' && JSON.parse('1.0', (key, value, context) => context?.source) === '1.0';

/** The members of the service's answers with values of users. All other numbers there are ours, to calculate with. */
const OF_USERS = new Set(['common', 'input', 'inputs', 'result', 'value']);

/** A number that this browser would change. */
export class ChangedNumber extends Error {
  constructor(source) {
    super(`this browser would change the number ${source}; send it with curl`);
  }
}

/**
 * Reads JSON. A number that `JSON.stringify` would write in another way becomes an object that it
 * writes as it was: see `source`. Browsers without such objects throw a {@link ChangedNumber}.
 */
export function parse(text) {
  if (KEEPS) return JSON.parse(text, kept);
  const value = JSON.parse(text);
  refuse(text, isChanged);
  return value;
}

/** Reads an answer of the service. Numbers are JavaScript's own, except in values of users. */
export function parseAnswer(text) {
  if (KEEPS) return usable(JSON.parse(text, kept));
  const value = JSON.parse(text);
  refuse(text, isRounded);
  return value;
}

/** Returns how a number was written that JavaScript would change; undefined for all other values. */
export function source(value) {
  return KEEPS && JSON.isRawJSON(value) ? value.rawJSON : undefined;
}

function kept(key, value, context) {
  if (typeof value !== 'number' || JSON.stringify(value) === context.source) return value;
  return JSON.rawJSON(context.source);
}

function usable(value) {
  if (typeof value !== 'object' || value === null) return value;
  const written = source(value);
  if (written !== undefined) return Number(written);
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === 'object' && !OF_USERS.has(key)) value[key] = usable(member);
  }
  return value;
}

/** Throws for the first number that is changed. */
function refuse(text, changed) {
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g)) {
    if (token[0] !== '"' && changed(token)) throw new ChangedNumber(token);
  }
}

/** Whether the number has another value in JavaScript. */
function isRounded(token) {
  const value = Number(token);
  return !Number.isFinite(value) || Object.is(value, -0) || (isInteger(token) && String(value) !== token);
}

/** Whether the number has another value in JavaScript, or is no longer a fraction: 1.0 becomes 1. */
function isChanged(token) {
  return isRounded(token) || (!isInteger(token) && isInteger(JSON.stringify(Number(token))));
}

function isInteger(token) {
  return /^-?\d+$/.test(token);
}
