// The card beside a mark that is pointed at or has the focus.

import { h } from '../core/dom.js';

let card;
let owner;

function make() {
  const node = h('div', { class: 'hint', role: 'tooltip', id: 'hint', hidden: true });
  addEventListener('keydown', (event) => event.key === 'Escape' && hide());
  addEventListener('scroll', hide, { capture: true, passive: true });
  document.body.append(node);
  return node;
}

export function hide() {
  if (!card) return;
  card.hidden = true;
  owner?.removeAttribute('aria-describedby');
  owner = null;
}

function show(mark, content) {
  card ??= make();
  hide();
  owner = mark;
  card.replaceChildren(...content);
  card.hidden = false;
  mark.setAttribute('aria-describedby', 'hint');
  const [place, size] = [mark.getClientRects()[0] ?? mark.getBoundingClientRect(), card.getBoundingClientRect()];
  const left = Math.min(Math.max(8, place.left), innerWidth - size.width - 8);
  const below = place.bottom + 8 + size.height < innerHeight;
  card.style.left = `${left}px`;
  card.style.top = `${below ? place.bottom + 6 : Math.max(8, place.top - size.height - 6)}px`;
}

// Shows what `describe` says of the marks inside a node; `describe` gives elements, or null for what is no mark.
export function hints(node, selector, describe) {
  const over = (event) => {
    const mark = event.target.closest?.(selector);
    if (!mark || !node.contains(mark)) return;
    const content = describe(mark);
    if (content) show(mark, content);
  };
  node.addEventListener('pointerover', over);
  node.addEventListener('focusin', over);
  node.addEventListener('click', over);
  node.addEventListener('pointerout', (event) => event.target.closest?.(selector) && !event.target.matches(':focus') && hide());
  node.addEventListener('focusout', hide);
}
