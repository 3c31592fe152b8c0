// Two related texts as rows, with the passages that they share and the differences inside those.

import { places } from './bytes.js';
import { differences } from './diff.js';
import { cut, room } from './rows.js';

// Most characters of a passage that are compared one by one.
const MOST = 2_000_000;

// The passages of a relation in places of the two strings: {a: [from, to], b: [from, to], differences}.
export function passagesOf(a, b, passages) {
  const inA = places(a, passages.flatMap((passage) => passage.a));
  const inB = places(b, passages.flatMap((passage) => passage.b));
  return passages.map((passage) => {
    const [from, fromB] = [passage.a.map((at) => inA.get(at)), passage.b.map((at) => inB.get(at))];
    const fits = from[1] - from[0] + fromB[1] - fromB[0] < MOST;
    const found = fits ? differences(a.slice(...from), b.slice(...fromB)) : [];
    const shift = ([x, y], by) => [x + by, y + by];
    return { a: from, b: fromB, differences: found.map(({ sort, a: x, b: y }) => ({ sort, a: shift(x, from[0]), b: shift(y, fromB[0]) })) };
  });
}

// The rows of one side: {start, pieces: [{text, passage, sort}], room}. Outside of passages `passage` is -1; `sort` is that of a difference.
export function rowsOf(text, side, passages) {
  const rows = [];
  let row = null;
  const begin = (at) => (row = { start: at, pieces: [], room: 0 });
  const close = (at) => {
    rows.push(row);
    begin(at);
  };
  const put = (from, to, passage, sort) => {
    let at = from;
    while (at < to) {
      const line = text.indexOf('\n', at);
      const end = line < 0 || line >= to ? to : line;
      const fits = at + cut(text.slice(at, end), row.room);
      if (fits > at) {
        row.pieces.push({ text: text.slice(at, fits), passage, sort });
        row.room += room(text.slice(at, fits));
      }
      at = fits;
      if (fits < end) close(at);
      else if (end === line && line < to) close((at = line + 1));
    }
    if (from === to && sort) row.pieces.push({ text: '', passage, sort });
  };
  begin(0);
  let at = 0;
  const marks = passages.map((passage, number) => ({ number, range: passage[side], differences: passage.differences })).sort((x, y) => x.range[0] - y.range[0]);
  for (const { number, range, differences: found } of marks) {
    // Passages of b may overlap: what was shown is not shown again.
    const from = Math.max(at, range[0]);
    if (from >= range[1]) continue;
    put(at, from, -1);
    at = from;
    for (const difference of found) {
      const [x, y] = difference[side];
      if (x < at) continue;
      put(at, x, number);
      put(x, y, number, difference.sort);
      at = y;
    }
    put(at, range[1], number);
    at = Math.max(at, range[1]);
  }
  put(at, text.length, -1);
  if (row.pieces.length || !rows.length) close(text.length);
  return rows;
}
