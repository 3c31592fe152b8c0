// The API key of this tab, and what it allows. It is kept in session storage: it ends with the tab.

const KEPT = 'taoxi.key';
export const SCOPES = ['read', 'clean', 'index', 'admin'];
let memory = '';
let allowed = null;

export function key() {
  try {
    return sessionStorage.getItem(KEPT) ?? memory;
  } catch {
    return memory;
  }
}

export function setKey(value) {
  memory = value;
  try {
    if (value) sessionStorage.setItem(KEPT, value);
    else sessionStorage.removeItem(KEPT);
  } catch {
    // Kept in memory alone.
  }
  allowed = null;
}

// What the service says of the key: {guarded, key, scopes}.
export function setAllowed(told) {
  allowed = told;
  document.dispatchEvent(new CustomEvent('taoxi:scopes'));
}

export const told = () => allowed;

// Whether the key allows a scope; unknown counts as yes, since the service decides.
export function allows(scope) {
  if (!allowed || !allowed.guarded) return true;
  return allowed.scopes.includes(scope) || allowed.scopes.includes('admin');
}

// A call was refused for want of a key or a scope.
export function lacked(problem) {
  document.dispatchEvent(new CustomEvent('taoxi:lacked', { detail: problem }));
}
