// The work of each worker over time: zoom by wheel, buttons or keys, from the whole job down to single
// chunks. The service merges bars that would be too narrow to see, and sends those of a window.

import {download, get, query} from '../api.js';
import {draw, go} from '../app.js';
import {announce, attempt, count, duration, empty, failed, hasEnded, html, loading, nothing, plural} from '../ui.js';
import {barOf, secondsOf, words} from './bars.js';
import {AXIS, LABEL, heightOf, lanesOf, paint, palette} from './lanes.js';
import {Tab} from './tab.js';

const BARS = 3_000;

export function open(page) {
  return new Timeline(page);
}

class Timeline extends Tab {
  whole = null;
  bars = [];
  from = 0;
  to = 1;
  end = 1;
  isMerged = false;
  focused = null;
  tip = null;
  failure = null;

  constructor(page) {
    super(page, 3_000);
    this.repaint = () => {
      this.colours = null;
      this.paint();
    };
    addEventListener('manyhands-theme', this.repaint);
    this.watch = new ResizeObserver(() => this.paint());
    this.reload();
  }

  needsMore() {
    return !this.whole || !this.isEnded;
  }

  close() {
    super.close();
    clearTimeout(this.timer);
    this.watch.disconnect();
    removeEventListener('manyhands-theme', this.repaint);
  }

  get isFit() {
    return this.from <= 0 && this.to >= this.end;
  }

  async load() {
    try {
      const wasFit = !this.whole || this.isFit;
      const timeline = await get(this.page.path('/timeline?bars=' + BARS));
      this.isEnded = hasEnded(timeline);
      this.whole = timeline;
      this.failure = null;
      if (timeline.startedAt) {
        this.start = secondsOf(timeline.startedAt);
        const bars = timeline.bars.map((bar) => barOf(bar, this.start));
        this.overview = bars;
        ({lanes: this.lanes, count: this.laneCount} = lanesOf(bars));
        this.end = Math.max(0.001, ...bars.map((bar) => bar.to));
        if (wasFit) {
          this.from = 0;
          this.to = this.end;
          this.bars = bars;
          this.isMerged = timeline.merged;
        } else {
          this.loadWindow();
        }
      }
    } catch (failure) {
      this.failure = failure;
    }
    draw();
    requestAnimationFrame(() => this.paint());
  }

  /** Asks for the bars of the window, once the window has come to rest. */
  windowSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.loadWindow(), 120);
  }

  async loadWindow() {
    if (this.isFit || !this.whole.merged) {
      this.bars = this.overview;
      this.isMerged = this.whole.merged;
      this.paint();
      draw();
      return;
    }
    const {from, to} = this;
    try {
      const part = await get(
        this.page.path(
          '/timeline' +
            query({
              bars: BARS,
              from: Math.max(0, from).toFixed(6),
              to: Math.max(to, from + 1e-5).toFixed(6),
            }),
        ),
      );
      if (this.from !== from || this.to !== to) return;
      this.bars = part.bars.map((bar) => barOf(bar, this.start));
      this.isMerged = part.merged;
      for (const bar of this.bars) {
        if (!this.lanes.has(bar.worker)) this.lanes.set(bar.worker, 0);
      }
      this.focused = null;
      this.paint();
      draw();
    } catch {
      // The bars that are shown stay.
    }
  }

  // ---- moving

  zoom(factor, at = (this.from + this.to) / 2) {
    const span = Math.min(this.end, Math.max(1e-4, (this.to - this.from) * factor));
    const share = (at - this.from) / (this.to - this.from);
    this.move(at - share * span, span);
  }

  move(from, span = this.to - this.from) {
    this.from = Math.max(0, Math.min(from, this.end - span));
    this.to = this.from + span;
    this.tip = null;
    this.paint();
    this.windowSoon();
    draw();
  }

  fit() {
    this.from = 0;
    this.to = this.end;
    this.windowSoon();
    this.paint();
    draw();
  }

  atX(x) {
    return this.from + ((x - LABEL) / (this.canvas.clientWidth - LABEL - 8)) * (this.to - this.from);
  }

  onWheel(event) {
    if (!event.ctrlKey && Math.abs(event.deltaY) > Math.abs(event.deltaX) && !event.shiftKey && !event.metaKey) {
      if (!this.isNear) return;
    }
    event.preventDefault();
    const span = this.to - this.from;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
      this.move(this.from + ((event.deltaX || event.deltaY) / this.canvas.clientWidth) * span);
    } else {
      this.zoom(Math.exp(event.deltaY / 400), this.atX(event.offsetX));
    }
  }

  onPointer(event) {
    if (event.type === 'pointerdown') {
      this.isNear = true;
      this.dragged = {x: event.clientX, from: this.from, hasMoved: false};
      this.canvas.setPointerCapture(event.pointerId);
    } else if (event.type === 'pointermove' && this.dragged && event.buttons) {
      const by = event.clientX - this.dragged.x;
      if (Math.abs(by) > 3) this.dragged.hasMoved = true;
      if (this.dragged.hasMoved) {
        this.move(this.dragged.from - (by / (this.canvas.clientWidth - LABEL)) * (this.to - this.from));
      }
    } else if (event.type === 'pointermove') {
      this.show(this.barAt(event), event.offsetX, event.offsetY);
    } else if (event.type === 'pointerup') {
      if (this.dragged && !this.dragged.hasMoved) this.focus(this.barAt(event));
      this.dragged = null;
    } else {
      this.isNear = false;
      this.show(null);
    }
  }

  barAt(event) {
    const lane = Math.floor((event.offsetY - AXIS) / heightOf(this.laneCount));
    const at = this.atX(event.offsetX);
    const near = (3 * (this.to - this.from)) / this.canvas.clientWidth;
    return this.bars.find((bar) => this.lanes.get(bar.worker) === lane && bar.from - near <= at && at <= bar.to + near);
  }

  show(bar, x, y) {
    const before = this.tip?.bar;
    this.tip = bar ? {bar, x: Math.min(x + 12, this.canvas.clientWidth - 240), y: y + 14} : null;
    if (before !== bar || bar) draw();
  }

  focus(bar) {
    this.focused = bar ?? null;
    if (bar) announce(words(bar));
    this.paint();
    draw();
  }

  onKey(event) {
    const span = this.to - this.from;
    const keys = {
      '+': () => this.zoom(0.5, this.middle()),
      '=': () => this.zoom(0.5, this.middle()),
      '-': () => this.zoom(2, this.middle()),
      0: () => this.fit(),
      Home: () => this.move(0),
      End: () => this.move(this.end - span),
      PageDown: () => this.move(this.from + span * 0.8),
      PageUp: () => this.move(this.from - span * 0.8),
      ArrowRight: () => this.next(1),
      ArrowLeft: () => this.next(-1),
      ArrowDown: () => this.next(0, 1),
      ArrowUp: () => this.next(0, -1),
      Enter: () => this.focused && go(`/jobs/${this.page.id}/items?item=${this.focused.first}`),
    };
    const action = keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  }

  middle() {
    const one = this.focused;
    return one && one.to > this.from && one.from < this.to ? (one.from + one.to) / 2 : (this.from + this.to) / 2;
  }

  /** Moves the focus to the bar beside, or to one at this time in the lane above or below. */
  next(along, across = 0) {
    const now = this.focused;
    const lane = (bar) => this.lanes.get(bar.worker);
    let bar;
    if (!now) {
      bar = this.bars.find((one) => one.to >= this.from);
    } else if (along) {
      const inLane = this.bars.filter((one) => lane(one) === lane(now)).sort((a, b) => a.from - b.from);
      bar = inLane[inLane.indexOf(now) + along];
    } else {
      const others = this.bars.filter((one) => lane(one) === lane(now) + across);
      bar = others.sort((a, b) => Math.abs(a.from - now.from) - Math.abs(b.from - now.from))[0];
    }
    if (!bar) return;
    if (bar.to < this.from || bar.from > this.to) this.move(bar.from - (this.to - this.from) / 4);
    this.focus(bar);
  }

  paint() {
    const canvas = document.querySelector('.lanes canvas');
    if (!canvas || !this.lanes) return;
    if (this.canvas !== canvas) {
      this.canvas = canvas;
      canvas.addEventListener('wheel', (event) => this.onWheel(event), {passive: false});
      this.watch.disconnect();
      this.watch.observe(canvas);
    }
    this.colours ??= palette();
    paint(canvas, this, this.colours);
  }

  view(job) {
    if (this.failure) return failed(this.failure, this.reload);
    if (!this.whole) return loading;
    if (!this.overview?.length) {
      return empty(
        'Nothing to see yet',
        html`<p>
          ${hasEnded(job) ? 'No worker has run items of this job.' : 'The first bars come when workers have reported.'}
        </p>`,
      );
    }
    const name = `timeline-${this.page.id.slice(0, 8)}`;
    const part = this.isFit ? '' : `&from=${this.from.toFixed(6)}&to=${this.to.toFixed(6)}`;
    const pointer = (event) => this.onPointer(event);
    return html`<div class="filters">
        <button @click=${() => this.fit()} ?disabled=${this.isFit}>Fit</button>
        <button aria-label="Zoom out" @click=${() => this.zoom(2, this.middle())} ?disabled=${this.isFit}>−</button>
        <button aria-label="Zoom in" @click=${() => this.zoom(0.5, this.middle())}>+</button>
        <span class="dim" id="window"
          >${duration(this.from)} to ${duration(this.to)} of
          ${duration(this.end)}${this.isMerged ? '; neighbouring chunks are drawn as one: zoom in to part them' : ''}</span
        >
        <button @click=${() => attempt(() => download(this.page.path('/timeline?format=svg' + part), name + '.svg'))}>
          Picture (SVG)
        </button>
        <button @click=${() => attempt(() => download(this.page.path('/timeline?format=trace'), name + '.json'))}>
          Trace (Perfetto)
        </button>
      </div>
      <div class="lanes">
        <canvas
          tabindex="0"
          role="img"
          aria-describedby="window timeline-keys"
          aria-label="Timeline: ${plural(this.laneCount, 'lane')}, ${plural(this.bars.length, 'bar')}"
          @keydown=${(e) => this.onKey(e)}
          @pointerdown=${pointer}
          @pointermove=${pointer}
          @pointerup=${pointer}
          @pointerleave=${pointer}
        ></canvas>
        ${this.tip ? html`<div class="tip" .style=${`left:${this.tip.x}px;top:${this.tip.y}px`}>${words(this.tip.bar)}</div>` : nothing}
      </div>
      <div class="legend">
        <span><i class="swatch"></i>a chunk</span><span><i class="swatch bad"></i>▼ has failed items</span>
        <span><i class="swatch again"></i>tried again</span><span><i class="swatch start"></i>a worker starts</span>
        <span id="timeline-keys"
          >Keys: + and − zoom, arrows go from bar to bar, Enter opens its items, 0 shows all. Click, then turn the wheel
          to zoom.</span
        >
      </div>
      ${
        this.focused
          ? html`<p class="card">
              <strong>${words(this.focused)}</strong>
              <a href="#/jobs/${this.page.id}/items?item=${this.focused.first}">open the first item</a>
            </p>`
          : nothing
      }
      ${this.table()}`;
  }

  table() {
    const shown = this.bars.filter((bar) => bar.to >= this.from && bar.from <= this.to).slice(0, 50);
    return html`<details>
      <summary>The bars of this window as a table</summary>
      <div class="table" tabindex="0">
        <table>
          <caption>
            ${shown.length === 50 ? 'The first 50 bars' : plural(shown.length, 'bar')}
          </caption>
          <thead>
            <tr>
              <th class="num">From</th>
              <th class="num">Took</th>
              <th class="num">Worker</th>
              <th>Items</th>
              <th class="num">Failed</th>
              <th class="num">Attempt</th>
            </tr>
          </thead>
          <tbody>
            ${shown.map(
              (bar) =>
                html`<tr>
                  <td class="num">${duration(bar.from)}</td>
                  <td class="num">${duration(bar.to - bar.from)}</td>
                  <td class="num">#${bar.worker}</td>
                  <td>${count(bar.first)}${bar.count > 1 ? ` to ${count(bar.first + bar.count - 1)}` : ''}</td>
                  <td class="num">${count(bar.failed)}</td>
                  <td class="num">${bar.attempt}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }
}
