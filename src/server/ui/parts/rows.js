// A list of which only what is visible is in the document, whatever its length and however high its rows are.
//
// Heights are guessed first and measured when a row is shown. A Fenwick tree (Fenwick 1994) holds them, so the row at a place and the place of a row are
// found in logarithmic time. What is measured above the first visible row moves the list by as much, so that nothing jumps.

import { h } from '../core/dom.js';

const BEYOND = 400;

export class Rows {
  // `render` makes the element of a row; `guess` says how high it may be at a width; both are given the row's number.
  constructor({ label, render, guess, className = '' }) {
    this.render = render;
    this.guess = guess;
    this.window = h('div', { class: 'rows-window' });
    this.canvas = h('div', { class: 'rows-canvas' }, this.window);
    this.node = h('div', { class: `rows ${className}`.trim(), tabindex: '0', role: 'region', label }, this.canvas);
    this.shown = new Map();
    this.count = 0;
    this.sums = new Fenwick([]);
    this.node.addEventListener('scroll', () => this.draw(), { passive: true });
    new ResizeObserver(() => this.resized()).observe(this.node);
  }

  // Shows so many rows, from the top or, with `keep`, from where the reader is.
  set(count, keep = false) {
    const anchor = keep ? this.place() : { row: 0, within: 0 };
    this.count = count;
    this.width = this.node.clientWidth;
    this.sums = new Fenwick(Array.from({ length: count }, (_, row) => this.guess(row, this.width)));
    this.again();
    this.go(Math.min(anchor.row, Math.max(0, count - 1)), anchor.within);
  }

  // Makes the visible rows anew; the row that has the focus keeps it.
  again() {
    const held = [...this.shown].find(([, node]) => node.contains(document.activeElement))?.[0];
    this.window.replaceChildren();
    this.shown.clear();
    this.draw();
    const node = this.shown.get(held);
    if (node) (node.matches('a, button') ? node : node.querySelector('a, button, [tabindex]'))?.focus({ preventScroll: true });
  }

  resized() {
    if (this.node.clientWidth && this.node.clientWidth !== this.width) this.set(this.count, true);
    else this.draw();
  }

  // The first visible row, and how far above the edge it begins, as a share of its height.
  place() {
    const row = this.sums.find(this.node.scrollTop);
    const height = this.sums.value(row) || 1;
    return { row, within: Math.max(0, (this.node.scrollTop - this.sums.before(row)) / height) };
  }

  // Brings a row to the top edge.
  go(row, within = 0, lead = 0) {
    // Rows above it are measured on the way, which moves it: twice is enough.
    for (let turn = 0; turn < 2; turn += 1) {
      this.node.scrollTop = this.sums.before(row) + within * this.sums.value(row) - lead;
      this.draw();
    }
  }

  // Makes a row visible with some of what stands before it.
  reveal(row) {
    const [top, height] = [this.sums.before(row) - this.node.scrollTop, this.node.clientHeight];
    if (top < 40 || top + this.sums.value(row) > height - 40) this.go(row, 0, height / 3);
    return this.shown.get(row);
  }

  // Shows what is in view. Rows that are lower than they were guessed leave room for more: then once more.
  draw(turns = 3) {
    if (!this.node.clientHeight) return;
    const top = this.node.scrollTop;
    const first = this.sums.find(Math.max(0, top - BEYOND));
    const end = top + this.node.clientHeight + BEYOND;
    const wanted = [];
    let at = this.sums.before(first);
    for (let row = first; row < this.count && at < end; row += 1) {
      wanted.push(row);
      at += this.sums.value(row);
    }
    this.keepOnly(wanted);
    const anchor = this.sums.find(top);
    const moved = this.measure(wanted, anchor);
    this.canvas.style.height = `${this.sums.total()}px`;
    this.window.style.transform = `translateY(${this.sums.before(first)}px)`;
    if (moved) this.node.scrollTop = top + moved;
    const behind = (wanted.at(-1) ?? this.count) + 1;
    if (turns > 1 && behind < this.count && this.sums.before(behind) < end - BEYOND / 2) this.draw(turns - 1);
  }

  keepOnly(wanted) {
    const keep = new Set(wanted);
    for (const [row, node] of this.shown) {
      if (keep.has(row)) continue;
      node.remove();
      this.shown.delete(row);
    }
    let after = null;
    for (const row of wanted) {
      let node = this.shown.get(row);
      if (!node) {
        node = this.render(row);
        this.shown.set(row, node);
        if (after) after.after(node);
        else this.window.prepend(node);
      }
      after = node;
    }
  }

  // Takes the heights of what is shown; says by how much what lies above the anchor grew.
  measure(wanted, anchor) {
    let moved = 0;
    const heights = wanted.map((row) => this.shown.get(row).getBoundingClientRect().height);
    wanted.forEach((row, at) => {
      const more = heights[at] - this.sums.value(row);
      if (Math.abs(more) < 0.5) return;
      this.sums.add(row, more);
      if (row < anchor) moved += more;
    });
    return moved;
  }
}

// Sums of a list whose values change.
class Fenwick {
  constructor(values) {
    this.values = Float64Array.from(values);
    this.tree = new Float64Array(values.length + 1);
    for (let at = 1; at <= values.length; at += 1) {
      this.tree[at] += this.values[at - 1];
      const up = at + (at & -at);
      if (up <= values.length) this.tree[up] += this.tree[at];
    }
    this.top = 1;
    while (this.top * 2 <= values.length) this.top *= 2;
  }

  value(row) {
    return this.values[row] ?? 0;
  }

  add(row, more) {
    this.values[row] += more;
    for (let at = row + 1; at < this.tree.length; at += at & -at) this.tree[at] += more;
  }

  before(row) {
    let sum = 0;
    for (let at = Math.min(row, this.values.length); at > 0; at -= at & -at) sum += this.tree[at];
    return sum;
  }

  total() {
    return this.before(this.values.length);
  }

  // The row in which a place lies.
  find(place) {
    let [at, left] = [0, place];
    for (let step = this.top; step > 0; step = step >> 1) {
      if (at + step < this.tree.length && this.tree[at + step] <= left) {
        at += step;
        left -= this.tree[at];
      }
    }
    return Math.min(at, Math.max(0, this.values.length - 1));
  }
}
