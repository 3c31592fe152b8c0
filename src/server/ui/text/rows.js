// Cuts texts into rows that can be shown by themselves: a line each, and long lines at the end of a sentence.

// Width of a row, in characters of full width, from which on it ends with a sentence, and at which it ends in any case.
const LONG = 240;
const LONGEST = 480;
const SENTENCE = /[。！？；…!?;]["”’』」）)]?/;

// Room that a text takes, in characters of full width: close enough to guess how high a row is.
export function room(text) {
  let sum = 0;
  for (let at = 0; at < text.length; at += 1) sum += text.charCodeAt(at) > 0x2e7f ? 1 : 0.55;
  return sum;
}

// Where a text is cut so that its beginning fills a row that already has `used`; its length when it need not be.
export function cut(text, used) {
  let sum = used;
  for (let at = 0; at < text.length; at += 1) {
    sum += text.charCodeAt(at) > 0x2e7f ? 1 : 0.55;
    if (sum < LONG) continue;
    if (sum >= LONGEST) return safe(text, at + 1);
    const end = SENTENCE.exec(text.slice(at, at + 2));
    if (end && end.index === 0) return at + end[0].length;
    if (text[at] === ' ' && sum > (LONG + LONGEST) / 2) return at + 1;
  }
  return text.length;
}

// A place that does not part the two halves of one character.
function safe(text, at) {
  const unit = text.charCodeAt(at - 1);
  return unit >= 0xd800 && unit < 0xdc00 ? at + 1 : at;
}
