// The modules that need no browser: rows of edits give both texts again, passages and differences too.

import assert from 'node:assert/strict';

import { differences } from '../../src/server/ui/text/diff.js';
import { GAP, GONE, NOW, SAME, WAS, pairsOf } from '../../src/server/ui/text/edits.js';
import { passagesOf, rowsOf } from '../../src/server/ui/text/pair.js';
import { blocksOf, joined } from '../../src/server/ui/text/blocks.js';
import { random } from './made.mjs';

const LETTERS = ['水', '利', '。', ',', '，', 'a', ' ', '\n', '\n', '😀', 'é', '*', '3', '某'];

function text(next, length) {
  return Array.from({ length: Math.floor(next() * length) }, () => LETTERS[Math.floor(next() * LETTERS.length)]).join('');
}

// A source, its edits as the service tells them, and what becomes of it.
function edited(next) {
  const edits = [];
  let [source, washed] = ['', ''];
  for (let part = Math.floor(next() * 8); part >= 0; part -= 1) {
    const same = next() < 0.1 ? text(next, 900) : text(next, 30);
    [source, washed] = [source + same, washed + same];
    const [before, after] = [text(next, 12), next() < 0.5 ? '' : text(next, 6)];
    if (!before && !after) continue;
    const start = Buffer.byteLength(source);
    edits.push({ rule: 'a/b', start, end: start + Buffer.byteLength(before), before, after });
    [source, washed] = [source + before, washed + after];
  }
  return { source, record: { text: washed, edits } };
}

export function check() {
  const next = random(17);
  for (let turn = 0; turn < 400; turn += 1) {
    const { source, record } = edited(next);
    const model = pairsOf(record);
    assert.equal(model.source, source);
    const bare = (side, kinds) => model.pairs.flatMap((pair) => pair[side]).filter(({ kind }) => kinds.includes(kind)).map((piece) => piece.text).join('').replaceAll('\n', '');
    assert.equal(bare('a', [SAME, GONE, WAS]), source.replaceAll('\n', ''));
    assert.equal(bare('b', [SAME, NOW, GAP]), record.text.replaceAll('\n', ''));
    record.edits.forEach((_, number) => assert.ok(model.pairs[model.rowOfEdit[number]]?.a.concat(model.pairs[model.rowOfEdit[number]].b).some(({ edit }) => edit === number), 'an edit stands in its row'));
    const starts = model.pairs.map(({ start }) => start);
    assert.deepEqual(starts, [...starts].sort((a, b) => a - b));
  }
  for (let turn = 0; turn < 400; turn += 1) {
    const a = text(next, 200);
    const b = [...a].map((letter) => (next() < 0.1 ? LETTERS[Math.floor(next() * LETTERS.length)] : letter)).join('').slice(Math.floor(next() * 9));
    let [i, j] = [0, 0];
    for (const { a: x, b: y } of [...differences(a, b), { a: [a.length], b: [b.length] }]) {
      assert.equal(a.slice(i, x[0]), b.slice(j, y[0]), 'what is no difference is the same');
      [i, j] = [x[1], y[1]];
    }
    const whole = passagesOf(a, b, [{ a: [0, Buffer.byteLength(a)], b: [0, Buffer.byteLength(b)] }]);
    for (const [side, words] of [['a', a], ['b', b]]) {
      const shown = rowsOf(words, side, whole).flatMap((row) => row.pieces).map((piece) => piece.text).join('');
      assert.equal(shown, words.replaceAll('\n', ''), 'every character is shown once');
    }
  }
  const sorts = (a, b) => differences(a, b).map(({ sort }) => sort);
  assert.deepEqual(sorts('投入13.7亿元，建成校舍**所。', '投入１３.７亿元,建成校舍12所。'), ['width', 'width', 'width', 'placeholder']);
  assert.deepEqual(sorts('共改造12处渠道工程', '共改造15处渠道工程'), ['number']);
  assert.deepEqual(sorts('共改造渠道工程', '共改建渠道工程'), ['letter']);
  assert.deepEqual(sorts('共改造渠道工程', '共改造重点渠道工程'), ['word']);
  const toml = 'id = "a"\n\n# seen on 3 pages\n[[step]]\nid = "one"\n\n[[step]]\nid = "two"\nline = { any = ["[[x"] }\n\n[[test]]\nname = "t"\n';
  const { head, blocks } = blocksOf(toml);
  assert.equal(joined(head, blocks), toml);
  assert.deepEqual(blocks.map(({ kind, id }) => [kind, id]), [['step', 'one'], ['step', 'two'], ['test', 't']]);
  return 'rows, differences, rule blocks';
}
