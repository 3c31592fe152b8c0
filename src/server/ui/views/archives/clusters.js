// The clusters of a job, the largest first: of a hundred thousand only those in view are in the document.

import { calm, fill, h } from '../../core/dom.js';
import { bytes, say, saying, t } from '../../core/say.js';
import { Rows } from '../../parts/rows.js';
import { failed, waiting } from '../../parts/states.js';

const ROW = 41;

export class Clusters {
  constructor(outcome, onPair) {
    this.onPair = onPair;
    this.shown = [];
    this.list = new Rows({ label: 'clusters.label', className: 'list', render: (row) => this.row(row), guess: () => ROW });
    this.members = new Rows({ label: 'clusters.members', className: 'list', render: (row) => this.member(row), guess: () => ROW });
    this.search = h('input', { type: 'search', label: 'clusters.find', placeholder: 'clusters.find', on: { input: calm(() => this.filter(), 150) } });
    this.alone = h('input', { type: 'checkbox', on: { change: () => this.filter() } });
    this.counter = h('span', { class: 'counter', role: 'status' });
    this.title = h('h2', {});
    const beside = h('div', { class: 'two' }, h('div', { class: 'card flush' }, h('div', { class: 'bar toolbar' }, this.search, h('label', { class: 'check' }, this.alone, h('span', { say: 'clusters.alone' })), this.counter), this.list.node), h('div', { class: 'card flush' }, h('div', { class: 'bar toolbar' }, this.title), this.members.node));
    this.failures = h('div', {});
    this.node = h('div', { class: 'view clusters' }, waiting());
    let read = 0;
    const told = h('p', { class: 'faint', role: 'status' });
    fill(this.node, waiting('clusters.reading'), told);
    outcome.load((count) => saying(told, () => bytes((read += count)))).then((found) => {
      this.found = found;
      fill(this.node, beside, this.failures);
      this.fail(found.failures);
      this.filter();
    }, (problem) => fill(this.node, failed(problem)));
  }

  filter() {
    const wanted = this.search.value.trim().toLowerCase();
    const fits = ({ members }) => (members.length > 1 || this.alone.checked || wanted) && (!wanted || members.some(({ id }) => id.toLowerCase().includes(wanted)));
    this.shown = this.found.clusters.filter(fits);
    say(this.counter, 'clusters.count', { n: this.shown.length });
    this.list.set(this.shown.length);
    if (this.shown.length) this.choose(0);
    else {
      say(this.title, 'clusters.none');
      this.open = { members: [] };
      this.members.set(0);
    }
  }

  choose(row) {
    this.chosen = row;
    this.open = this.shown[row];
    fill(this.title, this.open.id);
    this.list.again();
    this.members.set(this.open.members.length);
  }

  row(row) {
    const { id, members } = this.shown[row];
    return h('button', { type: 'button', class: 'list-row', 'aria-pressed': String(row === this.chosen), on: { click: () => this.choose(row) } }, h('span', { class: 'name' }, id), saying(h('span', { class: 'faint' }), () => t('clusters.documents', { n: members.length })));
  }

  member(row) {
    const line = this.open.members[row];
    if (line.keep) return h('div', { class: 'list-row still' }, h('span', { class: 'name' }, line.id), h('span', { class: 'tag', say: 'compare.kept' }));
    return h('button', { type: 'button', class: 'list-row', on: { click: () => this.onPair({ id: line.id }) } }, h('span', { class: 'name' }, line.id), h('span', { class: `kind kind-${line.kind}`, say: `kind-of.${line.kind}` }));
  }

  fail(failures) {
    if (!failures.length) return;
    const rows = new Rows({ label: 'clusters.failures', className: 'list short', guess: () => ROW, render: (row) => h('div', { class: 'list-row still bad' }, h('span', { class: 'name' }, failures[row].id), h('span', { class: 'faint' }, failures[row].error.code)) });
    const open = h('details', { class: 'card', on: { toggle: () => rows.set(failures.length) } }, h('summary', { say: ['clusters.failed', { n: failures.length }] }), rows.node);
    fill(this.failures, open);
  }
}
