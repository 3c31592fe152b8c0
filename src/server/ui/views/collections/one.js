// One collection: how large it is and how it grew, a document looked up, a text checked, all of it forgotten.

import { ask, getJson, path, query } from '../../core/api.js';
import { button, fill, h } from '../../core/dom.js';
import { bytes, moment, number, saying, t } from '../../core/say.js';
import { needs } from '../../core/scopes.js';
import { confirm } from '../../parts/confirm.js';
import { fetchFile } from '../../parts/download.js';
import { curve, figures, when } from '../../parts/figures.js';
import { failed, waiting } from '../../parts/states.js';
import { verdict } from '../../parts/verdict.js';

export class CollectionView {
  constructor(name, house) {
    [this.name, this.house] = [name, house];
    this.counts = h('div', {}, waiting());
    this.growth = h('div', {}, waiting());
    this.crawls = h('div', {});
    this.state = h('div', {});
    const forget = needs(button('collections.delete', () => this.remove(), { kind: 'quiet danger' }), 'admin');
    const compact = needs(button('collections.compact', () => this.compact(), { kind: 'quiet' }), 'admin');
    const save = button('collections.export', () => fetchFile(this.path('documents'), `${name}.ndjson`).catch((problem) => fill(this.state, failed(problem))), { kind: 'quiet', icon: 'down' });
    this.node = h('div', { class: 'view' }, h('a', { href: '#/collections', class: 'back', say: 'collections.back' }),
      h('div', { class: 'page-head' }, h('h1', {}, name), h('span', { class: 'spring' }), save, compact, forget), this.state, this.counts, this.crawls,
      h('div', { class: 'card chart-card' }, h('h2', { say: 'collections.growth' }), this.growth), h('div', { class: 'two' }, this.finder(), this.checker()));
    this.load();
  }

  path(...parts) {
    return path('collections', this.name, ...parts);
  }

  async load() {
    try {
      const { settings, counts } = await getJson(this.path());
      fill(this.counts, figures([
        ['collections.documents-n', () => number(counts.documents), counts.waiting ? () => t('collections.waiting', { n: counts.waiting }) : null],
        ['collections.postings', () => number(counts.postings)],
        ['collections.memory', () => bytes(counts.memory)],
        ['collections.disk', () => bytes(counts.disk)],
        ['collections.settings', () => t('collections.settings-are', { profile: settings.profile, radius: settings.radius })],
      ]));
      fill(this.crawls, counts.waiting ? this.waitingCrawls((await getJson(this.path('crawls'))).crawls) : null);
      const { points } = await getJson(this.path('growth'));
      if (!points.length) fill(this.growth, h('p', { class: 'faint', say: 'collections.no-growth' }));
      else {
        const places = points.map(({ at, documents }) => [Date.parse(at), documents]);
        const ends = { from: when(points[0].at), to: when(points.at(-1).at), top: () => number(points.at(-1).documents) };
        fill(this.growth, curve(places, () => t('collections.growth-of', { n: points.at(-1).documents }), ends));
      }
    } catch (problem) {
      fill(this.counts, failed(problem, () => this.load()));
      fill(this.growth);
    }
  }

  // What a crawler added and has not committed: part of the collection, or forgotten, as one.
  waitingCrawls(crawls) {
    const act = (name, word, ask_, parts, method, kind) => needs(button(word, async () => {
      if (!(await confirm(ask_, { name }, word))) return;
      await ask(this.path('crawls', name, ...parts), { method }).then(() => this.load(), (problem) => fill(this.state, failed(problem)));
    }, { kind }), 'index');
    const row = ({ crawl, waiting: n }) => h('li', { class: 'bar' }, h('strong', {}, crawl), h('span', { class: 'faint small', say: ['collections.crawl-waits', { n }] }), h('span', { class: 'spring' }),
      act(crawl, 'collections.commit', 'collections.commit-ask', ['commit'], 'POST', 'primary'), act(crawl, 'collections.roll-back', 'collections.roll-back-ask', [], 'DELETE', 'quiet danger'));
    return h('div', { class: 'card input-card' }, h('h2', { say: 'collections.crawls' }), h('ul', { class: 'plain' }, crawls.map(row)));
  }

  finder() {
    const id = h('input', { type: 'search', label: 'collections.id', placeholder: 'collections.id', spellcheck: 'false' });
    const place = h('div', {});
    const find = async () => {
      if (!id.value.trim()) return;
      fill(place, waiting());
      try {
        fill(place, this.document(await getJson(`${this.path('documents')}/${id.value.trim().split('/').map(encodeURIComponent).join('/')}`)));
      } catch (problem) {
        fill(place, failed(problem));
      }
    };
    return h('form', { class: 'card input-card', on: { submit: (event) => (event.preventDefault(), find()) } }, h('h2', { say: 'collections.find' }), h('div', { class: 'bar nowrap' }, id, h('button', { type: 'submit', class: 'button', say: 'collections.look' })), place);
  }

  document(document) {
    const forget = needs(button('collections.forget', async () => {
      if (!(await confirm('collections.forget-ask', { id: document.id }, 'collections.forget'))) return;
      await ask(`${this.path('documents')}/${document.id.split('/').map(encodeURIComponent).join('/')}`, { method: 'DELETE' });
      box.remove();
      this.load();
    }, { kind: 'quiet danger' }), 'index');
    const facts = saying(h('p', { class: 'faint small' }), () => [document.url, document.date, t('collections.stored', { at: moment(document.stored_at) })].filter(Boolean).join(' · '));
    const flags = document.flags.map((flag) => h('span', { class: 'tag warn', say: `flag.${flag}` }));
    const box = h('div', { class: 'found' }, h('div', { class: 'bar' }, h('strong', {}, document.title ?? document.id), ...flags, h('span', { class: 'spring' }), forget), facts, h('pre', { class: 'stored-text', tabindex: '0', role: 'region', label: 'collections.text' }, document.text.slice(0, 20_000)));
    return box;
  }

  checker() {
    const area = h('textarea', { rows: 6, class: 'paste', label: 'collections.check', placeholder: 'compare.paste-here', spellcheck: 'false' });
    const id = h('input', { type: 'text', label: 'collections.new-id', placeholder: 'collections.new-id', spellcheck: 'false' });
    const place = h('div', { 'aria-live': 'polite' });
    const send = async (mode) => {
      if (!area.value) return area.focus();
      if (mode === 'add' && !id.value.trim()) return id.focus();
      try {
        const answer = await getJson(`${this.path('documents')}${query({ mode })}`, { json: { id: id.value.trim() || undefined, text: area.value } });
        fill(place, this.answer(answer, mode));
        if (mode === 'add') this.load();
      } catch (problem) {
        fill(place, failed(problem));
      }
    };
    const [check, add] = [needs(button('collections.check-it', () => send('check'), { kind: 'primary' }), 'index'), needs(button('collections.add', () => send('add')), 'index')];
    return h('div', { class: 'card input-card' }, h('h2', { say: 'collections.check' }), area, h('div', { class: 'bar' }, check, h('span', { class: 'spring' }), h('span', { class: 'short-input' }, id), add), place);
  }

  answer({ id, status, relations, supersedes, candidates_skipped: skipped }, mode) {
    const words = h('p', { class: 'verdict-words', say: `status.${mode === 'check' ? 'would-' : ''}${status}` });
    const more = [supersedes.length ? h('p', { say: ['collections.supersedes', { ids: supersedes.join(', ') }] }) : null, skipped ? h('p', { class: 'faint', say: ['collections.skipped', { n: skipped }] }) : null];
    const name = (one) => (one === id || one === '-' ? t('collections.this') : one);
    return h('div', { class: 'found' }, words, ...more.filter(Boolean), relations.slice(0, 10).map((relation) => verdict(relation, { a: name(relation.a), b: name(relation.b) })));
  }

  async compact() {
    try {
      const { freed } = await getJson(this.path('compact'), { method: 'POST' });
      fill(this.state, h('p', { class: 'note', say: ['collections.freed', { size: () => bytes(freed) }] }));
      this.load();
    } catch (problem) {
      fill(this.state, failed(problem));
    }
  }

  async remove() {
    if (!(await confirm('collections.delete-ask', { name: this.name }, 'collections.delete', this.name))) return;
    try {
      await ask(this.path(), { method: 'DELETE' });
      this.house.go('collections');
    } catch (problem) {
      fill(this.state, failed(problem));
    }
  }
}
