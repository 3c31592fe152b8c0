// Many files: a list from which one is chosen; all of them washed and saved together.

import { lines } from '../../core/api.js';
import { button, h } from '../../core/dom.js';
import { number, saying, t } from '../../core/say.js';
import { download } from '../../parts/download.js';
import { Rows } from '../../parts/rows.js';

const ROW = 40;
const AT_ONCE = 3;

export class ManyFiles {
  constructor(onChoose, wash) {
    [this.onChoose, this.wash, this.files, this.notes] = [onChoose, wash, [], new Map()];
    this.rows = new Rows({ label: 'many.label', className: 'list', render: (row) => this.render(row), guess: () => ROW });
    this.told = h('span', { class: 'faint', role: 'status' });
    this.node = h('div', { class: 'card many', hidden: true }, h('div', { class: 'bar' }, h('h2', { say: 'many.title' }), this.told, h('span', { class: 'spring' }), button('many.save', () => this.save(), { kind: 'quiet', icon: 'down' })), this.rows.node);
  }

  set(files) {
    this.files = files;
    this.notes.clear();
    this.node.hidden = files.length < 2;
    this.chosen = 0;
    this.rows.set(files.length);
    saying(this.told, () => t('many.count', { n: files.length }));
    if (files.length > 1) this.survey(files);
  }

  // Washes all, a few at a time, to say of each how it went.
  async survey(files) {
    let next = 1;
    const one = async () => {
      while (next < files.length && this.files === files) {
        const file = files[next];
        next += 1;
        try {
          this.note(file, await (await this.wash(file)).json());
        } catch (problem) {
          this.note(file, null, problem);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  }

  note(file, record, problem) {
    if (!file || this.files.length < 2) return;
    this.notes.set(file, problem ? { code: problem.code } : { share: record.stats.removed_share, flags: record.flags, rules: record.rules.length });
    this.rows.again();
  }

  render(row) {
    const file = this.files[row];
    const note = this.notes.get(file);
    const words = () => (!note ? '…' : note.code ? t(`problem.${note.code}`) : t('many.note', { share: number(note.share, { style: 'percent' }), n: note.rules }));
    const flags = (note?.flags ?? []).map((flag) => h('span', { class: 'tag', say: `flag.${flag}` }));
    const choose = () => {
      this.chosen = row;
      this.rows.again();
      this.onChoose(file);
    };
    return h('button', { type: 'button', class: `list-row${note?.code ? ' bad' : ''}`, 'aria-pressed': String(row === this.chosen), on: { click: choose } }, h('span', { class: 'name' }, file.webkitRelativePath || file.name), ...flags, saying(h('span', { class: 'faint' }), words));
  }

  // The washed records of all files, a line each.
  async save() {
    const out = [];
    for (const [at, file] of this.files.entries()) {
      saying(this.told, () => t('many.saving', { at: at + 1, n: this.files.length }));
      try {
        for await (const { text } of lines(await this.wash(file))) out.push(JSON.stringify({ ...JSON.parse(text), id: file.webkitRelativePath || file.name }));
      } catch (problem) {
        out.push(JSON.stringify({ id: file.name, error: { code: problem.code, message: problem.detail } }));
      }
    }
    saying(this.told, () => t('many.count', { n: this.files.length }));
    download('washed.ndjson', `${out.join('\n')}\n`, 'application/x-ndjson');
  }
}
