// Draws the bars of a timeline on a canvas: a lane for each worker, or for several that follow each
// other. A frame costs as much as there are bars in the window, of which the service sends few.

import {colour} from '../chart.js';

export const AXIS = 26;
export const LABEL = 70;

/** The height of a lane in pixels: few lanes get more room. */
export const heightOf = (lanes) => Math.max(22, Math.min(44, Math.floor(220 / lanes)));

/** Gives each worker a lane. A worker that begins after another has ended may get the lane of the other. */
export function lanesOf(bars) {
  const workers = new Map();
  for (const bar of bars) {
    const known = workers.get(bar.worker);
    if (known) {
      known.from = Math.min(known.from, bar.from);
      known.to = Math.max(known.to, bar.to);
    } else {
      workers.set(bar.worker, {worker: bar.worker, from: bar.from, to: bar.to});
    }
  }
  const ends = [];
  const lanes = new Map();
  for (const one of [...workers.values()].sort((a, b) => a.from - b.from || a.worker - b.worker)) {
    let lane = ends.findIndex((end) => end <= one.from + 1e-6);
    if (lane < 0) lane = ends.length;
    ends[lane] = one.to;
    lanes.set(one.worker, lane);
  }
  return {lanes, count: Math.max(1, ends.length)};
}

/** The seconds between two marks of the axis, at least 90 pixels: 1, 2 or 5 times a power of ten. */
export function step(span, width) {
  const least = (span * 90) / Math.max(width, 90);
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least);
}

export function label(seconds, distance) {
  if (distance >= 1) {
    const whole = Math.round(seconds);
    return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
  }
  const digits = Math.min(6, Math.ceil(-Math.log10(distance)));
  return `${seconds.toFixed(digits)} s`;
}

/** The colours of the scheme in force, as values, because a canvas knows no variables. */
export function palette() {
  const names = {
    line: '--line',
    dim: '--dim',
    text: '--text',
    run: '--run-fill',
    bad: '--bad-fill',
    again: '--wait',
    start: '--skip-fill',
    surface: '--surface',
    focus: '--text',
  };
  return Object.fromEntries(Object.entries(names).map(([key, name]) => [key, colour(name)]));
}

/**
 * Draws the window [from, to], in seconds since the start of the job.
 *
 * @param scene {bars, lanes, laneCount, from, to, focused}
 */
export function paint(canvas, scene, colours) {
  const ratio = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const laneHeight = heightOf(scene.laneCount);
  const height = AXIS + scene.laneCount * laneHeight + 4;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = height + 'px';
  }
  const pen = canvas.getContext('2d');
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = '12px system-ui, sans-serif';
  const scale = (width - LABEL - 8) / (scene.to - scene.from);
  const x = (seconds) => LABEL + (seconds - scene.from) * scale;
  axis(pen, scene, x, width, height, colours);
  pen.save();
  pen.beginPath();
  pen.rect(LABEL, 0, width - LABEL, height);
  pen.clip();
  for (const bar of scene.bars) {
    if (bar.to < scene.from || bar.from > scene.to) continue;
    drawBar(
      pen,
      bar,
      x,
      AXIS + (scene.lanes.get(bar.worker) ?? 0) * laneHeight,
      laneHeight - 5,
      colours,
      scene.focused === bar,
    );
  }
  pen.restore();
  pen.fillStyle = colours.dim;
  for (const [lane, name] of names(scene)) pen.fillText(name, 8, AXIS + lane * laneHeight + laneHeight / 2 + 3);
}

/** The name of each lane: its worker, or the number of workers that it had in turn. */
function names(scene) {
  const workers = new Map();
  for (const [worker, lane] of scene.lanes) workers.set(lane, [...(workers.get(lane) ?? []), worker]);
  return [...workers].map(([lane, ids]) => [lane, ids.length > 1 ? `${ids.length} in turn` : '#' + ids[0]]);
}

function axis(pen, scene, x, width, height, colours) {
  const distance = step(scene.to - scene.from, width - LABEL);
  pen.fillStyle = colours.dim;
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  for (let at = Math.ceil(scene.from / distance) * distance; at <= scene.to; at += distance) {
    const place = Math.round(x(at)) + 0.5;
    pen.beginPath();
    pen.moveTo(place, AXIS - 6);
    pen.lineTo(place, height);
    pen.stroke();
    const words = label(at, distance);
    pen.fillText(words, Math.min(place + 3, width - pen.measureText(words).width - 2), 14);
  }
}

function drawBar(pen, bar, x, top, height, colours, isFocused) {
  const left = Math.max(x(bar.from), -10);
  const right = Math.min(x(bar.to), x(bar.to) > 1e5 ? 1e5 : Infinity);
  const width = Math.max(right - left - (right - left > 4 ? 1 : 0), 1);
  const y = top + 2;
  pen.fillStyle = bar.attempt > 1 ? colours.again : colours.run;
  pen.globalAlpha = bar.chunks > 1 ? 0.8 : 1;
  pen.fillRect(left, y, width, height);
  pen.globalAlpha = 1;
  if (bar.startUp > 0) {
    pen.fillStyle = colours.start;
    pen.fillRect(left, y, Math.min(width, x(bar.from + bar.startUp) - left), height);
  }
  if (bar.failed) {
    // Height and a notch beside the colour: colour alone would not be seen by all.
    pen.fillStyle = colours.bad;
    const part = Math.max(0.3, bar.failed / bar.count);
    pen.fillRect(left, y + height * (1 - part), width, height * part);
    pen.beginPath();
    pen.moveTo(left, y - 2);
    pen.lineTo(left + 7, y - 2);
    pen.lineTo(left + 3.5, y + 5);
    pen.fill();
  }
  const begin = Math.max(bar.startUp > 0 ? x(bar.from + bar.startUp) : left, LABEL);
  if (width > 46) {
    const words = bar.count === 1 ? String(bar.first) : `${bar.first}–${bar.first + bar.count - 1}`;
    const room = pen.measureText(words).width;
    if (room < right - begin - 8) {
      pen.fillStyle = bar.attempt > 1 ? colours.surface : '#fff';
      pen.fillText(words, begin + 4, y + height / 2 + 4);
    }
  }
  if (isFocused) {
    pen.strokeStyle = colours.focus;
    pen.lineWidth = 2;
    pen.strokeRect(left - 1, y - 1, width + 2, height + 2);
  }
}
