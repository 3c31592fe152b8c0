// Numbers with their names, bars beside each other, a curve over time.

import { h, svg } from '../core/dom.js';
import { moment, number, saying } from '../core/say.js';

// Boxes of figures: [key, value, note?] each; a value that is a function is asked again when the language changes.
export function figures(list) {
  return h('dl', { class: 'figures' }, list.filter(Boolean).map(([key, value, note]) => {
    const told = typeof value === 'function' ? saying(h('dd', {}), value) : h('dd', {}, value);
    return h('div', { class: 'figure-box' }, h('dt', { say: key }), told, note ? saying(h('dd', { class: 'faint' }), note) : null);
  }));
}

// Bars: {say | text, value, act?} each.
export function bars(list, words = number) {
  const most = Math.max(1, ...list.map(({ value }) => value));
  return h('ul', { class: 'chart' }, list.map(({ say, text, value, act }) => {
    const fill = h('span', { class: 'bar-fill' });
    fill.style.width = `${(value / most) * 100}%`;
    const name = act ? h('button', { type: 'button', class: 'link name', on: { click: act } }, text) : h('span', { class: 'name', say }, text ?? null);
    return h('li', {}, name, h('span', { class: 'bar-track', 'aria-hidden': 'true' }, fill), saying(h('span', { class: 'value' }), () => words(value)));
  }));
}

const [WIDTH, HEIGHT] = [600, 160];

// A curve through points [x, y], from zero up, with the ends of both axes told.
export function curve(points, label, { from, to, top }) {
  const [first, last] = [points[0][0], points.at(-1)[0]];
  const most = Math.max(1e-9, ...points.map(([, y]) => y));
  const place = ([x, y]) => `${last > first ? ((x - first) / (last - first)) * WIDTH : WIDTH} ${HEIGHT - 4 - (y / most) * (HEIGHT - 12)}`;
  const trace = points.map(place);
  if (points.length === 1) trace.unshift(`0 ${HEIGHT - 4 - (points[0][1] / most) * (HEIGHT - 12)}`);
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', class: 'curve', role: 'img' },
    svg('path', { class: 'area', d: `M0 ${HEIGHT}L${trace.join('L')}L${WIDTH} ${HEIGHT}Z` }), svg('path', { class: 'trace', d: `M${trace.join('L')}` }), svg('path', { class: 'axis', d: `M0 ${HEIGHT - 0.5}H${WIDTH}` }));
  picture.setAttribute('aria-label', label());
  return h('figure', {}, h('div', { class: 'curve-ends' }, saying(h('span', {}), label), saying(h('span', {}), top)), picture, h('div', { class: 'curve-ends' }, saying(h('span', {}), from), saying(h('span', {}), to)));
}

export const when = (value) => () => moment(value);
