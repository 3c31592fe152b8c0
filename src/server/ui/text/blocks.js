// The blocks of a rule file, so that steps can be taken or left one by one. The text of what stays is not touched.

// {head, blocks: [{kind, id, text}]}: a block begins with the comments above its `[[…]]` or `[…]` line.
export function blocksOf(source) {
  const lines = source.split(/(?<=\n)/);
  const starts = [];
  lines.forEach((line, at) => {
    if (!/^\[/.test(line)) return;
    let start = at;
    while (start > 0 && lines[start - 1].startsWith('#')) start -= 1;
    starts.push([start, /^\[+([a-z_.-]+)/.exec(line)?.[1] ?? '']);
  });
  const head = lines.slice(0, starts[0]?.[0] ?? lines.length).join('');
  const blocks = starts.map(([start, kind], at) => {
    const text = lines.slice(start, starts[at + 1]?.[0] ?? lines.length).join('');
    return { kind, text, id: /^(?:id|name)\s*=\s*"((?:[^"\\]|\\.)*)"/m.exec(text)?.[1] ?? '' };
  });
  return { head, blocks };
}

export const joined = (head, blocks) => head + blocks.map(({ text }) => text).join('');
