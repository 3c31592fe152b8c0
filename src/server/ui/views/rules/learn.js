// Rules proposed from pages: pages in, a job, then rule files of which each step is taken or left.

import { ask, events, lines, path, query, upload } from '../../core/api.js';
import { button, field, fill, h } from '../../core/dom.js';
import { say, saying, t } from '../../core/say.js';
import { needs } from '../../core/scopes.js';
import { download } from '../../parts/download.js';
import { dropZone, picker } from '../../parts/files.js';
import { empty, failed, waiting } from '../../parts/states.js';
import { blocksOf, joined } from '../../text/blocks.js';
import { tar } from '../../text/tar.js';

const ARCHIVE = /\.(jsonl|ndjson|zip|tar|tgz|gz|zst|warc|parquet)$/i;
const FEWEST = 2;

export class Learner {
  constructor(house, onEdit) {
    [this.house, this.onEdit, this.pages] = [house, onEdit, []];
    this.host = h('input', { type: 'text', placeholder: 'learn.host-example', spellcheck: 'false', autocomplete: 'off' });
    this.told = h('span', { class: 'faint', role: 'status', say: 'learn.drop' });
    this.go = needs(button('learn.go', () => this.learn(), { kind: 'primary', disabled: true }), 'index');
    this.result = h('div', { class: 'view' });
    const card = h('div', { class: 'card input-card drop-target' }, h('h2', { say: 'learn.title' }), h('p', { class: 'faint', say: 'learn.note' }), h('div', { class: 'bar' }, picker('learn.pick', (files) => this.add(files), { multiple: true }), this.told),
      h('div', { class: 'fields aligned' }, field('learn.host', this.host), this.go));
    dropZone(card, (files) => this.add(files));
    this.node = h('div', { class: 'view' }, card, this.result);
  }

  add(files) {
    this.pages = [...this.pages, ...files];
    const enough = this.pages.length >= FEWEST || this.pages.some(({ name }) => ARCHIVE.test(name));
    this.go.disabled = !enough;
    say(this.told, enough ? 'learn.pages' : 'learn.more', { n: this.pages.length });
  }

  async learn() {
    fill(this.result, waiting('learn.sending'));
    try {
      const one = this.pages.length === 1 ? this.pages[0] : null;
      const archive = one ?? (await tar(this.pages));
      const asked = query({ host: this.host.value.trim(), name: one ? one.name : 'pages.tar', id_dup: 'suffix' });
      const { job } = await upload(`v1/rules/learn${asked}`, archive, () => {});
      this.pages = [];
      this.go.disabled = true;
      say(this.told, 'learn.drop');
      fill(this.result, waiting('learn.learning'));
      let last;
      for await (const state of events(path('jobs', job, 'events'))) last = state;
      if (last.state !== 'done') throw Object.assign(new Error(last.error?.message ?? last.state), { code: last.error?.code ?? 'other', hint: '' });
      const found = [];
      for await (const { text } of lines(await ask(path('jobs', job, 'files', 'rules.ndjson')))) found.push(JSON.parse(text));
      fill(this.result, found.length ? found.map((proposal) => this.proposal(proposal)) : empty('learn.nothing'));
    } catch (problem) {
      fill(this.result, failed(problem, () => this.learn()));
    }
  }

  // A proposed file: its steps with their evidence, each to be taken or left.
  proposal({ id, file, host, pages, toml }) {
    const { head, blocks } = blocksOf(toml);
    const left = new Set();
    const kept = () => joined(head, blocks.filter((block) => !left.has(block)));
    const steps = blocks.filter(({ kind }) => kind === 'step');
    const count = saying(h('span', { class: 'faint' }), () => t('learn.taken', { n: steps.length - left.size, all: steps.length }));
    const line = (block) => {
      const box = h('input', { type: 'checkbox', checked: true, on: { change: () => {
        if (box.checked) left.delete(block);
        else left.add(block);
        saying(count, () => t('learn.taken', { n: steps.length - left.size, all: steps.length }));
      } } });
      return h('li', {}, h('label', { class: 'check' }, box, h('strong', {}, block.id)), h('pre', { tabindex: '0', role: 'region', label: 'learn.step' }, block.text.trim()));
    };
    const pageCount = Array.isArray(pages) ? pages.length : pages;
    return h('article', { class: 'card input-card' }, h('div', { class: 'page-head' }, h('h2', {}, host ?? id), saying(h('span', { class: 'faint' }), () => t('learn.from', { n: pageCount ?? 0 })), count, h('span', { class: 'spring' }), button('learn.edit', () => this.onEdit(kept(), id)), button('action.download', () => download(file ?? `${id}.toml`, kept()), { kind: 'quiet', icon: 'down' })), h('ol', { class: 'proposed' }, steps.map(line)));
  }
}
