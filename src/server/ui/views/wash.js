// Wash: a document, or many, with what was changed in it and why.

import { ask, query } from '../core/api.js';
import { button, calm, choice, field, fill, h, icon, iconButton } from '../core/dom.js';
import { bytes, number, percent, say, saying, t } from '../core/say.js';
import { needs } from '../core/scopes.js';
import { download, copy } from '../parts/download.js';
import { dropZone, mediaType, picker } from '../parts/files.js';
import { Washed } from '../parts/marked.js';
import { rules } from '../parts/rulebook.js';
import { segments } from '../parts/segments.js';
import { empty, failed, waiting } from '../parts/states.js';
import { EXAMPLE } from '../parts/examples.js';
import { details } from './wash/details.js';
import { ManyFiles } from './wash/many.js';
import { RuleSwitches } from './wash/switches.js';

const ENCODINGS = ['utf-8', 'gb18030', 'gbk', 'big5', 'utf-16le', 'utf-16be', 'shift_jis', 'euc-kr', 'windows-1252'];

export class WashView {
  constructor() {
    this.options = { profile: '', type: '', encoding: '', url: '' };
    this.off = new Set();
    this.washed = new Washed();
    this.switches = new RuleSwitches(this.off, () => this.wash(true));
    this.many = new ManyFiles((file) => this.take(file), (file) => this.request(file, { edits: 'none' }));
    this.node = h('section', { class: 'view wash' });
    this.node.append(this.input(), this.many.node, this.outcome());
    dropZone(this.node, (files) => this.files(files));
    this.soon = calm(() => this.wash(true), 350);
  }

  // What another view may try a rule on.
  document() {
    return this.file ?? (this.area.value ? { text: this.area.value } : null);
  }

  async opened() {
    const { profiles } = await rules().catch(() => ({ profiles: [] }));
    if (this.profile.options.length === 1) for (const id of profiles) this.profile.append(h('option', { value: id }, id));
    this.switches.ready();
  }

  input() {
    this.area = h('textarea', { class: 'paste', rows: 7, label: 'wash.paste', placeholder: 'wash.paste-here', spellcheck: 'false' });
    this.area.addEventListener('keydown', (event) => (event.ctrlKey || event.metaKey) && event.key === 'Enter' && this.wash());
    this.area.addEventListener('paste', () => setTimeout(() => this.wash()));
    this.chip = h('div', { class: 'file-chip', hidden: true });
    this.go = needs(button('wash.wash', () => this.wash(), { kind: 'primary' }), 'clean');
    const change = (name) => ({ change: (event) => this.option(name, event.target.value), input: (event) => event.target.type === 'url' && this.option(name, event.target.value) });
    this.profile = choice([{ value: '', say: 'wash.profile-default' }], { on: change('profile') });
    const type = choice(['', 'text', 'html'].map((value) => ({ value, say: `wash.type-${value || 'auto'}` })), { on: change('type') });
    const encoding = choice([{ value: '', say: 'wash.encoding-auto' }, ...ENCODINGS.map((value) => ({ value, text: value }))], { on: change('encoding') });
    const url = h('input', { type: 'url', placeholder: 'wash.url-example', on: change('url'), spellcheck: 'false' });
    const example = button('wash.example', () => this.example(), { kind: 'quiet' });
    const pick = picker('action.open', (files) => this.files(files), { multiple: true });
    return h('div', { class: 'card input-card' },
      h('h1', { class: 'visually-hidden', say: 'nav.wash' }),
      this.area, this.chip,
      h('div', { class: 'bar' }, this.go, pick, example, h('span', { class: 'faint drop-note', say: 'wash.drop' })),
      h('div', { class: 'fields' }, field('wash.profile', this.profile), field('wash.type', type), field('wash.encoding', encoding), field('wash.url', url)));
  }

  outcome() {
    this.summary = h('div', { class: 'summary' });
    this.counter = h('span', { class: 'counter', 'aria-live': 'polite' });
    const step = (by) => {
      this.washed.step(by);
      this.count();
    };
    const sides = segments('wash.sides', ['both', 'source', 'result'].map((value) => ({ value, say: `wash.side-${value}` })), matchMedia('(max-width: 760px)').matches ? 'result' : 'both', (value) => this.sides(value));
    this.toolbar = h('div', { class: 'bar toolbar' },
      iconButton('wash.previous', 'up', () => step(-1)), iconButton('wash.next', 'down', () => step(1)), this.counter,
      h('span', { class: 'spring' }), sides.node,
      button('action.copy', () => copy(this.record.text), { kind: 'quiet', icon: 'copy' }),
      button('wash.save-text', () => download(this.name('txt'), this.record.text), { kind: 'quiet', icon: 'down' }),
      button('wash.save-markdown', () => this.markdown(), { kind: 'quiet', icon: 'down' }),
      button('wash.save-record', () => download(this.name('json'), JSON.stringify(this.record, null, 1), 'application/json'), { kind: 'quiet', icon: 'down' }));
    this.heads = h('div', { class: 'pair-heads', 'aria-hidden': 'true' }, h('span', { class: 'a', say: 'wash.source' }), h('span', { class: 'b', say: 'wash.result' }));
    this.panes = h('div', { class: 'panes' }, this.heads, this.washed.node);
    this.more = h('div', { class: 'more' });
    this.result = h('div', { class: 'outcome', hidden: true }, this.summary, h('div', { class: 'beside' }, h('div', { class: 'card flush' }, this.toolbar, this.panes), h('aside', { class: 'card side' }, this.switches.node)), this.more);
    this.sides(sides.value);
    this.state = h('div', {}, empty('wash.empty'));
    return h('div', {}, this.state, this.result);
  }

  sides(value) {
    this.panes.dataset.sides = value;
    this.washed.node.dataset.sides = value === 'both' ? 'both' : 'one';
    this.washed.rows.set(this.washed.model.pairs.length, true);
  }

  option(name, value) {
    this.options[name] = value.trim();
    if (this.record || this.problem) this.soon();
  }

  example() {
    this.take(null);
    this.area.value = EXAMPLE.washed;
    this.wash();
  }

  files(files) {
    this.many.set(files);
    this.take(files[0]);
  }

  // Takes a file, or goes back to what is pasted.
  take(file) {
    this.file = file;
    this.area.hidden = Boolean(file);
    this.chip.hidden = !file;
    if (file) {
      const drop = iconButton('wash.close-file', 'close', () => {
        this.many.set([]);
        this.take(null);
      });
      fill(this.chip, icon('file'), h('span', { class: 'name' }, file.name), saying(h('span', { class: 'faint' }), () => bytes(file.size)), drop);
      this.wash();
    }
  }

  request(file, more = {}) {
    const { profile, type, encoding, url } = this.options;
    const asked = query({ profile, type, encoding: file ? encoding : '', url, without: [...this.off], ...more });
    const signal = more.edits ? undefined : this.waiting?.signal;
    const body = file ?? this.area.value;
    return ask(`v1/clean${asked}`, { body, type: file ? mediaType(file) : type === 'html' ? 'text/html' : 'text/plain;charset=utf-8', signal, method: 'POST' });
  }

  async wash(keep = false) {
    if (!this.file && !this.area.value) {
      this.area.focus();
      return;
    }
    this.waiting?.abort();
    const own = (this.waiting = new AbortController());
    const slow = setTimeout(() => !this.record && fill(this.state, waiting('wash.washing')), 150);
    const began = performance.now();
    try {
      await rules().catch(() => null);
      const record = await (await this.request(this.file)).json();
      if (own.signal.aborted) return;
      this.show(record, keep && Boolean(this.record));
      this.node.dataset.ms = Math.round(performance.now() - began);
      this.many.note(this.file, record);
    } catch (problem) {
      if (problem.name === 'AbortError') return;
      this.record = null;
      this.problem = problem;
      this.result.hidden = true;
      this.many.note(this.file, null, problem);
      fill(this.state, failed(problem, () => this.wash()));
    } finally {
      clearTimeout(slow);
    }
  }

  show(record, keep) {
    this.record = record;
    this.problem = null;
    this.result.hidden = false;
    fill(this.state);
    this.washed.show(record, keep);
    this.switches.show(record);
    this.summarise(record);
    this.count();
    fill(this.more, details(record));
  }

  // The same document as Markdown: asked for when it is wanted.
  async markdown() {
    try {
      const { markdown } = await (await this.request(this.file, { edits: 'none', markdown: true })).json();
      download(this.name('md'), markdown, 'text/markdown');
    } catch (problem) {
      fill(this.state, failed(problem, () => this.markdown()));
    }
  }

  count() {
    const count = this.record.edits.length;
    const at = this.washed.current;
    if (!count) say(this.counter, 'wash.no-edits');
    else if (at < 0) say(this.counter, 'wash.edits', { n: count });
    else say(this.counter, 'wash.edit-of', { at: at + 1, n: count });
  }

  summarise(record) {
    const { stats, source, edits } = record;
    const before = [...this.washed.model.source].length;
    const facts = saying(h('p', { class: 'facts' }), () => t('wash.facts', { edits: edits.length, before: number(before), after: number(stats.chars), share: percent(stats.removed_share), encoding: source.encoding, kind: t(source.media_type === 'text/html' ? 'wash.type-html' : 'wash.type-text') }));
    const flags = record.flags.map((flag) => h('li', { class: 'flag' }, h('strong', { say: `flag.${flag}` }), ' ', h('span', { say: `flag.why.${flag}` })));
    const parts = record.parts.map((part, at) => h('li', {}, h('button', { type: 'button', class: 'link', on: { click: () => this.washed.to(part.start) } }, part.title || t('wash.part', { n: at + 1 }))));
    fill(this.summary, record.title ? h('h2', {}, record.title) : null, facts,
      flags.length ? h('ul', { class: 'flags', label: 'wash.flags' }, flags) : null,
      parts.length ? h('div', { class: 'parts' }, h('h3', { say: ['wash.parts', { n: parts.length }] }), h('ol', {}, parts)) : null);
  }

  name(ending) {
    const base = this.file ? this.file.name.replace(/\.[^.]*$/, '') : 'washed';
    return `${base}.${this.file ? 'washed.' : ''}${ending}`;
  }
}
