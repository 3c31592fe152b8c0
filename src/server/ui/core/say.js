// Words in the reader's language. A node that is given words keeps the key, so that switching the language says it anew.

import zh from '../lang/zh.js';
import en from '../lang/en.js';

const WORDS = { zh, en };
const REMEMBERED = 'taoxi.language';
const bound = new WeakMap();
let language = first();

function first() {
  const kept = read(REMEMBERED);
  if (kept in WORDS) return kept;
  return navigator.languages.some((name) => name.toLowerCase().startsWith('zh')) ? 'zh' : 'en';
}

// Storage may be switched off: then nothing is remembered, and nothing breaks.
function read(name) {
  try {
    return localStorage.getItem(name) ?? '';
  } catch {
    return '';
  }
}

export const current = () => language;
export const has = (key) => key in WORDS[language];

// The words of a key. `{n}` stands for a parameter, `{n:page|pages}` for the right form of a word; a parameter that is a function is asked when it is said.
export function t(key, params = {}) {
  const words = WORDS[language][key] ?? WORDS.en[key] ?? key;
  return words.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (whole, name, one, many) => {
    const given = params[name];
    if (one !== undefined) return given === 1 ? one : many;
    if (given === undefined) return whole;
    const value = typeof given === 'function' ? given() : given;
    return typeof value === 'number' ? number(value) : String(value);
  });
}

export function number(value, options) {
  return new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en', options).format(value);
}

export const percent = (share) => number(share, { style: 'percent', maximumFractionDigits: share > 0.995 && share < 1 ? 1 : 0 });

export function bytes(value) {
  const step = value > 0 ? Math.min(4, Math.floor(Math.log(value) / Math.log(1024))) : 0;
  const digits = step === 0 ? 0 : 1;
  return `${number(value / 1024 ** step, { maximumFractionDigits: digits })} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][step]}`;
}

export function moment(value) {
  const options = { dateStyle: 'medium', timeStyle: 'short' };
  return new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', options).format(new Date(value));
}

// Says a key on a node: as its text, or as the attribute that `where` names.
export function say(node, key, params = {}, where = 'text') {
  const said = bound.get(node) ?? new Map();
  said.set(where, [key, params]);
  bound.set(node, said);
  node.dataset.say = '';
  tell(node, where, key, params);
  return node;
}

// Lets a node's words be told by a function, which is asked again when the language changes.
export function saying(node, words) {
  const said = bound.get(node) ?? new Map();
  said.set('text', words);
  bound.set(node, said);
  node.dataset.say = '';
  node.textContent = words();
  return node;
}

function tell(node, where, key, params) {
  if (where === 'text') node.textContent = t(key, params);
  else node.setAttribute(where, t(key, params));
}

export function speak(code) {
  if (!(code in WORDS)) return;
  language = code;
  try {
    localStorage.setItem(REMEMBERED, code);
  } catch {
    // Not remembered.
  }
  document.documentElement.lang = code === 'zh' ? 'zh-CN' : 'en';
  for (const node of document.querySelectorAll('[data-say]')) {
    for (const [where, how] of bound.get(node) ?? []) {
      if (typeof how === 'function') node.textContent = how();
      else tell(node, where, how[0], how[1]);
    }
  }
  document.dispatchEvent(new CustomEvent('taoxi:language'));
}
