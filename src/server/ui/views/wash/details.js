// What else a record says: the source, what the page says of itself, and what was left out of it.

import { h } from '../../core/dom.js';
import { bytes, number, percent, saying, t } from '../../core/say.js';

export function details(record) {
  const { source, stats, versions, page = {}, meta = {} } = record;
  const rows = [
    ['details.encoding', source.encoding],
    ['details.type', source.media_type],
    ['details.bytes', () => bytes(source.bytes)],
    ['details.sha256', h('code', {}, source.sha256)],
    ['details.chars', () => t('details.chars-of', { chars: number(stats.chars), han: number(stats.han) })],
    ['details.removed', () => percent(stats.removed_share)],
    ['details.masked', () => percent(stats.placeholder_share)],
    ['details.script', () => t(`script.${stats.script}`)],
    ...['author', 'date', 'language', 'site', 'canonical'].filter((name) => page[name]).map((name) => [`details.${name}`, told(page[name], page.from?.[name])]),
    ...Object.entries(meta).map(([name, value]) => [null, typeof value === 'string' ? value : JSON.stringify(value), name]),
    ['details.rules', h('code', {}, versions.rules.slice(0, 19))],
  ];
  const list = h('dl', { class: 'facts-list' }, rows.flatMap(([key, value, name]) => [key ? h('dt', { say: key }) : h('dt', {}, name), typeof value === 'function' ? saying(h('dd', {}), value) : h('dd', {}, value)]));
  return [h('details', { class: 'card' }, h('summary', { say: 'details.title' }), list), record.removed?.length ? leftOut(record.removed) : null];
}

const told = (value, from) => h('span', {}, value, ' ', from ? h('span', { class: 'faint small' }, `(${from})`) : '');

// The places of the page that are not its main content.
function leftOut(removed) {
  const line = ({ path, text, reason, words, probability }) => h('li', {}, h('span', { class: 'reason', say: `removed.${reason}` }), h('span', { class: 'left-out-text' }, text), h('code', { class: 'faint small' }, path),
    saying(h('span', { class: 'faint small' }), () => t('removed.words', { n: words, share: probability === undefined ? '' : percent(probability) })));
  return h('details', { class: 'card' }, h('summary', { say: ['removed.title', { n: removed.length }] }), h('ul', { class: 'left-out' }, removed.map(line)));
}
