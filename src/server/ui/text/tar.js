// Files as one archive (ustar, POSIX.1-1988), so that their bytes are sent as they are, whatever their encoding.

const BLOCK = 512;
const NAME = 100;

export async function tar(files) {
  const parts = [];
  for (const [at, file] of files.entries()) {
    parts.push(head(nameOf(file, at), file.size), file, new Uint8Array((BLOCK - (file.size % BLOCK)) % BLOCK));
  }
  parts.push(new Uint8Array(BLOCK * 2));
  return new Blob(parts, { type: 'application/x-tar' });
}

// A name that fits: what is too long is numbered, so that no two are the same.
function nameOf(file, at) {
  const bytes = new TextEncoder().encode(file.webkitRelativePath || file.name);
  if (bytes.length <= NAME) return bytes;
  const ending = /\.[a-zA-Z0-9]{1,8}$/.exec(file.name)?.[0] ?? '';
  return new TextEncoder().encode(`page-${at + 1}${ending}`);
}

function head(name, size) {
  const block = new Uint8Array(BLOCK);
  const put = (at, text) => block.set(new TextEncoder().encode(text), at);
  block.set(name, 0);
  put(100, '0000644\0');
  put(108, '0000000\0');
  put(116, '0000000\0');
  put(124, `${size.toString(8).padStart(11, '0')}\0`);
  put(136, '00000000000\0');
  put(148, '        ');
  put(156, '0');
  put(257, 'ustar\u000000');
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}
