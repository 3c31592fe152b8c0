// Compare: two documents, the verdict, and where they agree.

import { getJson } from '../core/api.js';
import { button, fill, h, icon, iconButton } from '../core/dom.js';
import { bytes, saying, t } from '../core/say.js';
import { needs } from '../core/scopes.js';
import { EXAMPLE } from '../parts/examples.js';
import { base64, dropZone, mediaType, picker } from '../parts/files.js';
import { empty, failed, waiting } from '../parts/states.js';
import { Twin, swapButton } from '../parts/twin.js';
import { verdict } from '../parts/verdict.js';

export class CompareView {
  constructor() {
    this.sides = ['a', 'b'].map((name) => new Side(name, () => this.compare()));
    this.twin = new Twin();
    this.verdict = h('div', { class: 'card', hidden: true });
    this.state = h('div', {}, empty('compare.empty'));
    this.twin.node.hidden = true;
    const go = needs(button('compare.compare', () => this.compare(), { kind: 'primary' }), 'clean');
    this.node = h('section', { class: 'view compare' }, h('h1', { class: 'visually-hidden', say: 'nav.compare' }),
      h('div', { class: 'two' }, this.sides.map((side) => side.node)),
      h('div', { class: 'bar' }, go, swapButton(() => this.swap()), button('compare.example', () => this.example(), { kind: 'quiet' })),
      this.state, this.verdict, this.twin.node);
  }

  example() {
    this.sides[0].set(EXAMPLE.a);
    this.sides[1].set(EXAMPLE.b);
    this.compare();
  }

  swap() {
    const [a, b] = this.sides.map((side) => side.value());
    this.sides[0].set(b);
    this.sides[1].set(a);
    if (a && b) this.compare();
  }

  async compare() {
    const missing = this.sides.find((side) => !side.value());
    if (missing) {
      missing.area.focus();
      return;
    }
    this.waiting?.abort();
    const { signal } = (this.waiting = new AbortController());
    const slow = setTimeout(() => fill(this.state, waiting('compare.comparing')), 150);
    try {
      const [a, b] = await Promise.all(this.sides.map((side) => side.document()));
      const washed = (json) => getJson('v1/clean', { json: { ...json, edits: 'none' }, signal });
      const [relation, one, other] = await Promise.all([getJson('v1/compare', { json: { a: { ...a, id: 'a' }, b: { ...b, id: 'b' } }, signal }), washed(a), washed(b)]);
      if (!signal.aborted) this.show(relation, { a: one, b: other });
    } catch (problem) {
      if (problem.name === 'AbortError') return;
      this.verdict.hidden = this.twin.node.hidden = true;
      fill(this.state, failed(problem, () => this.compare()));
    } finally {
      clearTimeout(slow);
    }
  }

  // The smaller one is `a` in the answer; the reader's own left and right stay.
  show(relation, records) {
    fill(this.state);
    this.verdict.hidden = this.twin.node.hidden = false;
    const name = (id) => (id === 'a' ? 'A' : 'B');
    fill(this.verdict, verdict(relation, { a: name(relation.a), b: name(relation.b) }));
    const passages = relation.passages.map((passage) => (relation.a === 'a' ? passage : { a: passage.b, b: passage.a })).sort((x, y) => x.a[0] - y.a[0]);
    const note = (id) => (relation.keep && relation[relation.keep] === id ? t('compare.kept') : '');
    this.twin.show({ name: 'A', note: note('a'), text: records.a.text }, { name: 'B', note: note('b'), text: records.b.text }, passages);
  }
}

// A document of the two: pasted, dropped or picked.
class Side {
  constructor(name, compare) {
    const letter = name.toUpperCase();
    this.area = h('textarea', { rows: 7, class: 'paste', label: `compare.text-${name}`, placeholder: 'compare.paste-here', spellcheck: 'false' });
    this.area.addEventListener('keydown', (event) => (event.ctrlKey || event.metaKey) && event.key === 'Enter' && compare());
    this.chip = h('div', { class: 'file-chip', hidden: true });
    this.node = h('div', { class: 'card input-card' }, h('div', { class: 'bar' }, h('h2', { class: 'badge' }, letter), h('span', { class: 'spring' }), picker('action.open-one', ([file]) => this.set(file))), this.area, this.chip);
    dropZone(this.node, ([file]) => this.set(file));
  }

  value() {
    return this.file ?? this.area.value;
  }

  set(value) {
    this.file = value instanceof Blob ? value : null;
    this.area.value = this.file ? '' : value;
    this.area.hidden = Boolean(this.file);
    this.chip.hidden = !this.file;
    if (this.file) fill(this.chip, icon('file'), h('span', { class: 'name' }, this.file.name), saying(h('span', { class: 'faint' }), () => bytes(this.file?.size ?? 0)), iconButton('wash.close-file', 'close', () => this.set('')));
  }

  // As the service takes it: text as it is, the bytes of a file as Base64, whatever their encoding.
  async document() {
    if (!this.file) return { text: this.area.value };
    const type = mediaType(this.file) === 'text/html' ? { type: 'html' } : {};
    return { base64: await base64(this.file), ...type };
  }
}
