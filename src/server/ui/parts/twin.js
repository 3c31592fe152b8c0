// Two related texts side by side: panes that scroll together, the map between them, the passages to go to one by one.

import { button, fill, h, iconButton, toggle } from '../core/dom.js';
import { number, say, saying, t } from '../core/say.js';
import { passagesOf } from '../text/pair.js';
import { Minimap } from './minimap.js';
import { Pane } from './pane.js';

const SORTS = ['letter', 'word', 'number', 'placeholder', 'width', 'space'];

export class Twin {
  constructor() {
    this.heads = [h('div', { class: 'pane-head' }), h('div', { class: 'pane-head' })];
    this.panes = ['a', 'b'].map((side) => new Pane(side, `compare.text-${side}`, (passage, from) => this.choose(passage, from)));
    this.map = new Minimap((passage) => this.choose(passage));
    this.together = true;
    this.expected = [-1, -1];
    this.panes.forEach((pane, side) => pane.node.addEventListener('scroll', () => this.scrolled(side), { passive: true }));
    this.counter = h('span', { class: 'counter', 'aria-live': 'polite' });
    this.legend = h('ul', { class: 'legend', label: 'compare.legend' });
    const sync = toggle(h('span', { say: 'compare.together' }), true, (on) => (this.together = on));
    this.bar = h('div', { class: 'bar toolbar' }, iconButton('compare.previous', 'up', () => this.step(-1)), iconButton('compare.next', 'down', () => this.step(1)), this.counter, h('span', { class: 'spring' }), this.legend, sync);
    const sides = this.panes.map((pane, side) => h('div', { class: 'twin-side' }, this.heads[side], pane.node));
    this.node = h('div', { class: 'card flush twin' }, this.bar, h('div', { class: 'twin-panes' }, sides[0], this.map.node, sides[1]));
  }

  // Shows two texts, each {name, text}, and the passages of their relation in bytes of `a` and `b`.
  show(a, b, passages) {
    this.passages = passagesOf(a.text, b.text, passages);
    this.map.show(this.passages, a.text.length, b.text.length);
    [a, b].forEach(({ name, note, text }, side) => {
      fill(this.heads[side], h('strong', {}, name), note ? h('span', { class: 'tag' }, note) : null, saying(h('span', { class: 'faint small' }), () => t('compare.chars', { n: [...text].length })));
      this.panes[side].chosen = -1;
      this.panes[side].show(text, this.passages);
    });
    this.at = -1;
    this.tellLegend();
    this.count();
    this.mark();
  }

  tellLegend() {
    const counts = new Map();
    for (const { differences } of this.passages) for (const { sort } of differences) counts.set(sort, (counts.get(sort) ?? 0) + 1);
    fill(this.legend, SORTS.filter((sort) => counts.has(sort)).map((sort) => h('li', {}, h('span', { class: `difference ${sort}` }, h('span', { say: `difference.short-${sort}` })), ' ', saying(h('span', { class: 'faint' }), () => number(counts.get(sort))))));
  }

  count() {
    const n = this.passages.length;
    if (!n) say(this.counter, 'compare.no-passages');
    else if (this.at < 0) say(this.counter, 'compare.passages', { n });
    else say(this.counter, 'compare.passage-of', { at: this.at + 1, n });
  }

  step(by) {
    const n = this.passages.length;
    if (n) this.choose((this.at + by + (this.at < 0 && by < 0 ? 1 : 0) + n) % n);
  }

  // Brings a passage to the top of both sides; of the side where it was pointed at nothing moves.
  choose(passage, from = null) {
    this.at = passage;
    this.panes.forEach((pane, side) => {
      pane.choose(passage);
      if (pane !== from) this.move(side, this.passages[passage][side ? 'b' : 'a'][0], 60);
    });
    this.map.choose(passage);
    this.count();
  }

  move(side, place, lead = 0) {
    this.panes[side].to(place, lead);
    this.expected[side] = this.panes[side].node.scrollTop;
    this.mark();
  }

  scrolled(side) {
    this.mark();
    const top = this.panes[side].node.scrollTop;
    if (Math.abs(top - this.expected[side]) < 2) return;
    this.expected[side] = -1;
    if (this.together) this.move(1 - side, this.across(side, this.panes[side].place()));
  }

  // The place on the other side that belongs to a place: inside of passages by share, between them by what lies between.
  across(side, place) {
    const [own, other] = side ? ['b', 'a'] : ['a', 'b'];
    const known = [...this.passages].sort((x, y) => x[own][0] - y[own][0]);
    let before = { [own]: [0, 0], [other]: [0, 0] };
    let after = { [own]: [this.panes[side].length, 0], [other]: [this.panes[1 - side].length, 0] };
    for (const passage of known) {
      if (passage[own][0] > place) {
        after = passage;
        break;
      }
      before = passage;
    }
    const share = (value, from, to) => (to > from ? Math.min(1, (value - from) / (to - from)) : 0);
    if (place < before[own][1]) return before[other][0] + share(place, ...before[own]) * (before[other][1] - before[other][0]);
    const [from, to] = [before[other][1], Math.max(before[other][1], after[other][0])];
    return from + share(place, before[own][1], after[own][0]) * (to - from);
  }

  mark() {
    this.panes.forEach((pane, side) => {
      const last = pane.rows.sums.find(pane.node.scrollTop + pane.node.clientHeight);
      this.map.view(side, pane.place(), pane.list[last + 1]?.start ?? pane.length ?? 0);
    });
  }
}

export const swapButton = (act) => button('compare.swap', act, { kind: 'quiet', icon: 'swap' });
