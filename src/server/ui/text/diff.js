// The differences between two texts that are nearly alike, and of what sort each is.
//
// Characters are compared folded (width, case, look-alike punctuation), so a change of width alone does not break the alignment. Anchors are runs of
// characters that stand once in each text (patience diff); what lies between them is aligned by the greedy algorithm of Myers (1986).

const GRAM = 10;
// Most edits that are looked for between two anchors: beyond, the stretch counts as replaced.
const MOST = 600;

const ALIKE = new Map(Object.entries({ '“': '"', '”': '"', '„': '"', '‘': "'", '’': "'", '。': '.', '、': ',', '【': '[', '】': ']', '〔': '(', '〕': ')', '—': '-', '–': '-', '－': '-', '·': '.', '•': '.', '…': '.', '﹒': '.' }));
const PLACEHOLDER = /^[*×□○●_xX某＊ＸＸｘ＿\s]+$/u;
const FOLDS = new Map();

function fold(character) {
  let folded = FOLDS.get(character);
  if (folded === undefined) {
    folded = character.normalize('NFKC').toLowerCase();
    folded = ALIKE.get(folded) ?? folded;
    if (/^\s*$/u.test(folded)) folded = ' ';
    FOLDS.set(character, folded);
  }
  return folded;
}

// A text as numbers, one a character, with the place of each.
function tokens(text, ids) {
  const [list, at] = [[], []];
  for (let place = 0; place < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(place));
    const folded = fold(character);
    let id = ids.get(folded);
    if (id === undefined) ids.set(folded, (id = ids.size));
    list.push(id);
    at.push(place);
    place += character.length;
  }
  at.push(text.length);
  return { list, at };
}

// The differences, in order: {sort, a: [from, to], b: [from, to]} with places in the strings. Sorts: width, space, placeholder, number, letter, word.
export function differences(a, b) {
  const ids = new Map();
  const [x, y] = [tokens(a, ids), tokens(b, ids)];
  const hunks = [];
  align(x.list, 0, x.list.length, y.list, 0, y.list.length, hunks, true);
  const found = [];
  let [i, j] = [0, 0];
  for (const [from, to, fromB, toB] of merged(hunks)) {
    widths(a, b, x.at, y.at, i, j, from, found);
    const place = { a: [x.at[from], x.at[to]], b: [y.at[fromB], y.at[toB]] };
    found.push({ sort: sortOf(a.slice(...place.a), b.slice(...place.b)), ...place });
    [i, j] = [to, toB];
  }
  widths(a, b, x.at, y.at, i, j, x.list.length, found);
  return found;
}

// Characters that are the same when they are folded, and written differently.
function widths(a, b, atA, atB, i, j, end, found) {
  for (let step = 0; i + step < end; step += 1) {
    const [from, fromB] = [atA[i + step], atB[j + step]];
    const [to, toB] = [atA[i + step + 1], atB[j + step + 1]];
    if (a.slice(from, to) === b.slice(fromB, toB)) continue;
    const last = found.at(-1);
    if (last?.sort === 'width' && last.a[1] === from) [last.a[1], last.b[1]] = [to, toB];
    else found.push({ sort: 'width', a: [from, to], b: [fromB, toB] });
  }
}

function sortOf(a, b) {
  const bare = (text) => text.replace(/\s/gu, '');
  if (bare(a) === bare(b)) return 'space';
  if ((a && PLACEHOLDER.test(a)) || (b && PLACEHOLDER.test(b))) return 'placeholder';
  if (/^[\d.,，．%％\s]*$/u.test(a + b)) return 'number';
  const fewest = [...bare(a)].length <= 1 && [...bare(b)].length <= 1;
  return fewest ? 'letter' : 'word';
}

// Hunks with a single character between them are one: a word that was replaced may share a letter by chance.
function merged(hunks) {
  const out = [];
  for (const hunk of hunks) {
    const last = out.at(-1);
    if (last && hunk[0] - last[1] <= 1 && hunk[2] - last[3] <= 1 && hunk[0] - last[1] === hunk[2] - last[3]) [last[1], last[3]] = [hunk[1], hunk[3]];
    else out.push([...hunk]);
  }
  return out;
}

function align(x, i, iEnd, y, j, jEnd, hunks, anchored) {
  while (i < iEnd && j < jEnd && x[i] === y[j]) [i, j] = [i + 1, j + 1];
  while (i < iEnd && j < jEnd && x[iEnd - 1] === y[jEnd - 1]) [iEnd, jEnd] = [iEnd - 1, jEnd - 1];
  if (i === iEnd && j === jEnd) return;
  if (i === iEnd || j === jEnd) {
    hunks.push([i, iEnd, j, jEnd]);
    return;
  }
  if (anchored && Math.min(iEnd - i, jEnd - j) > GRAM * 2) {
    for (const [p, q] of [...anchors(x, i, iEnd, y, j, jEnd), [iEnd, jEnd]]) {
      if (p < i || q < j) continue;
      align(x, i, p, y, j, q, hunks, false);
      [i, j] = [p, q];
    }
    return;
  }
  myers(x, i, iEnd, y, j, jEnd, hunks);
}

// Places of grams that stand once in each, in an order that both keep.
function anchors(x, i, iEnd, y, j, jEnd) {
  const [inX, inY] = [once(x, i, iEnd), once(y, j, jEnd)];
  const shared = [];
  for (const [gram, p] of inX) {
    const q = inY.get(gram);
    if (p >= 0 && q !== undefined && q >= 0) shared.push([p, q]);
  }
  shared.sort((one, other) => one[0] - other[0]);
  return rising(shared);
}

function once(list, from, to) {
  const seen = new Map();
  for (let at = from; at + GRAM <= to; at += 1) {
    let hash = 0;
    for (let step = 0; step < GRAM; step += 1) hash = (Math.imul(hash, 1000003) + list[at + step] + 1) | 0;
    seen.set(hash, seen.has(hash) ? -1 : at);
  }
  return seen;
}

// The longest run of pairs whose second places rise, too.
function rising(pairs) {
  const [tails, before] = [[], new Int32Array(pairs.length).fill(-1)];
  pairs.forEach(([, q], at) => {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[tails[middle]][1] < q) low = middle + 1;
      else high = middle;
    }
    if (low > 0) before[at] = tails[low - 1];
    tails[low] = at;
  });
  const out = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = before[at]) out.push(pairs[at]);
  return out.reverse();
}

function myers(x, i, iEnd, y, j, jEnd, hunks) {
  const [n, m] = [iEnd - i, jEnd - j];
  const most = Math.min(n + m, MOST);
  const trace = [];
  let reach = new Int32Array(2 * most + 3);
  for (let d = 0; d <= most; d += 1) {
    trace.push(reach.slice());
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && reach[most + k] < reach[most + k + 2]);
      let p = down ? reach[most + k + 2] : reach[most + k] + 1;
      let q = p - k;
      while (p < n && q < m && x[i + p] === y[j + q]) [p, q] = [p + 1, q + 1];
      reach[most + k + 1] = p;
      if (p >= n && q >= m) {
        back(trace, most, n, m, i, j, hunks);
        return;
      }
    }
  }
  hunks.push([i, iEnd, j, jEnd]);
}

// Walks the trace back to the hunks.
function back(trace, most, n, m, i, j, hunks) {
  const found = [];
  let [p, q] = [n, m];
  for (let d = trace.length - 1; d > 0; d -= 1) {
    const reach = trace[d];
    const k = p - q;
    const down = k === -d || (k !== d && reach[most + k] < reach[most + k + 2]);
    const fromK = down ? k + 1 : k - 1;
    const fromP = reach[most + fromK + 1];
    const fromQ = fromP - fromK;
    const step = down ? [fromP, fromP, fromQ, fromQ + 1] : [fromP, fromP + 1, fromQ, fromQ];
    const last = found.at(-1);
    if (last && last[0] === i + step[1] && last[2] === j + step[3]) [last[0], last[2]] = [i + step[0], j + step[2]];
    else found.push([i + step[0], i + step[1], j + step[2], j + step[3]]);
    [p, q] = [fromP, fromQ];
  }
  hunks.push(...found.reverse());
}
