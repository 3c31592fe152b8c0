// A washed record as pairs of rows: what the source has on the left, what became of it on the right, each edit marked in both.

import { behind } from './bytes.js';
import { cut, room } from './rows.js';

// What a piece of a row is: as it was, gone, replaced (on the left), put in its place (on the right), or the place where something went.
export const SAME = 0;
export const GONE = 1;
export const WAS = 2;
export const NOW = 3;
export const GAP = 4;

// The pairs of a record, the row of each edit, and the source text. A pair has the pieces of both sides, how much room they take, the
// numbers of the lines that begin in it (0 where none does), and where its right side begins in the text, in bytes.
export function pairsOf({ text, edits = [] }) {
  const maker = new Maker();
  let [at, bytes] = [0, 0];
  edits.forEach((edit, number) => {
    const end = behind(text, at, edit.start - bytes);
    maker.same(text.slice(at, end));
    maker.edit(edit, number);
    at = end + edit.after.length;
    bytes = edit.end;
  });
  maker.same(text.slice(at));
  return maker.finish();
}

class Maker {
  pairs = [];
  rowOfEdit = [];
  source = [];
  lines = [0, 0];
  begins = [true, true];
  resultBytes = 0;

  constructor() {
    this.open();
  }

  open() {
    this.pair = { a: [], b: [], room: [0, 0], lines: [0, 0], start: this.resultBytes };
  }

  close() {
    this.pairs.push(this.pair);
    this.open();
  }

  // Puts a piece on one side; the first piece of a line carries the line's number.
  put(side, kind, text, edit = -1) {
    const { pair } = this;
    if (this.begins[side] && (text || kind !== GAP)) {
      this.lines[side] += 1;
      pair.lines[side] = this.lines[side];
      this.begins[side] = false;
    }
    pair[side ? 'b' : 'a'].push({ kind, text, edit });
    pair.room[side] += room(text);
    if (side && (kind === SAME || kind === NOW)) this.resultBytes += utf8(text);
  }

  same(text) {
    this.source.push(text);
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.line(text.slice(from, end));
      this.put(0, SAME, '');
      this.put(1, SAME, '');
      this.resultBytes += 1;
      this.begins = [true, true];
      this.close();
      from = end + 1;
    }
    this.line(text.slice(from));
  }

  // Text without a line break, in as many rows as it needs.
  line(text) {
    let rest = text;
    while (rest) {
      const at = cut(rest, Math.max(...this.pair.room));
      this.put(0, SAME, rest.slice(0, at));
      this.put(1, SAME, rest.slice(0, at));
      rest = rest.slice(at);
      if (rest) this.close();
    }
  }

  edit({ before, after }, number) {
    this.source.push(before);
    this.rowOfEdit[number] = this.pairs.length;
    const [was, now] = [pieces(before), pieces(after)];
    const kind = after ? WAS : GONE;
    if (!after) this.put(1, GAP, '', number);
    if (!before) this.put(0, GAP, '', number);
    for (let at = 0; at < Math.max(was.length, now.length); at += 1) {
      const [left, right] = [was[at] ?? '', now[at] ?? ''];
      if (left) this.put(0, kind, left, number);
      if (right) this.put(1, NOW, right, number);
      const ends = [left.endsWith('\n'), right.endsWith('\n')];
      ends.forEach((end, side) => (this.begins[side] ||= end));
      if (ends[0] || ends[1] || at + 1 < Math.max(was.length, now.length)) this.close();
    }
  }

  finish() {
    if (this.pair.a.length || this.pair.b.length) this.close();
    return { pairs: this.pairs, rowOfEdit: this.rowOfEdit, source: this.source.join('') };
  }
}

// The lines of an edit with their breaks, long ones cut.
function pieces(text) {
  const found = [];
  for (const line of text.split(/(?<=\n)/)) {
    let rest = line;
    while (rest) {
      const at = cut(rest, 0);
      found.push(rest.slice(0, at));
      rest = rest.slice(at);
    }
  }
  return found;
}

function utf8(text) {
  let sum = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    sum += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
  }
  return sum;
}
