// Made-up documents: prose in the shape of reports, copies of it, an archive, a long page, and pages that try to become scripts.

// Random numbers that are the same on every run (mulberry32).
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const WORDS = '水利 灌渠 村庄 图书 道路 学校 茶园 果林 养老 医院 集市 河堤 路灯 公交 博物 培训 苗木 仓库 粮站 桥梁 广场 泵站 电网 林场 牧场 渔港 码头 驿站 书屋 戏台'.split(' ');
const DOES = '改造 新建 修缮 扩大 检查 整理 登记 开放 评比 验收 更新 维护 培育 推广'.split(' ');
const ENDS = '受到群众欢迎 比上年有所增加 按期完成 进展顺利 还要继续努力 达到预期目标 得到各方支持 经验值得总结'.split(' ');
const PLACES = '石桥 青砚 柳溪 望亭 白沙 松岭 古渡 南塘 云台 清泉 双河 长堤'.split(' ');

export function sentence(next) {
  const pick = (list) => list[Math.floor(next() * list.length)];
  return `${pick(PLACES)}镇${pick(DOES)}${pick(WORDS)}${pick(WORDS)}${1 + Math.floor(next() * 90)}处，投入资金${1 + Math.floor(next() * 900)}万元，${pick(DOES)}${pick(WORDS)}工作${pick(ENDS)}。`;
}

export function report(seed, sentences = 30) {
  const next = random(seed);
  const paragraphs = [];
  for (let left = sentences; left > 0; left -= 4) paragraphs.push(Array.from({ length: Math.min(4, left) }, () => sentence(next)).join(''));
  return `${paragraphs.join('\n\n')}\n`;
}

export const dirty = (text) => `当前位置：首页 > 工作汇报 > 正文\n\n${text.replace('资金', '资金3。6亿元，另有资金')}\n责任编辑：佚名\n上一篇：工作总结\n下一篇：管理办法\n返回顶部\n`;

// Documents of an archive: clusters of a text with copies that are masked, cut or mistyped, the first the largest; and one line that is no document.
export function archive(documents, seed = 5) {
  const next = random(seed);
  const lines = [];
  const put = (id, text) => lines.push(JSON.stringify({ id, date: '2023-05-0' + (1 + Math.floor(next() * 9)), text }));
  for (let base = 0; lines.length < documents; base += 1) {
    const text = report(seed * 1000 + base, 10 + Math.floor(next() * 8));
    put(`site/${base}/original.html`, text);
    const copies = base === 0 ? 24 : Math.floor(next() * 4);
    for (let copy = 1; copy <= copies && lines.length < documents; copy += 1) {
      const way = next();
      const changed = way < 0.4 ? text.replace(/\d+处/g, '**处') : way < 0.7 ? text.slice(0, Math.floor(text.length * 0.7)) : text.replace('工作', '的工作');
      put(`site/${base}/copy-${copy}.html`, changed);
    }
  }
  return `${lines.join('\n')}\n{"id": "broken"}\n`;
}

// About a megabyte of lines, short and long, with something to wash in many of them.
export function long(bytes = 1_000_000) {
  const next = random(11);
  const parts = [];
  let size = 0;
  while (size < bytes) {
    const line = (next() < 0.1 ? sentence(next).repeat(12) : sentence(next) + sentence(next)).replace('万元', next() < 0.3 ? '。5万元' : '万元');
    const tail = next() < 0.02 ? '\n责任编辑：佚名\n' : '\n';
    parts.push(line + tail);
    size += Buffer.byteLength(line + tail);
  }
  return parts.join('');
}

// Fifty documents that would run a script if any of their text became an element, an attribute, an address or a message pattern.
export function injections() {
  const run = "window.__executed=(window.__executed||0)+1";
  const ways = [
    `<script>${run}</script>`, `<img src=x onerror="${run}">`, `<svg onload="${run}">`, `<svg><script>${run}</script></svg>`, `<iframe srcdoc="<script>parent.${run}</script>"></iframe>`,
    `<body onload="${run}">`, `"><script>${run}</script>`, `'><img src=x onerror='${run}'>`, `</textarea><script>${run}</script>`, `</style><script>${run}</script>`, `</title><script>${run}</script>`,
    `<a href="javascript:${run}" autofocus onfocus="${run}">点此</a>`, `<details open ontoggle="${run}"><summary>一</summary></details>`, `<video><source onerror="${run}"></video>`, `<math><mtext></mtext><img src=x onerror="${run}"></math>`,
    `<input autofocus onfocus="${run}">`, `<select autofocus onfocus="${run}"></select>`, `<marquee onstart="${run}">一</marquee>`, `<object data="javascript:${run}"></object>`, `<embed src="javascript:${run}">`,
    `<link rel=stylesheet href="javascript:${run}">`, `<style>@import 'javascript:${run}';</style>`, `<meta http-equiv="refresh" content="0;url=javascript:${run}">`, `<base href="javascript:${run}//">`, `<form action="javascript:${run}"><button>一</button></form>`,
    `\${${run}}`, `{{constructor.constructor("${run}")()}}`, `#{${run}}`, `<%= ${run} %>`, `{n:${run}|${run}}`, `{share}{edits:一|二}`,
    `<template><script>${run}</script></template>`, `<noscript><img src=x onerror="${run}"></noscript>`, `<!--><img src=x onerror="${run}">-->`, `<![CDATA[><img src=x onerror="${run}">]]>`, `<?xml version="1.0"?><x onload="${run}"/>`,
    `\u202e<script>${run}</script>`, `＜script＞${run}＜/script＞`, `&lt;img src=x onerror=&quot;${run}&quot;&gt;`, `&#60;script&#62;${run}&#60;/script&#62;`, `\\u003cscript\\u003e${run}\\u003c/script\\u003e`, `%3Cscript%3E${run}%3C/script%3E`,
    `<img src="data:image/svg+xml,<svg onload='${run}'>">`, `<xss style="animation:x" onanimationstart="${run}">一</xss>`, `<p style="background:url(javascript:${run})">一</p>`, `<div data-edit="0" data-passage="0" onclick="${run}">一</div>`, `<button autofocus onfocus="${run}">一</button>`,
    `__proto__</script><script>${run}</script>`, `constructor.prototype<img src=x onerror="${run}">`, `]]><script>${run}</script>`,
  ];
  return ways.map((way) => `${report(3, 4)}${way}\n责任编辑：${way}\n${report(4, 4)}`);
}

// Pages of one site, for the learner.
export function pages(count) {
  return Array.from({ length: count }, (_, at) => ({ name: `page-${at}.txt`, text: `柳溪文库 > 汇报 > 正文\n\n${report(700 + at, 16)}\n本文由柳溪文库整理发布，浏览次数：${137 + at * 7}\n柳溪文库 客服电话 000-0000\n` }));
}
