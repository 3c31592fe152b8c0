// One side of a comparison: a text of which only what is visible is in the document, its passages and differences marked.

import { h } from '../core/dom.js';
import { t } from '../core/say.js';
import { rowsOf } from '../text/pair.js';
import { hints } from './hint.js';
import { Rows } from './rows.js';

const LINE = 27;

export class Pane {
  constructor(side, label, onPassage) {
    this.side = side;
    this.list = [];
    this.rows = new Rows({ label, className: 'pane', render: (row) => this.render(row), guess: (row, width) => this.guess(row, width) });
    this.node = this.rows.node;
    hints(this.node, '[data-sort]', (mark) => [h('p', { class: 'hint-title' }, t(`difference.${mark.dataset.sort}`))]);
    this.node.addEventListener('click', (event) => {
      const mark = event.target.closest('[data-passage]');
      if (mark) onPassage(Number(mark.dataset.passage), this);
    });
  }

  show(text, passages) {
    this.length = text.length;
    this.passages = passages;
    this.list = rowsOf(text, this.side, passages);
    this.rows.set(this.list.length);
  }

  guess(row, width) {
    return Math.max(1, Math.ceil(this.list[row].room / Math.max(8, (width - 40) / 15.5))) * LINE + 4;
  }

  render(row) {
    const pieces = this.list[row].pieces.map(({ text, passage, sort }) => {
      if (passage < 0) return text;
      const data = { passage, ...(sort ? { sort } : {}) };
      return h('span', { class: `passage${sort ? ` difference ${sort}${text ? '' : ' missing'}` : ''}${passage === this.chosen ? ' chosen' : ''}`, data, ...(sort ? { tabindex: '0' } : {}) }, text);
    });
    return h('div', { class: 'line' }, ...pieces);
  }

  choose(passage) {
    this.chosen = passage;
    this.rows.again();
  }

  // The row in which a place of the text lies.
  rowAt(place) {
    let [low, high] = [0, this.list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.list[middle].start <= place) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  // The place of the text at the top edge.
  place() {
    const { row, within } = this.rows.place();
    const start = this.list[row]?.start ?? 0;
    const end = this.list[row + 1]?.start ?? this.length;
    return start + within * (end - start);
  }

  // Brings a place of the text to the top edge.
  to(place, lead = 0) {
    const row = this.rowAt(place);
    const start = this.list[row]?.start ?? 0;
    const end = this.list[row + 1]?.start ?? this.length;
    this.rows.go(row, end > start ? (place - start) / (end - start) : 0, lead);
  }
}
