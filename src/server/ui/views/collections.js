// Collections: the list and a new one; each is shown by its own view.

import { ask, getJson, path } from '../core/api.js';
import { choice, field, fill, h } from '../core/dom.js';
import { bytes, saying, t } from '../core/say.js';
import { needs } from '../core/scopes.js';
import { rules } from '../parts/rulebook.js';
import { empty, failed, waiting } from '../parts/states.js';
import { CollectionView } from './collections/one.js';

export class CollectionsView {
  constructor(house) {
    this.house = house;
    this.list = h('div', { class: 'card flush' });
    this.front = h('div', { class: 'view' }, h('h1', { class: 'visually-hidden', say: 'nav.collections' }), this.maker(), this.list);
    this.place = h('div', {});
    this.node = h('section', { class: 'view' }, this.front, this.place);
    document.addEventListener('taoxi:key', () => !this.node.hidden && this.opened(this.open));
  }

  opened(name) {
    this.open = name;
    this.front.hidden = Boolean(name);
    fill(this.place, name ? new CollectionView(name, this.house).node : null);
    if (!name) this.load();
  }

  maker() {
    this.name = h('input', { type: 'text', required: true, pattern: '[a-z0-9][a-z0-9._\\-]{0,63}', placeholder: 'collections.name-example', autocomplete: 'off', spellcheck: 'false' });
    this.profile = choice([{ value: '', say: 'wash.profile-default' }]);
    this.state = h('div', {});
    const make = needs(h('button', { type: 'submit', class: 'button primary', say: 'collections.make' }), 'admin');
    return h('form', { class: 'card input-card', on: { submit: (event) => (event.preventDefault(), this.make()) } }, h('h2', { say: 'collections.new' }),
      h('div', { class: 'fields aligned' }, field('collections.name', this.name), field('wash.profile', this.profile), make), this.state);
  }

  async make() {
    try {
      const profile = this.profile.value;
      await ask(path('collections', this.name.value.trim()), { method: 'PUT', json: profile ? { profile } : {} });
      fill(this.state);
      this.house.go(`collections/${encodeURIComponent(this.name.value.trim())}`);
      this.name.value = '';
    } catch (problem) {
      fill(this.state, failed(problem));
    }
  }

  async load() {
    if (!this.list.childElementCount) fill(this.list, waiting());
    const { profiles } = await rules().catch(() => ({ profiles: [] }));
    if (this.profile.options.length === 1) for (const id of profiles) this.profile.append(h('option', { value: id }, id));
    try {
      const { collections } = await getJson('v1/collections');
      fill(this.list, collections.length ? collections.map((one) => this.line(one)) : empty('collections.empty'));
    } catch (problem) {
      fill(this.list, failed(problem, () => this.load()));
    }
  }

  line({ name, settings, counts }) {
    return h('a', { class: 'list-row', href: `#/collections/${encodeURIComponent(name)}` }, h('span', { class: 'name' }, name), h('span', { class: 'tag' }, settings.profile),
      saying(h('span', { class: 'faint' }), () => t('collections.documents', { n: counts.documents })), saying(h('span', { class: 'faint' }), () => bytes(counts.disk)));
  }
}
