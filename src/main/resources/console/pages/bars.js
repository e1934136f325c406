// The bars of a timeline as the canvas takes them, and as words.

import {bytes, count, duration} from '../ui.js';

/** Seconds since 1970 with all their digits: the browser's own dates know milliseconds only. */
export function secondsOf(text) {
  const [whole, fraction = '0Z'] = text.split('.');
  return Date.parse(whole.replace(/Z?$/, 'Z')) / 1000 + Number(`0.${fraction.replace('Z', '')}`);
}

/** A bar with its times in seconds since the start of the job. */
export function barOf(bar, start) {
  return {
    worker: bar.worker,
    pid: bar.pid,
    first: bar.items.first,
    count: bar.items.count,
    failed: bar.failed,
    attempt: bar.attempt,
    chunks: bar.chunks,
    run: bar.runSeconds,
    read: bar.readSeconds,
    write: bar.writeSeconds,
    peakRss: bar.peakRss,
    startUp: bar.startUpSeconds,
    from: secondsOf(bar.startedAt) - start,
    to: secondsOf(bar.finishedAt) - start,
  };
}

export function words(bar) {
  const items =
    bar.count === 1 ? `item ${count(bar.first)}` : `items ${count(bar.first)} to ${count(bar.first + bar.count - 1)}`;
  return [
    items,
    `worker #${bar.worker}`,
    duration(bar.to - bar.from),
    `in the function ${duration(bar.run)}`,
    bar.failed ? `${count(bar.failed)} failed` : '',
    bar.attempt > 1 ? `attempt ${bar.attempt}` : '',
    bar.startUp ? `${duration(bar.startUp)} to start the worker` : '',
    bar.chunks > 1 ? `${count(bar.chunks)} chunks` : '',
    bar.peakRss ? bytes(bar.peakRss) : '',
  ]
    .filter(Boolean)
    .join(', ');
}
