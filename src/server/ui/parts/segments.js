// One of a few choices, side by side.

import { h } from '../core/dom.js';

let groups = 0;

export function segments(label, options, value, onChange) {
  const name = `segments-${(groups += 1)}`;
  const result = { value };
  result.node = h('div', { class: 'segments', role: 'radiogroup', label }, options.map((option) => {
    const box = h('input', { type: 'radio', name, value: option.value, checked: option.value === value, on: { change: () => onChange((result.value = option.value)) } });
    return h('label', {}, box, h('span', { say: option.say }, option.text ?? null));
  }));
  return result;
}
