// What a view shows when there is nothing yet, when it waits, and when something went wrong.

import { button, h } from '../core/dom.js';
import { has, saying, t } from '../core/say.js';

export function empty(key, ...more) {
  return h('div', { class: 'state' }, h('p', { say: key }), ...more);
}

export function waiting(key = 'state.loading') {
  return h('div', { class: 'state', role: 'status' }, h('span', { class: 'spinner', 'aria-hidden': 'true' }), h('p', { say: key }));
}

// A problem in plain words: what happened, what the service said of it, what can be done.
export function failed(problem, again) {
  const known = () => has(`problem.${problem.code}`);
  const title = saying(h('p', { class: 'problem-title' }), () => t(known() ? `problem.${problem.code}` : 'problem.other', { scope: problem.scope ?? '' }));
  const advice = saying(h('p', {}), () => (has(`advice.${problem.code}`) ? t(`advice.${problem.code}`, { scope: problem.scope ?? '' }) : problem.hint || t('advice.other')));
  const detail = problem.detail || problem.message;
  const told = detail ? h('p', { class: 'problem-detail', lang: 'en' }, detail) : null;
  const request = problem.request ? h('p', { class: 'faint small' }, h('span', { say: 'problem.request' }), ' ', h('code', {}, problem.request)) : null;
  return h('div', { class: 'problem', role: 'alert' }, title, told, advice, request, again ? button('action.again', again) : null);
}

let announcer;

// Tells something that happened, for a moment, and to screen readers.
export function announce(key, params) {
  announcer ??= document.body.appendChild(h('div', { class: 'toast', role: 'status', 'aria-live': 'polite' }));
  announcer.textContent = t(key, params);
  announcer.classList.add('shown');
  clearTimeout(announcer.timer);
  announcer.timer = setTimeout(() => announcer.classList.remove('shown'), 2600);
}
