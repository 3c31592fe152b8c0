// The rules in force, asked for once and kept: names and reasons for whoever shows an edit.

import { getJson } from '../core/api.js';
import { has, t } from '../core/say.js';

let book = null;
let asking = null;

export function rules(again = false) {
  if (again || !asking) {
    asking = getJson('v1/rules').then((told) => {
      book = { ...told, byId: new Map(told.files.map((file) => [file.id, file])) };
      return book;
    });
    asking.catch(() => (asking = null));
  }
  return asking;
}

const parted = (rule) => {
  const at = rule.indexOf('/');
  return at < 0 ? [rule, ''] : [rule.slice(0, at), rule.slice(at + 1)];
};

// The title of a rule `file/step`; of a normaliser `profile/kind` its name in plain words.
export function nameOf(rule) {
  const [file, step] = parted(rule);
  const known = book?.byId.get(file);
  if (known) return step ? `${known.title} · ${step}` : known.title;
  return has(`kind.${step}`) ? t(`kind.${step}`) : rule;
}

// Why it is there: the step's own reason, else its file's.
export function whyOf(rule) {
  const [file, step] = parted(rule);
  const known = book?.byId.get(file);
  if (!known) return has(`kind.why.${step}`) ? t(`kind.why.${step}`) : '';
  return known.steps.find(({ id }) => id === step)?.why ?? known.why;
}

export const isFile = (id) => book?.byId.has(id) ?? false;
