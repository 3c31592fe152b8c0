// Text given to the reader: as a file, or on the clipboard.

import { h } from '../core/dom.js';
import { ask } from '../core/api.js';
import { announce } from './states.js';

export function download(name, content, type = 'text/plain;charset=utf-8') {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = h('a', { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// A file of the service: asked for with the key, which a plain link would not carry.
export async function fetchFile(path, name) {
  download(name, await (await ask(path)).blob());
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages that are not served over TLS have no clipboard, except on this machine.
    const box = document.body.appendChild(h('textarea', { class: 'visually-hidden', 'aria-hidden': 'true' }));
    box.value = text;
    box.select();
    document.execCommand('copy');
    box.remove();
  }
  announce('action.copied');
}
