// Charts. A spark line is drawn here; uPlot draws those with axes, and is loaded when it is needed.

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A colour of the page as a canvas takes it: pairs of light and dark are resolved by the browser. */
export function colour(name) {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  probe.hidden = true;
  document.body.append(probe);
  const {color} = getComputedStyle(probe);
  probe.remove();
  return color || style(name);
}

/** Draws `values` as a line; null is a gap. Without gaps, the area below the line is filled. */
class Spark extends HTMLElement {
  #values = [];

  connectedCallback() {
    if (!this.firstChild) this.append(document.createElement('canvas'));
    this.watch = new ResizeObserver(() => this.#draw());
    this.watch.observe(this);
    this.repaint = () => this.#draw();
    addEventListener('manyhands-theme', this.repaint);
  }

  disconnectedCallback() {
    this.watch.disconnect();
    removeEventListener('manyhands-theme', this.repaint);
  }

  set values(values) {
    this.#values = values;
    this.#draw();
  }

  #draw() {
    const canvas = this.firstChild;
    const {clientWidth: width, clientHeight: height} = this;
    if (!canvas || !width) return;
    const ratio = devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.height = height + 'px';
    const paint = canvas.getContext('2d');
    paint.scale(ratio, ratio);
    const values = this.#values;
    const most = Math.max(1, Number(this.getAttribute('most')) || 0, ...values);
    const slots = Math.max(values.length, Number(this.getAttribute('slots')) || 0) - 1;
    const x = (i) => width - ((values.length - 1 - i) / Math.max(slots, 1)) * width;
    const y = (v) => height - 2 - (v / most) * (height - 6);
    paint.strokeStyle = colour('--line');
    paint.beginPath();
    paint.moveTo(0, height - 1.5);
    paint.lineTo(width, height - 1.5);
    paint.stroke();
    paint.strokeStyle = colour('--run-fill');
    paint.fillStyle = paint.strokeStyle;
    paint.lineWidth = 1.5;
    const line = new Path2D();
    let open = false;
    values.forEach((value, i) => {
      if (value === null) open = false;
      else if (open) line.lineTo(x(i), y(value));
      else {
        line.moveTo(x(i), y(value));
        open = true;
      }
    });
    paint.stroke(line);
    if (!values.includes(null) && values.length > 1) {
      line.lineTo(x(values.length - 1), height);
      line.lineTo(x(0), height);
      paint.globalAlpha = 0.16;
      paint.fill(line);
    }
  }
}
customElements.define('mh-spark', Spark);

let library;

function loadPlot() {
  library ??= (async () => {
    const sheet = document.createElement('link');
    sheet.rel = 'stylesheet';
    sheet.href = new URL('lib/uplot/dist/uPlot.min.css', import.meta.url).href;
    document.head.append(sheet);
    return (await import('./lib/uplot/dist/uPlot.esm.js')).default;
  })();
  return library;
}

/**
 * A chart over time: `plot` is {x, lines: [{label, values, colour, fill}], isClock}. `x` is in seconds: since 1970 if
 * `isClock`, else since the start of the job.
 */
class Chart extends HTMLElement {
  #plot = null;
  #data = null;

  connectedCallback() {
    this.watch = new ResizeObserver(() => this.#chart?.setSize(this.#size()));
    this.watch.observe(this);
    this.repaint = () => this.#make();
    addEventListener('manyhands-theme', this.repaint);
    if (this.#data) this.#make();
  }

  disconnectedCallback() {
    this.watch.disconnect();
    removeEventListener('manyhands-theme', this.repaint);
    this.#chart?.destroy();
    this.#plot = null;
  }

  get #chart() {
    return this.#plot;
  }

  #size() {
    return {width: Math.max(this.clientWidth, 200), height: Number(this.getAttribute('height')) || 170};
  }

  set plot(data) {
    const isSame = this.#data && this.#data.lines.length === data.lines.length;
    this.#data = data;
    if (this.#plot && isSame) {
      this.#plot.setData([data.x, ...data.lines.map((line) => line.values)]);
    } else if (this.isConnected) {
      this.#make();
    }
  }

  async #make() {
    const UPlot = await loadPlot();
    if (!this.isConnected || !this.#data) return;
    this.#plot?.destroy();
    const axis = {
      stroke: colour('--dim'),
      grid: {stroke: colour('--line'), width: 1},
      ticks: {show: false},
      font: '12px system-ui',
      size: 46,
    };
    this.#plot = new UPlot(
      {
        ...this.#size(),
        cursor: {points: {size: 6}, drag: {x: false, y: false}},
        legend: {show: true, live: true},
        scales: {x: {time: this.#data.isClock}, y: {range: (_, low, high) => [0, Math.max(high * 1.05, 1)]}},
        series: [
          {label: this.#data.isClock ? 'time' : 'second'},
          ...this.#data.lines.map((line) => ({
            label: line.label,
            stroke: colour(line.colour),
            width: 1.5,
            points: {show: false},
            fill: line.fill ? colour(line.colour).replace('rgb(', 'rgba(').replace(')', ', 0.15)') : undefined,
          })),
        ],
        axes: [{...axis, size: 30}, axis],
      },
      [this.#data.x, ...this.#data.lines.map((line) => line.values)],
      this,
    );
  }
}
customElements.define('mh-chart', Chart);
