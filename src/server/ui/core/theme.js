// Light or dark: as the system has it, until the reader says otherwise.

const KEPT = 'taoxi.theme';

export function startTheme() {
  let kept = '';
  try {
    kept = localStorage.getItem(KEPT) ?? '';
  } catch {
    // Not remembered.
  }
  if (kept === 'light' || kept === 'dark') document.documentElement.dataset.theme = kept;
}

export function isDark() {
  const said = document.documentElement.dataset.theme;
  return said ? said === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

export function switchTheme() {
  const next = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    // Not remembered.
  }
  document.dispatchEvent(new CustomEvent('taoxi:theme'));
}
