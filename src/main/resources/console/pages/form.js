// The form of a job as data, and the request that it means; each can be made of the other.

import {parse, source} from '../json.js';

export const BLANK = {
  name: '',
  description: '',
  kind: 'python',
  code: 'def f(x):\n    return x\n',
  entry: '',
  registered: '',
  command: '',
  protocol: 'lines',
  indexed: false,
  className: '',
  jar: '',
  from: 'range',
  json: '[1, 2, 3]',
  start: '0',
  stop: '1000',
  step: '1',
  value: '0',
  times: '10',
  lines: '',
  file: null,
  results: '',
  call: 'map',
  common: '',
  workers: '',
  threads: '',
  chunk: '',
  order: '',
  reduce: '',
  seed: '',
  priority: '',
  cache: false,
  paused: false,
  maxFailures: '',
  onError: '',
  retryError: '',
  retryCrash: '',
  retryTimeout: '',
  backoff: '',
  itemSeconds: '',
  jobSeconds: '',
  cpuSeconds: '',
  memory: '',
  ttl: '',
  nonFinite: '',
  labels: '',
  more: '',
};

/** Simple options: the name in the form, the pointer in the request, how its text is read. */
const OPTIONS = [
  ['name', '/name', String],
  ['description', '/description', String],
  ['call', '/call', String],
  ['common', '/common', parsed],
  ['workers', '/workers', number],
  ['threads', '/threads', number],
  ['chunk', '/chunking/size', number],
  ['order', '/chunking/order', String],
  ['reduce', '/reduce', String],
  ['maxFailures', '/maxFailures', share],
  ['onError', '/onError', String],
  ['retryError', '/retry/error', number],
  ['retryCrash', '/retry/crash', number],
  ['retryTimeout', '/retry/timeout', number],
  ['backoff', '/retry/backoff', number],
  ['itemSeconds', '/timeouts/item', number],
  ['jobSeconds', '/timeouts/job', number],
  ['cpuSeconds', '/timeouts/cpu', number],
  ['memory', '/memory', String],
  ['seed', '/seed', number],
  ['priority', '/priority', number],
  ['paused', '/paused', Boolean],
  ['cache', '/cache', Boolean],
  ['ttl', '/ttl', number],
  ['nonFinite', '/nonFinite', String],
];
const DEFAULTS = {call: 'map', order: 'input', reduce: 'list', onError: 'continue', nonFinite: 'error'};

/**
 * The field of the form for each part of a request, by pointer. A problem may point below such a
 * part, so fieldOf takes the longest match.
 */
export const FIELD_OF = new Map([
  ...OPTIONS.map(([field, pointer]) => [pointer, field]),
  ['/function', 'function'],
  ['/inputs', 'inputs'],
  ['/labels', 'labels'],
]);

class Fault extends Error {}

const TOO_LONG = 'this number has too many digits for this browser; send it with curl';

function number(text) {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Fault('this is not a number');
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new Fault(TOO_LONG);
  return value;
}

function share(text) {
  return text.endsWith('%') ? text : number(text);
}

function parsed(text) {
  try {
    return parse(text);
  } catch (failure) {
    if (!(failure instanceof SyntaxError)) throw new Fault(failure.message);
    throw new Fault('this is not JSON: ' + failure.message);
  }
}

function put(request, pointer, value) {
  const names = pointer.slice(1).split('/');
  const last = names.pop();
  let at = request;
  for (const name of names) at = at[name] ??= {};
  at[last] = value;
}

/** Returns {request, faults: [{pointer, detail}]}; inputs are absent if they come from a file. */
export function toRequest(form) {
  const request = {};
  const faults = [];
  const read = (pointer, action) => {
    try {
      action();
    } catch (failure) {
      if (!(failure instanceof Fault)) throw failure;
      faults.push({pointer, detail: failure.message});
    }
  };
  if (form.name) request.name = form.name;
  request.function = functionOf(form);
  if (!request.function) faults.push({pointer: '/function', detail: 'choose a function'});
  read('/inputs', () => {
    const inputs = inputsOf(form);
    if (inputs !== undefined) request.inputs = inputs;
  });
  for (const [field, pointer, reader] of OPTIONS) {
    const text = form[field];
    if (text === '' || text === false || text === DEFAULTS[field] || field === 'name') continue;
    read(pointer, () => put(request, pointer, reader(text)));
  }
  if (form.labels.trim()) {
    read('/labels', () => {
      request.labels = Object.fromEntries(
        form.labels
          .trim()
          .split(/[\n,]+/)
          .map((pair) => {
            const at = pair.search(/[=:]/);
            if (at < 1) throw new Fault('a label is key=value');
            return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
          }),
      );
    });
  }
  if (form.more.trim()) read('/more', () => addMore(request, parsed(form.more)));
  return {request, faults};
}

/** Adds options; members of an option that has other members in fields of the form are added to those. */
function addMore(request, more) {
  for (const [name, value] of Object.entries(more)) {
    request[name] = isObject(request[name]) && isObject(value) ? {...request[name], ...value} : value;
  }
}

/** Whether a value has members: a number that is kept as it was written has none. */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && source(value) === undefined;
}

function functionOf(form) {
  if (form.kind === 'registered') return form.registered.trim();
  if (form.kind === 'command') {
    const command = form.command.split('\n').filter((line) => line !== '');
    return {
      runtime: 'command',
      command,
      ...(form.protocol === 'lines' ? {} : {protocol: form.protocol}),
      ...(form.indexed ? {indexed: true} : {}),
    };
  }
  if (form.kind === 'java') return {runtime: 'java', class: form.className, jar: form.jar};
  return {runtime: 'python', code: form.code, ...(form.entry ? {entry: form.entry} : {})};
}

function inputsOf(form) {
  switch (form.from) {
    case 'json': {
      const items = parsed(form.json);
      if (!Array.isArray(items)) throw new Fault('the inputs are an array: [1, 2, 3]');
      return items;
    }
    case 'range': {
      const range = {stop: number(form.stop)};
      if (form.start.trim()) range.start = number(form.start);
      if (form.step.trim() && form.step !== '1') range.step = number(form.step);
      return {
        range: {
          ...(range.start ? {start: range.start} : {}),
          stop: range.stop,
          ...(range.step ? {step: range.step} : {}),
        },
      };
    }
    case 'repeat':
      return {repeat: {value: parsed(form.value), times: number(form.times)}};
    case 'results':
      return {results: form.results.trim()};
    case 'open':
      return {open: true};
    default:
      return form.file ? undefined : linesOf(form.lines);
  }
}

/** Lines as items: a line of JSON is a value, any other line is a text. */
export function linesOf(text) {
  return filledLines(text).map((line) => {
    try {
      return parse(line);
    } catch (failure) {
      if (!(failure instanceof SyntaxError)) throw new Fault(failure.message);
      return line;
    }
  });
}

/** The lines that are not blank: each is an item. */
export function filledLines(text) {
  return text.split('\n').filter((line) => line.trim());
}

/** A value as a text for a field: a text as it is, a number as it was written. */
function written(value) {
  return source(value) ?? String(value);
}

/** Rows of a table as objects, by the names in the first row (RFC 4180). */
export function csvOf(text) {
  const rows = [];
  let row = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const c = text[at];
    if (isQuoted) {
      if (c === '"' && text[at + 1] === '"') cell += text[++at];
      else if (c === '"') isQuoted = false;
      else cell += c;
    } else if (c === '"') isQuoted = true;
    else if (c === ',') {
      row.push(cell);
      cell = '';
    } else if (c === '\n' || c === '\r') {
      if (c === '\r' && text[at + 1] === '\n') at++;
      row.push(cell);
      if (row.length > 1 || row[0]) rows.push(row);
      row = [];
      cell = '';
    } else cell += c;
  }
  row.push(cell);
  if (row.length > 1 || row[0]) rows.push(row);
  const [names = [], ...rest] = rows;
  const plain = (value) => (Number.isFinite(Number(value)) && String(Number(value)) === value ? Number(value) : value);
  return rest.map((cells) => Object.fromEntries(names.map((name, i) => [name, plain(cells[i] ?? '')])));
}

/** A number to calculate with. */
function asNumber(value) {
  return Number(written(value));
}

/** A request with the first items only, to try a job on; null if this page does not know the items. */
export function few(request, most = 10) {
  const {inputs} = request;
  const copy = {...request, name: `${request.name ?? 'a job'} on ${most} items`.slice(0, 200)};
  if (Array.isArray(inputs)) copy.inputs = inputs.slice(0, most);
  else if (inputs?.range) {
    const [start, stop, step] = [inputs.range.start ?? 0, inputs.range.stop, inputs.range.step ?? 1].map(asNumber);
    const end = start + most * step;
    copy.inputs = {range: {...inputs.range, stop: step > 0 ? Math.min(stop, end) : Math.max(stop, end)}};
  } else if (inputs?.repeat) {
    copy.inputs = {repeat: {...inputs.repeat, times: Math.min(most, asNumber(inputs.repeat.times))}};
  } else return null;
  return copy;
}

/** The form that means this request. Options that the form has no field for go into `more`. */
export function fromRequest(request) {
  const form = {...BLANK};
  const {function: one, inputs, labels, ...rest} = parse(JSON.stringify(request));
  if (typeof one === 'string') Object.assign(form, {kind: 'registered', registered: one});
  else if (one?.runtime === 'command') {
    Object.assign(form, {
      kind: 'command',
      command: one.command.join('\n'),
      protocol: one.protocol ?? 'lines',
      indexed: Boolean(one.indexed),
    });
  } else if (one?.runtime === 'java') Object.assign(form, {kind: 'java', className: one.class, jar: one.jar});
  else if (one) Object.assign(form, {kind: 'python', code: one.code ?? '', entry: one.entry ?? ''});
  if (Array.isArray(inputs)) Object.assign(form, {from: 'json', json: arrayText(inputs)});
  else if (inputs?.range) {
    const {start = 0, stop, step = 1} = inputs.range;
    Object.assign(form, {from: 'range', start: written(start), stop: written(stop), step: written(step)});
  } else if (inputs?.repeat)
    Object.assign(form, {
      from: 'repeat',
      value: JSON.stringify(inputs.repeat.value ?? null),
      times: written(inputs.repeat.times),
    });
  else if (inputs?.results) Object.assign(form, {from: 'results', results: inputs.results});
  else if (inputs?.open) form.from = 'open';
  if (labels)
    form.labels = Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n');
  for (const [field, pointer, reader] of OPTIONS) {
    const names = pointer.slice(1).split('/');
    const holder = names.length > 1 ? rest[names[0]] : rest;
    const value = holder?.[names.at(-1)];
    if (value === undefined || value === null) continue;
    // A field of the form is one line of text: an option with members stays among the others, as JSON.
    if (reader !== parsed && isObject(value)) continue;
    form[field] = reader === parsed ? JSON.stringify(value) : reader === Boolean ? value : written(value);
    delete holder[names.at(-1)];
    if (names.length > 1 && !Object.keys(holder).length) delete rest[names[0]];
  }
  if (Object.keys(rest).length) form.more = JSON.stringify(rest, null, 2);
  return form;
}

function arrayText(items) {
  const flat = `[${items.map((item) => JSON.stringify(item)).join(', ')}]`;
  return flat.length < 80
    ? flat
    : `[\n${items.map((item) => '  ' + JSON.stringify(item)).join(',\n')}\n]`;
}
