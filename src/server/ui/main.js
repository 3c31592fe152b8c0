// The frame of the page: the views by their names in the address, language, light and dark, the key.

import { getJson } from './core/api.js';
import { h, iconButton } from './core/dom.js';
import { setAllowed } from './core/key.js';
import { current, speak, t } from './core/say.js';
import { startTheme, switchTheme, isDark } from './core/theme.js';
import { KeyDialog } from './views/keys.js';
import { WashView } from './views/wash.js';
import { CompareView } from './views/compare.js';
import { ArchivesView } from './views/archives.js';
import { CollectionsView } from './views/collections.js';
import { RulesView } from './views/rules.js';
import { StatusView } from './views/status.js';

const VIEWS = { wash: WashView, compare: CompareView, archives: ArchivesView, collections: CollectionsView, rules: RulesView, status: StatusView };
const opened = new Map();
let shown = 'wash';
const keys = new KeyDialog(identify);
const main = h('main', { id: 'main', tabindex: '-1' });
const links = Object.keys(VIEWS).map((name) => h('a', { href: `#/${name}`, say: `nav.${name}`, data: { view: name } }));
// What views ask of each other: the document that is being washed, and another view.
const house = { document: () => opened.get('wash')?.document() ?? null, go: (place) => (location.hash = `#/${place}`) };

function frame() {
  const theme = iconButton('tool.theme', isDark() ? 'sun' : 'moon', () => {
    switchTheme();
    theme.replaceChildren(...iconButton('tool.theme', isDark() ? 'sun' : 'moon', null).childNodes);
  });
  const language = h('button', { type: 'button', class: 'button bare language', on: { click: () => speak(current() === 'zh' ? 'en' : 'zh') }, say: 'tool.language', label: 'tool.language-label' });
  const tools = h('div', { class: 'tools' }, language, theme, keys.button);
  const brand = h('a', { class: 'brand', href: '#/wash' }, h('span', { class: 'brand-han', lang: 'zh' }, '淘洗'), h('span', { class: 'brand-latin' }, 'taoxi'));
  const skip = h('a', { class: 'skip', href: '#main', say: 'tool.skip', on: { click: (event) => (event.preventDefault(), main.focus()) } });
  const foot = h('footer', {}, h('a', { href: 'docs', say: 'foot.calls' }), h('a', { href: 'openapi.json' }, 'OpenAPI'), h('span', { class: 'faint', say: 'foot.note' }));
  document.body.append(skip, h('header', {}, h('div', { class: 'top' }, brand, h('nav', { label: 'nav.label' }, links), tools)), main, foot, keys.node);
}

// Shows the view that the address names; views stay as they are while others are shown.
function route() {
  const [name, ...rest] = location.hash.replace(/^#\//, '').split('/').map(decodeURIComponent);
  const known = name in VIEWS ? name : 'wash';
  let view = opened.get(known);
  if (!view) {
    view = new VIEWS[known](house);
    opened.set(known, view);
    main.append(view.node);
  }
  for (const [other, each] of opened) {
    if (other !== known && !each.node.hidden) each.closed?.();
    each.node.hidden = other !== known;
  }
  for (const link of links) {
    if (link.dataset.view === known) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  links.find((link) => link.dataset.view === known).scrollIntoView({ block: 'nearest', inline: 'nearest' });
  shown = known;
  title(known);
  view.opened?.(...rest);
}

function title(name) {
  document.title = `${t(`nav.${name}`)} · taoxi 淘洗`;
}

// Asks what the key allows.
async function identify() {
  const told = await getJson('v1/key');
  setAllowed(told);
  return told;
}

document.addEventListener('taoxi:language', () => title(shown));
startTheme();
speak(current());
frame();
addEventListener('hashchange', route);
identify().catch(() => {});
route();
