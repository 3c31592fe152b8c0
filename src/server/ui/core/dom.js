// Elements made by hand: text only ever becomes a text node, so nothing of a document can become an element.

import { say } from './say.js';

// Makes an element. Of the properties, `class`, `on` (listeners), `data` and the words `say`, `label`, `tip` and `placeholder` are special:
// each of the latter is a key, or [key, parameters]. Everything else is an attribute; false, null and undefined leave it out.
export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === 'class') node.className = value;
    else if (name === 'on') for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (name === 'data') Object.assign(node.dataset, value);
    else if (name in WORDS) {
      const [key, parameters = {}] = [value].flat();
      say(node, key, parameters, WORDS[name]);
    }
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const WORDS = { say: 'text', label: 'aria-label', tip: 'title', placeholder: 'placeholder' };

const SVG = 'http://www.w3.org/2000/svg';

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const ICONS = {
  close: 'M4 4l8 8M12 4l-8 8',
  down: 'M8 3v9M4 9l4 4 4-4',
  up: 'M8 13V4M4 7l4-4 4 4',
  copy: 'M6 6h7v7H6zM10 6V3H3v7h3',
  swap: 'M3 6h10l-3-3M13 10H3l3 3',
  key: 'M9.5 6.5a3 3 0 1 0-2 2.8L9 11h2v2h2v-2.5L9.4 7',
  moon: 'M12.5 9.5A5.5 5.5 0 0 1 6.5 3.5a5 5 0 1 0 6 6z',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1',
  file: 'M4 2h5l3 3v9H4zM9 2v3h3',
  search: 'M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 10l3.5 3.5',
  back: 'M10 3L5 8l5 5',
};

export function icon(name) {
  const path = svg('path', { d: ICONS[name], fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' });
  return svg('svg', { viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true', class: 'icon' }, path);
}

export function button(key, act, { kind = '', icon: picture, ...rest } = {}) {
  const words = h('span', { say: key });
  return h('button', { type: 'button', class: `button ${kind}`.trim(), on: { click: act }, ...rest }, picture ? icon(picture) : null, words);
}

// A button of a picture alone: what it does is its label, and shown when it is pointed at.
export function iconButton(key, picture, act, rest = {}) {
  return h('button', { type: 'button', class: 'button bare icon-only', label: key, tip: key, on: { click: act }, ...rest }, icon(picture));
}

let fields = 0;

// A control with its label above it.
export function field(key, control, note) {
  control.id ||= `field-${(fields += 1)}`;
  return h('div', { class: 'field' }, h('label', { for: control.id, say: key }), control, note ?? null);
}

export function choice(options, { value, on, label } = {}) {
  const node = h('select', { on, label });
  for (const option of options) {
    const { value: name, say: key, text } = option;
    node.append(h('option', { value: name, say: key, selected: name === value }, text ?? null));
  }
  return node;
}

// A switch: a checkbox that looks like one, with its words.
export function toggle(words, isOn, act) {
  const box = h('input', { type: 'checkbox', role: 'switch', checked: isOn, on: { change: () => act(box.checked) } });
  return h('label', { class: 'toggle' }, box, h('span', { class: 'track', 'aria-hidden': 'true' }), words);
}

export function fill(node, ...children) {
  node.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Waits until nothing was asked for a moment, then does the last thing asked.
export function calm(act, wait = 200) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), wait);
  };
}
