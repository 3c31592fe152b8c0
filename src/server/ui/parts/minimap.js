// Between two texts: a ribbon for each shared passage from its place in one to its place in the other, and what of both is in view.

import { h, svg } from '../core/dom.js';

const WIDTH = 56;
const HEIGHT = 1000;
const BAR = 10;

export class Minimap {
  constructor(onPassage) {
    this.onPassage = onPassage;
    this.picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    this.node = h('div', { class: 'minimap' }, this.picture);
    this.picture.addEventListener('click', (event) => {
      const ribbon = event.target.closest('[data-passage]');
      if (ribbon) onPassage(Number(ribbon.dataset.passage));
    });
  }

  show(passages, lengthA, lengthB) {
    this.lengths = [Math.max(1, lengthA), Math.max(1, lengthB)];
    const y = (place, side) => (place / this.lengths[side]) * HEIGHT;
    const bars = [0, WIDTH - BAR].map((x) => svg('rect', { x, y: 0, width: BAR, height: HEIGHT, class: 'map-bar' }));
    const ribbons = passages.map(({ a, b }, number) => {
      const [a0, a1, b0, b1] = [y(a[0], 0), Math.max(y(a[1], 0), y(a[0], 0) + 3), y(b[0], 1), Math.max(y(b[1], 1), y(b[0], 1) + 3)];
      const right = WIDTH - BAR;
      const d = `M0 ${a0}H${BAR}C${WIDTH / 2} ${a0} ${WIDTH / 2} ${b0} ${right} ${b0}H${WIDTH}V${b1}H${right}C${WIDTH / 2} ${b1} ${WIDTH / 2} ${a1} ${BAR} ${a1}H0Z`;
      return svg('path', { d, class: 'ribbon', 'data-passage': number });
    });
    this.views = [0, 1].map((side) => svg('rect', { x: side ? WIDTH - BAR : 0, y: 0, width: BAR, height: 0, class: 'map-view' }));
    this.picture.replaceChildren(...bars, ...ribbons, ...this.views);
    this.ribbons = ribbons;
  }

  // Marks what is in view of a side, in places of its text.
  view(side, from, to) {
    if (!this.views) return;
    const [top, end] = [from, to].map((place) => Math.min(1, place / this.lengths[side]) * HEIGHT);
    this.views[side].setAttribute('y', top);
    this.views[side].setAttribute('height', Math.max(6, end - top));
  }

  choose(passage) {
    this.ribbons?.forEach((ribbon, number) => ribbon.classList.toggle('chosen', number === passage));
  }
}
