// Files that are dropped or picked: many at a time, folders too.

import { button, h } from '../core/dom.js';

// A button that picks files, and its input, which stays out of sight.
export function picker(key, onFiles, { multiple = false, accept = '' } = {}) {
  const input = h('input', { type: 'file', class: 'visually-hidden', multiple, accept, tabindex: '-1', 'aria-hidden': 'true' });
  input.addEventListener('change', () => {
    const files = [...input.files];
    input.value = '';
    if (files.length) onFiles(files);
  });
  return h('span', { class: 'picker' }, button(key, () => input.click(), { icon: 'file' }), input);
}

// Lets files be dropped on a node.
export function dropZone(node, onFiles) {
  let depth = 0;
  const mark = (is) => node.classList.toggle('dropping', is);
  const carries = (event) => event.dataTransfer?.types.includes('Files');
  node.addEventListener('dragenter', (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth += 1;
    mark(true);
  });
  node.addEventListener('dragover', (event) => carries(event) && event.preventDefault());
  node.addEventListener('dragleave', (event) => {
    if (!carries(event)) return;
    depth -= 1;
    mark(depth > 0);
  });
  node.addEventListener('drop', async (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth = 0;
    mark(false);
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = entries.length ? (await Promise.all(entries.map(inside))).flat() : [...event.dataTransfer.files];
    if (files.length) onFiles(files);
  });
}

// The files of an entry, which may be a folder.
async function inside(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    found.push(...(await Promise.all(some.map(inside))).flat());
  }
  return found;
}

const PAGES = /\.(html?|xhtml?)$/i;

// How a file is sent: its bytes as they are, and what it is where its name says so. The service looks at the bytes.
export const mediaType = (file) => (PAGES.test(file.name) ? 'text/html' : 'application/octet-stream');

// The bytes of a file as Base64.
export function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(reader.result.slice(reader.result.indexOf(',') + 1)));
    reader.addEventListener('error', () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}
