// The words of the page: both languages have the same keys with the same parameters, and every key that the modules name is there.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import en from '../../src/server/ui/lang/en.js';
import zh from '../../src/server/ui/lang/zh.js';

const WORDS = { en, zh };
const UI = fileURLToPath(new URL('../../src/server/ui', import.meta.url));

// The words of a key as the page says them.
export const speaker = (lang) => (key, params = {}) => {
  assert.ok(key in WORDS[lang], `no words for ${key}`);
  return WORDS[lang][key].replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (_, name, one, many) => (one === undefined ? String(params[name]) : params[name] === 1 ? one : many));
};

function modules(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? modules(join(folder, entry.name)) : entry.name.endsWith('.js') ? [join(folder, entry.name)] : []));
}

export function check() {
  const parameters = (text) => [...new Set([...text.matchAll(/\{(\w+)/g)].map(([, name]) => name))].sort();
  const told = Object.keys(en).filter((key) => !key.startsWith('advice.'));
  for (const key of told) {
    assert.ok(key in zh, `zh lacks ${key}`);
    assert.ok(parameters(zh[key]).every((name) => parameters(en[key]).includes(name)), `${key} has other parameters in zh`);
  }
  for (const key of Object.keys(zh)) assert.ok(key in en || key.startsWith('advice.'), `en lacks ${key}`);
  const areas = new Set(Object.keys(en).map((key) => key.split('.')[0]));
  const used = new Set();
  for (const path of modules(UI)) {
    if (path.includes('/lang/')) continue;
    for (const [, key] of readFileSync(path, 'utf8').matchAll(/'([a-z-]+\.[a-z0-9_.-]+)'/g)) {
      if (!areas.has(key.split('.')[0]) || /\.(js|json|ndjson|toml|tar|txt)$/.test(key)) continue;
      assert.ok(key in en, `${path} says ${key}, which has no words`);
      used.add(key);
    }
  }
  return used.size;
}
