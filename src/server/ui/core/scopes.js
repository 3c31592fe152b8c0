// Buttons that need a scope: without it they are off, and say which scope is lacking.

import { allows } from './key.js';
import { t } from './say.js';

const guarded = new Set();

export function needs(node, scope) {
  guarded.add([new WeakRef(node), scope]);
  apply(node, scope);
  return node;
}

function apply(node, scope) {
  const may = allows(scope);
  node.classList.toggle('lacks', !may);
  if (may) node.removeAttribute('aria-disabled');
  else node.setAttribute('aria-disabled', 'true');
  if (may) node.removeAttribute('title');
  else node.title = t('scope.lacking', { scope });
  node.dataset.scope = scope;
}

function all() {
  for (const entry of guarded) {
    const node = entry[0].deref();
    if (node) apply(node, entry[1]);
    else guarded.delete(entry);
  }
}

document.addEventListener('taoxi:scopes', all);
document.addEventListener('taoxi:language', all);
// A button that is off for want of a scope still has the focus, so that its reason can be read; it only does nothing.
document.addEventListener('click', (event) => {
  if (event.target.closest?.('.lacks[data-scope]')) {
    event.preventDefault();
    event.stopImmediatePropagation();
    document.dispatchEvent(new CustomEvent('taoxi:lacked', { detail: { code: 'missing_scope', scope: event.target.closest('.lacks').dataset.scope } }));
  }
}, { capture: true });
