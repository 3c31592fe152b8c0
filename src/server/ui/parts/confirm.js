// Asks before something is gone for good.

import { button, h } from '../core/dom.js';

// Says whether the reader agreed. With `word`, he must write that word first.
export function confirm(key, params, act, word = '') {
  return new Promise((resolve) => {
    const go = h('button', { type: 'submit', class: 'button danger', say: act, disabled: Boolean(word) });
    const input = word ? h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', label: 'confirm.write', on: { input: () => (go.disabled = input.value !== word) } }) : null;
    const note = word ? h('p', { class: 'faint', say: ['confirm.write-name', { name: word }] }) : null;
    const form = h('form', { method: 'dialog', class: 'confirm', on: { submit: () => (dialog.returnValue = 'yes') } }, h('p', { say: [key, params] }), note, input, h('div', { class: 'bar' }, go, button('action.cancel', () => dialog.close(), { kind: 'quiet' })));
    const dialog = h('dialog', { label: act, on: { close: () => (dialog.remove(), resolve(dialog.returnValue === 'yes')) } }, form);
    document.body.append(dialog);
    dialog.showModal();
  });
}
