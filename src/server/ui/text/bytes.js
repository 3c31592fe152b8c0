// From bytes of UTF-8, in which the service counts, to places in a string, in which JavaScript does.

// The place in `text` that lies `bytes` behind the place `from`.
export function behind(text, from, bytes) {
  let [at, left] = [from, bytes];
  while (left > 0 && at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) left -= 1;
    else if (unit < 0x800) left -= 2;
    else if (unit >= 0xd800 && unit < 0xdc00) {
      left -= 4;
      at += 1;
    } else left -= 3;
    at += 1;
  }
  return at;
}

// The places of many offsets, in one pass over the text. The offsets may come in any order.
export function places(text, offsets) {
  const order = [...new Set(offsets)].sort((a, b) => a - b);
  const found = new Map();
  let [at, bytes] = [0, 0];
  for (const offset of order) {
    at = behind(text, at, offset - bytes);
    bytes = offset;
    found.set(offset, at);
  }
  return found;
}
