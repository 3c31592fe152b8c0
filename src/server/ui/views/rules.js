// Rules: the list with what each did, one of them read, a copy edited and tried, new ones proposed from pages.

import { getJson, path } from '../core/api.js';
import { button, calm, fill, h } from '../core/dom.js';
import { metrics } from '../core/metrics.js';
import { number, say, saying, t } from '../core/say.js';
import { download } from '../parts/download.js';
import { Rows } from '../parts/rows.js';
import { rules } from '../parts/rulebook.js';
import { failed, waiting } from '../parts/states.js';
import { Editor, SKELETON } from './rules/editor.js';
import { Learner } from './rules/learn.js';

const ROW = 56;

export class RulesView {
  constructor(house) {
    this.house = house;
    this.shown = [];
    this.hits = new Map();
    this.list = new Rows({ label: 'rules.list', className: 'list rules-list', render: (row) => this.row(row), guess: () => ROW });
    this.search = h('input', { type: 'search', label: 'rules.find', placeholder: 'rules.find', on: { input: calm(() => this.filter(), 120) } });
    this.counter = h('span', { class: 'counter', role: 'status' });
    this.place = h('div', { class: 'rule-place' });
    const make = button('rules.new', () => this.edit(SKELETON, 'new-rule'), { kind: 'quiet' });
    const learn = h('a', { class: 'button quiet', href: '#/rules/learn', say: 'rules.learn' });
    const side = h('div', { class: 'card flush' }, h('div', { class: 'toolbar' }, h('div', { class: 'bar' }, make, learn), h('div', { class: 'bar nowrap' }, this.search, this.counter)), this.list.node);
    this.node = h('section', { class: 'view' }, h('h1', { class: 'visually-hidden', say: 'nav.rules' }), h('div', { class: 'beside rules' }, side, this.place));
    document.addEventListener('taoxi:key', () => !this.node.hidden && this.opened(this.open));
    this.counting = calm(() => this.count(), 10);
  }

  async opened(id) {
    this.open = id;
    this.counting();
    if (id === 'learn') fill(this.place, (this.learner ??= new Learner(this.house, (source, name) => this.edit(source, name))).node);
    else if (id === 'edit') fill(this.place, this.editor?.node ?? null);
    else if (!id) fill(this.place, h('div', { class: 'state card', say: 'rules.choose' }));
    try {
      this.files = (await rules()).files;
      this.filter();
    } catch (problem) {
      fill(this.place, failed(problem, () => this.opened(id)));
      return;
    }
    if (id && id !== 'learn' && id !== 'edit') this.read(id);
  }

  // How many documents each file changed since the service began.
  async count() {
    try {
      this.hits = (await metrics()).by('rule_hits_total', 'rule');
      this.filter();
    } catch {
      // Who may not see the counts sees the list without them.
    }
  }

  filter() {
    const wanted = this.search.value.trim().toLowerCase();
    const words = ({ id, title, why, hosts, group, steps }) => [id, title, why, group, ...hosts, ...steps.map((step) => step.id)].join(' ').toLowerCase();
    const hits = (file) => this.hits.get(file.id) ?? 0;
    this.shown = (this.files ?? []).filter((file) => words(file).includes(wanted)).sort((a, b) => hits(b) - hits(a));
    say(this.counter, 'rules.count', { n: this.shown.length });
    this.list.set(this.shown.length, true);
  }

  row(row) {
    const { id, title, group, steps } = this.shown[row];
    const hits = this.hits.get(id);
    return h('a', { class: 'list-row two-lines', href: `#/rules/${encodeURIComponent(id)}`, 'aria-current': id === this.open ? 'true' : null },
      h('span', { class: 'name' }, h('span', {}, title), saying(h('span', { class: 'faint' }), () => t('rules.line', { group, n: steps.length }))), hits ? saying(h('span', { class: 'tag', tip: 'rules.hits' }), () => number(hits)) : null);
  }

  async read(id) {
    fill(this.place, waiting());
    try {
      const file = await getJson(path('rules', id));
      if (this.open === id) fill(this.place, this.file(file));
    } catch (problem) {
      fill(this.place, failed(problem));
    }
  }

  file(file) {
    const { id, title, why, hosts, signs, steps, tests, source, enabled, group } = file;
    const list = (key, values) => (values.length ? [h('dt', { say: key }), h('dd', {}, values.join(' · '))] : []);
    const step = ({ id: name, kind, why: reason }) => h('tr', {}, h('td', {}, h('code', {}, name)), h('td', {}, h('code', {}, kind)), h('td', { class: 'faint' }, reason ?? ''));
    const head = ['rules.step', 'rules.kind', 'rules.why'].map((key) => h('th', { scope: 'col', say: key }));
    return h('div', { class: 'view' },
      h('div', { class: 'card input-card' }, h('div', { class: 'page-head' }, h('h2', { class: 'rule-title' }, title), h('span', { class: 'tag' }, group), enabled ? null : h('span', { class: 'tag warn', say: 'rules.disabled' }), h('span', { class: 'spring' }), button('rules.edit', () => this.edit(source, id)), button('action.download', () => download(`${id}.toml`, source), { kind: 'quiet', icon: 'down' })),
        h('p', {}, why), h('dl', { class: 'facts-list' }, list('rules.hosts', hosts), list('rules.signs', signs), h('dt', { say: 'rules.tests' }), saying(h('dd', {}), () => number(tests))),
        h('div', { class: 'rule-steps', tabindex: '0', role: 'region', label: 'rules.steps' }, h('table', {}, h('thead', {}, h('tr', {}, head)), h('tbody', {}, steps.map(step))))),
      h('div', { class: 'card flush' }, h('div', { class: 'bar toolbar' }, h('h3', { say: 'rules.source' })), h('pre', { class: 'source', tabindex: '0', role: 'region', label: 'rules.source' }, source)));
  }

  edit(source, name) {
    this.editor = new Editor(this.house, source, name);
    if (this.open === 'edit') fill(this.place, this.editor.node);
    else this.house.go('rules/edit');
  }
}
