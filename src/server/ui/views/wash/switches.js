// The rules that acted on the document, each with its switch; and all others, to be found by name.

import { calm, fill, h, toggle } from '../../core/dom.js';
import { number, saying, t } from '../../core/say.js';
import { nameOf, rules, whyOf } from '../../parts/rulebook.js';

// Most rules that a search shows.
const MOST = 40;

export class RuleSwitches {
  constructor(off, onChange) {
    this.off = off;
    this.onChange = onChange;
    this.acted = h('ul', { class: 'switches' });
    this.found = h('ul', { class: 'switches' });
    this.search = h('input', { type: 'search', label: 'wash.find-rule', placeholder: 'wash.find-rule', on: { input: calm(() => this.find(), 120) } });
    this.node = h('div', {}, h('h2', { say: 'wash.rules' }), this.acted, h('details', {}, h('summary', { say: 'wash.more-rules' }), this.search, this.found));
    document.addEventListener('taoxi:language', () => this.record && this.show(this.record));
  }

  async ready() {
    this.files = (await rules().catch(() => ({ files: [] }))).files;
    this.find();
  }

  show(record) {
    this.record = record;
    const counts = new Map();
    for (const { rule } of record.edits) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    const acted = [...counts].sort((a, b) => b[1] - a[1]);
    const off = [...this.off].filter((name) => !counts.has(name));
    const lines = [...acted.map(([name, count]) => this.line(name, count)), ...off.map((name) => this.line(name, 0))];
    fill(this.acted, lines.length ? lines : h('li', { class: 'faint', say: 'wash.no-rules' }));
    this.find();
  }

  line(name, count) {
    const words = h('span', { class: 'rule-words' }, h('span', { class: 'rule-name' }, nameOf(name)), h('span', { class: 'rule-why faint small' }, whyOf(name)));
    const often = saying(h('span', { class: 'count' }), () => (count ? number(count) : this.off.has(name) ? t('wash.off') : ''));
    return h('li', { data: { rule: name } }, toggle(words, !this.off.has(name), (on) => this.set(name, on)), often);
  }

  set(name, on) {
    if (on) this.off.delete(name);
    else this.off.add(name);
    this.onChange();
  }

  find() {
    const wanted = this.search.value.trim().toLowerCase();
    const matches = (this.files ?? []).filter(({ id, title, hosts }) => `${id} ${title} ${hosts.join(' ')}`.toLowerCase().includes(wanted));
    const rest = matches.length - MOST;
    fill(this.found, matches.slice(0, MOST).map(({ id }) => this.line(id, 0)), rest > 0 ? h('li', { class: 'faint', say: ['wash.rules-more', { n: rest }] }) : null);
  }
}
