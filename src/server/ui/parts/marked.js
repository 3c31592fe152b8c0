// The two sides of a washed document, row beside row, and what is said of an edit.

import { h } from '../core/dom.js';
import { t } from '../core/say.js';
import { GAP, GONE, NOW, WAS, pairsOf } from '../text/edits.js';
import { nameOf, whyOf } from './rulebook.js';
import { hints } from './hint.js';
import { Rows } from './rows.js';

const LINE = 27;
const PADDING = 4;

export class Washed {
  constructor() {
    this.rows = new Rows({ label: 'wash.result', className: 'pairs', render: (row) => this.render(row), guess: (row, width) => this.guess(row, width) });
    this.node = this.rows.node;
    this.model = { pairs: [], rowOfEdit: [], source: '' };
    this.record = { edits: [] };
    hints(this.node, '[data-edit]', (mark) => describe(this.record.edits[mark.dataset.edit]));
  }

  // Shows a record; with `keep` the reader stays where he is.
  show(record, keep = false) {
    this.record = record;
    this.model = pairsOf(record);
    this.current = -1;
    this.rows.set(this.model.pairs.length, keep);
  }

  // Goes to the next edit, or the one before, and gives it the focus.
  step(by) {
    const count = this.model.rowOfEdit.length;
    if (!count) return;
    this.current = (this.current + by + (this.current < 0 && by < 0 ? 1 : 0) + count) % count;
    this.rows.reveal(this.model.rowOfEdit[this.current])?.querySelector(`[data-edit="${this.current}"]`)?.focus({ preventScroll: true });
    return this.current;
  }

  // Goes to a place of the text, given in bytes.
  to(bytes) {
    const { pairs } = this.model;
    let [low, high] = [0, pairs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[middle].start <= bytes) low = middle + 1;
      else high = middle;
    }
    this.rows.go(Math.max(0, low - 1));
  }

  guess(row, width) {
    const { room } = this.model.pairs[row];
    const sides = this.node.dataset.sides === 'one' ? 1 : 2;
    const characters = Math.max(8, (width / sides - 72) / 15.5);
    return Math.max(1, Math.ceil(Math.max(...room) / characters)) * LINE + PADDING;
  }

  render(row) {
    const pair = this.model.pairs[row];
    return h('div', { class: 'pair' }, cell(pair, 'a', 0), cell(pair, 'b', 1));
  }
}

function cell(pair, side, index) {
  const pieces = pair[side];
  const isVoid = !pieces.some(({ kind, text }) => text || (kind !== GAP && pair.lines[index]));
  const number = pair.lines[index] || '';
  return h('div', { class: `cell ${side}${isVoid ? ' void' : ''}` }, h('span', { class: 'line-number', 'aria-hidden': 'true' }, number), h('div', { class: 'words' }, ...pieces.map(piece)));
}

function piece({ kind, text, edit }) {
  if (kind === GONE) return mark('del', 'gone', text, edit);
  if (kind === WAS) return mark('del', 'was', text, edit);
  if (kind === NOW) return mark('ins', 'now', text, edit);
  if (kind === GAP) return h('span', { class: 'mark gap', role: 'img', tabindex: '0', data: { edit }, label: 'wash.gap' });
  return text;
}

function mark(tag, kind, text, edit) {
  const breaks = text.endsWith('\n');
  const shown = breaks ? text.slice(0, -1) : text;
  return h(tag, { class: `mark ${kind}${breaks ? ' line-break' : ''}`, tabindex: '0', data: { edit } }, shown);
}

const short = (text) => (text.length > 60 ? `${text.slice(0, 40)}…${text.slice(-12)}` : text).replaceAll('\n', '↵');

// What is said of an edit: the rule, why it is there, what it did.
export function describe(edit) {
  if (!edit) return null;
  const did = edit.after ? h('p', { class: 'hint-edit' }, h('del', { class: 'mark was' }, short(edit.before) || '∅'), ' → ', h('ins', { class: 'mark now' }, short(edit.after))) : h('p', { class: 'hint-edit' }, h('del', { class: 'mark gone' }, short(edit.before)));
  const also = edit.also?.length ? h('p', { class: 'faint small' }, t('wash.also', { rules: edit.also.join(', ') })) : null;
  return [h('p', { class: 'hint-title' }, nameOf(edit.rule)), h('p', { class: 'hint-why' }, whyOf(edit.rule)), did, h('p', { class: 'faint small' }, h('code', {}, edit.rule)), also].filter(Boolean);
}
