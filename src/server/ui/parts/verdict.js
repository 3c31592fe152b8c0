// What a relation says, in a sentence, with both shares as bars.

import { h } from '../core/dom.js';
import { has, percent, saying, t } from '../core/say.js';

// `names` gives the names of a and b as the reader knows them.
export function verdict(relation, names) {
  const { kind, suspicion } = relation;
  // Where the two are equals, they are named in the reader's order.
  const equal = kind === 'exact' || kind === 'near' || kind === 'overlap' || kind === 'template' || kind === 'none';
  const [a, b] = equal && names.b < names.a ? [names.b, names.a] : [names.a, names.b];
  const values = { a, b };
  const sentence = saying(h('p', { class: 'verdict-words' }), () => t(`verdict.${kind}`, values));
  const reason = saying(h('p', { class: 'faint' }), () => reasonOf(relation, names));
  const tag = h('span', { class: `kind kind-${kind}`, say: `kind-of.${kind}` });
  const spun = suspicion ? h('span', { class: 'tag warn', say: 'verdict.spun' }) : null;
  return h('div', { class: 'verdict' }, h('div', { class: 'verdict-top' }, tag, spun, sentence), reason,
    h('div', { class: 'shares' }, share(names.a, names.b, relation.a_in_b), share(names.b, names.a, relation.b_in_a)));
}

function share(inner, outer, value) {
  const bar = h('span', { class: 'bar-fill' });
  bar.style.width = `${Math.round(value * 1000) / 10}%`;
  return h('div', { class: 'share' }, saying(h('span', {}), () => t('verdict.in', { inner, outer })), h('span', { class: 'bar-track', 'aria-hidden': 'true' }, bar), saying(h('strong', {}), () => percent(value)));
}

// Why one is kept, or both.
export function reasonOf({ why, keep, kind }, names) {
  const kept = keep ? names[keep] : '';
  const other = keep ? names[keep === 'a' ? 'b' : 'a'] : '';
  const key = `why.${why.code}`;
  const params = { ...why.params, kept, other, a: names.a, b: names.b };
  for (const name of ['held', 'more']) if (name in params) params[name] = percent(params[name]);
  const words = has(key) ? t(key, params) : why.text;
  return kind === 'none' || !keep ? words : `${t('verdict.keep', { kept })} ${words}`;
}
