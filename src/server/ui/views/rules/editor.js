// A rule file being edited: faults at their lines as one types, its tests, and a document washed with it.

import { getJson } from '../../core/api.js';
import { button, calm, fill, h } from '../../core/dom.js';
import { number, saying, t } from '../../core/say.js';
import { needs } from '../../core/scopes.js';
import { download } from '../../parts/download.js';
import { base64, mediaType } from '../../parts/files.js';
import { bars } from '../../parts/figures.js';
import { Washed } from '../../parts/marked.js';
import { failed } from '../../parts/states.js';

export const SKELETON = `id = "my-site"
title = "My site"
why = "What the site adds to its texts."
hosts = ["example.com"]

[[step]]
id = "credit"
kind = "drop-line"
line = { contains = "示例网提供" }

[[test]]
name = "the credit goes"
input = "正文在此。\\n本文由示例网提供\\n"
expect = "正文在此。\\n"

[[test]]
name = "a report may speak of the site"
input = "正文在此。\\n"
unchanged = true
`;

export class Editor {
  constructor(house, source, name) {
    [this.house, this.name] = [house, name];
    this.area = h('textarea', { class: 'code', label: 'editor.source', spellcheck: 'false', wrap: 'off', autocomplete: 'off' });
    this.area.value = source;
    this.gutter = h('div', { class: 'gutter', 'aria-hidden': 'true' });
    this.faults = h('ul', { class: 'faults', label: 'editor.faults' });
    this.verdict = h('p', { class: 'note', role: 'status' });
    this.result = h('div', {});
    this.washed = new Washed();
    this.document = h('textarea', { class: 'paste', rows: 4, label: 'editor.try-on', placeholder: 'editor.try-placeholder', spellcheck: 'false' });
    const soon = calm(() => this.test(), 350);
    this.area.addEventListener('input', () => (this.number(), soon()));
    this.area.addEventListener('scroll', () => (this.gutter.scrollTop = this.area.scrollTop), { passive: true });
    this.area.addEventListener('keydown', (event) => this.key(event));
    this.document.addEventListener('input', soon);
    const run = needs(button('editor.run', () => this.test(), { kind: 'primary' }), 'clean');
    const save = button('action.download', () => download(`${this.id ?? name}.toml`, this.area.value), { kind: 'quiet', icon: 'down' });
    this.node = h('div', { class: 'view' }, h('div', { class: 'card flush' }, h('div', { class: 'bar toolbar' }, h('h2', {}, `${name}.toml`), h('span', { class: 'spring' }), run, save), h('div', { class: 'editor' }, this.gutter, this.area), h('div', { class: 'editor-foot' }, this.verdict, this.faults)),
      h('div', { class: 'card input-card' }, h('h2', { say: 'editor.try' }), this.source(), this.result));
    this.number();
    this.test();
  }

  // The document that is being washed, if there is one; else one to be pasted here.
  source() {
    const taken = this.house.document();
    this.taken = taken;
    if (!taken) return this.document;
    const name = taken.text === undefined ? taken.name : null;
    const other = button('editor.other', () => {
      this.taken = null;
      note.replaceWith(this.document);
      this.document.focus();
    }, { kind: 'quiet' });
    const note = h('div', { class: 'bar' }, name ? h('span', {}, name) : h('span', { class: 'faint', say: 'editor.pasted' }), other);
    return note;
  }

  // A tab indents; Escape first lets the focus go on.
  key(event) {
    if (event.key === 'Escape') this.free = true;
    else if (event.key === 'Tab' && !event.shiftKey && !this.free) {
      event.preventDefault();
      this.area.setRangeText('  ', this.area.selectionStart, this.area.selectionEnd, 'end');
    } else this.free = false;
  }

  // Line numbers, with the lines of faults marked.
  number(bad = this.bad ?? new Map()) {
    const count = this.area.value.split('\n').length;
    if (count === this.gutter.childElementCount && bad.size === 0 && this.bad?.size === 0) return;
    this.bad = bad;
    fill(this.gutter, Array.from({ length: count }, (_, at) => h('div', { class: bad.has(at + 1) ? 'bad' : '' }, bad.has(at + 1) ? `! ${at + 1}` : String(at + 1))));
    this.gutter.scrollTop = this.area.scrollTop;
  }

  async asked() {
    if (this.taken instanceof Blob) return { base64: await base64(this.taken), ...(mediaType(this.taken) === 'text/html' ? { type: 'html' } : {}) };
    const text = this.taken?.text ?? this.document.value;
    return text ? { text } : null;
  }

  async test() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    try {
      const document = await this.asked();
      const tried = await getJson('v1/rules/test', { json: { rule: this.area.value, ...(document ? { document } : {}) } });
      if (turn === this.turn) this.show(tried);
    } catch (problem) {
      if (turn === this.turn) this.refused(problem);
    }
  }

  show({ id, tests, faults, document, trial }) {
    this.id = id;
    this.told(faults);
    saying(this.verdict, () => t(faults.length ? 'editor.tests-failed' : 'editor.tests-passed', { n: tests, bad: faults.length }));
    this.verdict.className = faults.length ? 'note bad' : 'note good';
    if (!document) {
      fill(this.result);
      return;
    }
    const own = document.edits.filter(({ rule }) => rule.startsWith(`${id}/`)).length;
    if (!this.washed.node.isConnected) fill(this.result, (this.effect = h('p', {})), (this.hits = h('div', { class: 'trial' })), h('div', { class: 'panes framed', data: { sides: 'both' } }, this.washed.node));
    saying(this.effect, () => t('editor.effect', { own: number(own), n: document.edits.length }));
    this.washed.show(document, true);
    this.trial(id, trial);
  }

  // What each step did, and what differs from the rules in force.
  trial(id, trial) {
    if (!trial) return;
    const own = trial.steps.filter(({ rule }) => rule.startsWith(`${id}/`)).map(({ rule, edits }) => ({ text: rule.slice(id.length + 1), value: edits }));
    const { removed_lines: gone, kept_lines: kept } = trial.in_force;
    fill(this.hits, own.length ? bars(own) : null, saying(h('p', { class: 'faint' }), () => (gone || kept ? t('editor.in-force', { gone, kept }) : t('editor.as-in-force'))));
  }

  refused(problem) {
    if (problem.code !== 'bad_rule') {
      this.verdict.className = 'note bad';
      fill(this.verdict);
      fill(this.faults, h('li', {}, failed(problem)));
      return;
    }
    this.verdict.className = 'note bad';
    saying(this.verdict, () => t('editor.not-a-rule', { n: problem.faults.length || 1 }));
    this.told(problem.faults.length ? problem.faults : [{ line: problem.line ?? 0, column: problem.column ?? 0, message: problem.detail }]);
  }

  told(faults) {
    this.number(new Map(faults.map((fault) => [fault.line, fault.message])));
    const go = (line) => {
      const lines = this.area.value.split('\n');
      const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
      this.area.focus();
      this.area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
      this.area.scrollTop = Math.max(0, (line - 4) * 22);
    };
    fill(this.faults, faults.map(({ line, column, message }) => h('li', {}, line ? h('button', { type: 'button', class: 'link', on: { click: () => go(line) }, say: ['editor.line', { line, column }] }) : null, ' ', h('span', { lang: 'en' }, message))));
  }
}
