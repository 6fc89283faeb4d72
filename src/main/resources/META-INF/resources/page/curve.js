// A chart of one or two series over the steps of a training, drawn as SVG and as wide as its place.
import { drawn, element } from './dom.js';
import { label, language, say } from './words.js';

const HEIGHT = 200;
const MARGIN = { left: 58, right: 12, top: 10, bottom: 24 };
/** More points than this are drawn as means, since a screen is no wider. */
const MOST_POINTS = 600;

export class Curve extends HTMLElement {
  #name;
  #series = [];
  #shown = [];
  #chart = drawn('svg', { class: 'chart', height: HEIGHT, role: 'img', tabindex: '0' });
  #reading = element('p', { class: 'reading quiet', 'aria-live': 'polite' });
  #marker = drawn('line', { class: 'marker', y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom });
  #at = null;
  #range = null;

  /** @param name of the sentence that is its title */
  constructor(name) {
    super();
    this.#name = name;
  }

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    this.append(say(element('h3'), this.#name), this.#chart, this.#reading);
    new ResizeObserver(() => this.#draw()).observe(this);
    this.#chart.addEventListener('pointermove', (event) => this.#point(this.#step(event.offsetX)));
    this.#chart.addEventListener('pointerleave', () => this.#point(null));
    this.#chart.addEventListener('blur', () => this.#point(null));
    this.#chart.addEventListener('keydown', (event) => this.#key(event));
  }

  /** @param series each with the name of its sentence, a class, and points of step and value in the order of steps @param last the last step there will be */
  set(series, last) {
    this.#series = series.filter(({ points }) => points.length > 0);
    this.#range = last;
    this.hidden = this.#series.length === 0;
    this.#draw();
  }

  #key(event) {
    const all = this.#shown[0]?.points.map(([step]) => step) ?? [];
    const at = all.indexOf(this.#at);
    const next = { ArrowRight: at + 1, ArrowLeft: at < 0 ? all.length - 1 : at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next !== undefined && all[next] !== undefined) {
      event.preventDefault();
      this.#point(all[next]);
    }
  }

  #draw() {
    const width = this.clientWidth;
    if (width === 0 || this.#series.length === 0) {
      return;
    }
    this.#shown = this.#series.map((one) => ({ ...one, points: thinned(one.points) }));
    const values = this.#shown.flatMap(({ points }) => points.map(([, value]) => value)).filter(Number.isFinite);
    const scale = this.#scale(width, Math.min(...values), Math.max(...values));
    this.#chart.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
    this.#chart.replaceChildren(...this.#axes(scale, width), ...this.#shown.flatMap((one) => line(one, scale)), this.#marker);
    this.#scaled = scale;
    this.#point(this.#at);
  }

  #scaled = null;

  #scale(width, low, high) {
    const steps = this.#shown.flatMap(({ points }) => points.map(([step]) => step));
    const [from, to] = [Math.min(...steps), Math.max(this.#range ?? 0, ...steps)];
    const ticks = ticksOf(low, high);
    const [bottom, top] = [Math.min(low, ticks[0]), Math.max(high, ticks.at(-1))];
    const room = width - MARGIN.left - MARGIN.right;
    return {
      from, to, ticks, room,
      x: (step) => MARGIN.left + (to === from ? room / 2 : (step - from) / (to - from) * room),
      y: (value) => MARGIN.top + (1 - (top === bottom ? 0.5 : (value - bottom) / (top - bottom))) * (HEIGHT - MARGIN.top - MARGIN.bottom),
    };
  }

  #axes({ from, to, ticks, x, y }, width) {
    const text = (attributes, content) => drawn('text', attributes, content);
    return [
      ...ticks.flatMap((value) => [drawn('line', { class: 'grid-line', x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value) }),
        text({ x: MARGIN.left - 8, y: y(value) + 4, 'text-anchor': 'end' }, figure(value))]),
      text({ x: x(from), y: HEIGHT - 6, 'text-anchor': from === to ? 'middle' : 'start' }, String(from)),
      ...(from === to ? [] : [text({ x: x(to), y: HEIGHT - 6, 'text-anchor': 'end' }, String(to))]),
    ];
  }

  /** The step under a place of the chart. */
  #step(offset) {
    if (!this.#scaled || this.#shown.length === 0) {
      return null;
    }
    const { from, to, room } = this.#scaled;
    const wanted = from + (offset - MARGIN.left) / room * (to - from);
    return this.#shown[0].points.reduce((best, [step]) => (Math.abs(step - wanted) < Math.abs(best - wanted) ? step : best), this.#shown[0].points[0][0]);
  }

  /** Reads a step, or the last one. */
  #point(step) {
    this.#at = step;
    const shown = step ?? this.#shown[0]?.points.at(-1)[0];
    this.#marker.style.display = step === null || !this.#scaled ? 'none' : '';
    if (step !== null && this.#scaled) {
      this.#marker.setAttribute('x1', this.#scaled.x(step));
      this.#marker.setAttribute('x2', this.#scaled.x(step));
    }
    const parts = this.#shown.map(({ name, points, kind }) => {
      const value = points.findLast(([at]) => at <= shown)?.[1];
      // Every series keeps its place: what lies below must not move while it is pressed.
      return element('span', { class: `key ${kind}` }, say(element('span'), name), ` ${value === undefined ? '–' : figure(value)}`);
    });
    this.#reading.replaceChildren(say(element('span'), 'atStep', shown), ...parts);
    label(this.#chart, 'aria-label', this.#name);
  }
}

customElements.define('lorikeet-curve', Curve);

/** Means of neighbours, so that there are at most as many points as can be seen. */
function thinned(points) {
  const size = Math.ceil(points.length / MOST_POINTS);
  if (size <= 1) {
    return points;
  }
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) => points.slice(index * size, (index + 1) * size))
    .map((part) => [part.at(-1)[0], part.reduce((sum, [, value]) => sum + value, 0) / part.length]);
}

function line({ points, kind }, { x, y }) {
  const sound = points.filter(([, value]) => Number.isFinite(value));
  const path = sound.map(([step, value], index) => `${index === 0 ? 'M' : 'L'}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const dots = sound.length <= 40 ? sound.map(([step, value]) => drawn('circle', { class: `dot ${kind}`, cx: x(step), cy: y(value), r: 2.5 })) : [];
  return [drawn('path', { class: `line ${kind}`, d: path }), ...dots];
}

/** Round numbers that span the values: 1, 2 or 5 times a power of ten apart. */
function ticksOf(low, high) {
  if (low === high) {
    return [low];
  }
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((times) => times * power >= rough);
  const first = Math.floor(low / step);
  return Array.from({ length: Math.ceil(high / step) - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** A number in four digits or so. */
export function figure(value) {
  if (value === 0) {
    return '0';
  }
  return Math.abs(value) < 0.001 ? value.toExponential(2).replace(/\.?0+e/, 'e') : new Intl.NumberFormat(language(), { maximumSignificantDigits: 4 }).format(value);
}
