// Signing in: the key of this tab, what it allows, and why a call was refused.

import { button, fill, h, icon } from '../core/dom.js';
import { SCOPES, allows, key, setKey, told } from '../core/key.js';
import { saying, t } from '../core/say.js';
import { failed } from '../parts/states.js';

export class KeyDialog {
  constructor(identify) {
    this.identify = identify;
    this.label = h('span', { class: 'key-words' });
    this.button = h('button', { type: 'button', class: 'button bare', label: 'key.open', on: { click: () => this.open() } }, icon('key'), this.label);
    this.input = h('input', { type: 'password', id: 'api-key', autocomplete: 'off', spellcheck: 'false', placeholder: 'key.placeholder' });
    this.state = h('div', { 'aria-live': 'polite' });
    const form = h('form', { method: 'dialog', on: { submit: (event) => (event.preventDefault(), this.enter()) } },
      h('h2', { id: 'key-title', say: 'key.title' }), h('p', { class: 'faint', say: 'key.note' }), this.state,
      h('div', { class: 'field' }, h('label', { for: 'api-key', say: 'key.label' }), this.input),
      h('div', { class: 'bar' }, h('button', { type: 'submit', class: 'button primary', say: 'key.use' }), button('key.forget', () => this.forget(), { kind: 'quiet' }), h('span', { class: 'spring' }), button('action.close', () => this.node.close(), { kind: 'quiet' })));
    this.node = h('dialog', { class: 'key-dialog', 'aria-labelledby': 'key-title' }, form);
    document.addEventListener('taoxi:scopes', () => this.tell());
    document.addEventListener('taoxi:lacked', ({ detail }) => this.lacking(detail));
    this.tell();
  }

  open() {
    this.tell();
    if (!this.node.open) this.node.showModal();
  }

  // A call was refused. Whoever presses what the key does not allow is told at once; a page that asks on by itself nags once a minute at most.
  lacking(problem) {
    if (this.node.open) return;
    if (problem.scope === undefined) {
      if (Date.now() - (this.asked ?? 0) < 60_000) return;
      this.asked = Date.now();
    }
    this.open();
    fill(this.state, failed(problem), this.scopes());
  }

  async enter() {
    setKey(this.input.value.trim());
    try {
      await this.identify();
      this.input.value = '';
      this.tell();
      document.dispatchEvent(new CustomEvent('taoxi:key'));
    } catch (problem) {
      setKey('');
      fill(this.state, failed(problem));
    }
  }

  async forget() {
    setKey('');
    this.input.value = '';
    await this.identify().catch(() => {});
    this.tell();
  }

  tell() {
    const known = told();
    saying(this.label, () => (known?.guarded ? (known.key ? known.key : t('key.none')) : ''));
    this.button.classList.toggle('wanted', Boolean(known?.guarded && !key()));
    if (!known) fill(this.state);
    else if (!known.guarded) fill(this.state, h('p', { class: 'note', say: 'key.open-service' }));
    else fill(this.state, h('p', { say: known.key ? ['key.is', { id: known.key }] : 'key.is-none' }), this.scopes());
  }

  scopes() {
    return h('ul', { class: 'scopes' }, SCOPES.map((scope) => h('li', { class: allows(scope) ? 'has' : 'lacking' }, h('span', { class: 'scope-mark', 'aria-hidden': 'true' }, allows(scope) ? '✓' : '–'), h('code', {}, scope), ' ', h('span', { say: `scope.${scope}` }), h('span', { class: 'visually-hidden', say: allows(scope) ? 'scope.has' : 'scope.has-not' }))));
  }
}
