// The one stream of events that keeps all pages up to date. It survives a cut connection, a laptop
// that sleeps and a restart of the service, and reports each of them.

import {Problem, events, get} from './api.js';

const SILENCE_MS = 8_000; // ends a stream without a byte in this time: the service sends its load each second
const HIDDEN_MS = 60_000; // ends the stream of a hidden tab: browsers open few connections to a host
const LONGEST_WAIT_MS = 5_000;
const SAMPLES = 600;

export const live = {
  /** 'connecting', 'connected', 'cut', 'resting' (the tab is hidden) or 'refused' (no token). */
  state: 'connecting',
  /** When the connection was lost, null while there is one. */
  cutAt: null,
  /** The newest load of the service; null before the first. `samples` has the last ten minutes. */
  load: null,
  samples: {itemsPerSecond: [], slotsBusy: [], jobsRunning: [], jobsQueued: []},
  /** The speed of running jobs: id → {at, done, rate}; rate is in items a second, null at first. */
  speeds: new Map(),
};

const listeners = new Set();
let lastId = null;
let abort = null;
let lastSign = 0;
let wait = 250;
let hiddenSince = null;
let wake = () => {};

/** Calls the listener with (type, data) for each event; returns a function that ends this. */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function notify(type, data) {
  for (const listener of [...listeners]) listener(type, data);
}

function become(state) {
  if (live.state === state) return;
  live.state = state;
  if (state === 'cut') live.cutAt ??= new Date();
  if (state === 'connected') live.cutAt = null;
  notify('connection', state);
}

export function connect() {
  document.addEventListener('visibilitychange', () => {
    hiddenSince = document.hidden ? Date.now() : null;
    if (!document.hidden) look();
  });
  // A page that the browser keeps to go back to would keep its connection, of which there are six.
  addEventListener('pagehide', () => {
    become('resting');
    abort?.abort();
  });
  addEventListener('pageshow', (event) => event.persisted && retryNow());
  addEventListener('online', () => retryNow());
  addEventListener('offline', () => abort?.abort());
  setInterval(look, 1_000);
  run();
}

/**
 * Ends a stream that has gone silent: after a sleep of the machine no end of the connection is reported. Ends the
 * stream of a tab that was hidden for long, and connects again when the tab is seen.
 */
function look() {
  if (live.state === 'connected') {
    if (hiddenSince && Date.now() - hiddenSince > HIDDEN_MS) {
      become('resting');
      abort?.abort();
    } else if (Date.now() - lastSign > SILENCE_MS) {
      become('cut');
      abort?.abort();
    }
  } else if (live.state === 'resting' && !document.hidden) {
    retryNow();
  }
}

/** Tries to connect without waiting further, also with another token. */
export function retryNow() {
  wait = 250;
  wake();
}

/** Begins anew, for another token. */
export function reconnect() {
  abort?.abort();
  retryNow();
}

async function run() {
  for (;;) {
    abort = new AbortController();
    try {
      await events('events', {
        lastId,
        signal: abort.signal,
        onOpen: opened,
        onAlive: () => (lastSign = Date.now()),
        onEvent: take,
      });
      become('cut');
    } catch (failure) {
      if (failure instanceof Problem && failure.status === 401) become('refused');
      else if (live.state !== 'resting') become('cut');
    }
    await pause(live.state === 'refused' || live.state === 'resting' ? 86_400_000 : wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function opened() {
  lastSign = Date.now();
  wait = 250;
  become('connected');
}

function take(type, data, id) {
  lastId = id ?? lastId;
  if (type === 'service') {
    remember(data);
  } else if (type === 'job') {
    measure(data);
  } else if (type === 'reset') {
    live.speeds.clear();
    loadSamples();
  }
  notify(type, data);
}

function remember(load) {
  live.load = load;
  const columns = live.samples;
  push(columns.itemsPerSecond, load.itemsPerSecond);
  push(columns.slotsBusy, load.slots.busy);
  push(columns.jobsRunning, load.jobs.running);
  push(columns.jobsQueued, load.jobs.queued);
}

function push(column, value) {
  column.push(value);
  if (column.length > SAMPLES) column.shift();
}

async function loadSamples() {
  try {
    const {samples} = await get('service');
    for (const name of Object.keys(live.samples)) live.samples[name] = samples[name];
    notify('samples', live.samples);
  } catch {
    // The next event of the stream shows whether the service is there.
  }
}

/** Updates the speed of a running job, smoothed over some seconds. Remembered items do not count. */
function measure(job) {
  if (job.state !== 'RUNNING') {
    live.speeds.delete(job.id);
    return;
  }
  const now = performance.now();
  const done = job.items.done - job.items.cached;
  const before = live.speeds.get(job.id);
  if (!before) {
    live.speeds.set(job.id, {at: now, done, rate: null});
    return;
  }
  const seconds = (now - before.at) / 1000;
  if (seconds < 0.9) return;
  const rate = Math.max(0, done - before.done) / seconds;
  const weight = 1 - Math.exp(-seconds / 4);
  live.speeds.set(job.id, {
    at: now,
    done,
    rate: before.rate === null ? rate : before.rate + (rate - before.rate) * weight,
  });
}
