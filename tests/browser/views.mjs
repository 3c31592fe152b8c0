// Each view used as a person would: what is pressed is found by its role and its words, in the language of the page.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { archive, dirty, pages, report } from './made.mjs';

const file = (name, text, encoding = 'utf8') => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.isBuffer(text) ? text : Buffer.from(text, encoding) });
const rows = (page, label) => page.getByRole('region', { name: label, exact: true });

export async function wash(browser, page, say) {
  await browser.open(page);
  await page.getByRole('textbox', { name: say('wash.paste') }).fill(dirty(report(1, 24)));
  await page.getByRole('button', { name: say('wash.wash'), exact: true }).click();
  const result = rows(page, say('wash.result'));
  await result.locator('del.gone').first().waitFor();
  assert.ok((await result.locator('.cell.b').allInnerTexts()).every((text) => !text.includes('返回顶部')), 'the furniture is gone from the result');
  // A mark that has the focus names its rule and why.
  await page.getByRole('button', { name: say('wash.next') }).click();
  await page.getByRole('tooltip').waitFor();
  const hint = await page.getByRole('tooltip').innerText();
  assert.match(hint, /page-records|interface/, 'the hint names the rule');
  await browser.look(page, 'wash');
  // A rule that is switched off leaves its line, at once.
  const named = page.locator('.switches').first().locator('li[data-rule="zh/decimal-point"]');
  const washed = async () => {
    await page.getByRole('button', { name: say('action.copy'), exact: true }).click();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  assert.match(await washed(), /资金3\.6亿元/);
  await named.getByRole('switch').uncheck({ force: true });
  await named.getByText(say('wash.off')).waitFor();
  assert.match(await washed(), /资金3。6亿元/, 'what the step repaired is as it was');
  await named.getByRole('switch').check({ force: true });
  await named.getByText('1', { exact: true }).waitFor();
  // The result can be copied and saved.
  const copied = await washed();
  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: say('wash.save-text'), exact: true }).click()]);
  assert.equal(await readFile(await saved.path(), 'utf8'), copied, 'what is saved is what is copied');
  // Many files, one of them in another encoding, one no text.
  const gb = Buffer.from([0xb8, 0xd6, 0xb4, 0xbc, 0xc2, 0xb7, 0xd0, 0xde, 0xba, 0xc3, 0xc1, 0xcb, 0xa1, 0xa3, 0x0a]);
  await page.locator('.wash input[type=file]').setInputFiles([file('钢.txt', Buffer.concat([gb, gb, gb, gb])), file('b.html', '<html><body><article><h1>一</h1><p>正文在这里，足够长的一段话。</p></article></body></html>'), file('c.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]))]);
  await page.getByRole('button', { name: /c\.png/ }).locator('..').getByText(say('problem.binary_input')).waitFor();
  await page.waitForFunction(() => document.querySelector('.wash .summary')?.innerText.match(/gb/i));
  await page.getByRole('button', { name: /b\.html/ }).click();
  await page.getByRole('heading', { name: '一', exact: true }).or(page.locator('.wash .facts').filter({ hasText: say('wash.type-html') })).first().waitFor();
  const [markdown] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: say('wash.save-markdown'), exact: true }).click()]);
  assert.match(await readFile(await markdown.path(), 'utf8'), /^# 一$/m, 'headings are Markdown');
  await page.getByRole('button', { name: /c\.png/ }).click();
  await page.getByRole('alert').filter({ hasText: say('problem.binary_input') }).waitFor();
  await browser.look(page, 'wash-many');
}

export async function compare(browser, page, say) {
  await browser.open(page, 'compare');
  const text = report(2, 30);
  await page.getByRole('textbox', { name: say('compare.text-a') }).fill(dirty(text));
  await page.getByRole('textbox', { name: say('compare.text-b') }).fill(text.slice(0, Math.floor(text.length * 0.75)).replace(/(\d+)处/, '**处').replace('投入', '投进').replace(/，/g, ','));
  await page.getByRole('button', { name: say('compare.compare'), exact: true }).click();
  await page.locator('.compare .verdict .kind').getByText(say('kind-of.near')).or(page.getByText(say('kind-of.truncated'))).first().waitFor();
  assert.equal(await page.locator('.compare .share').count(), 2, 'both containments');
  const panes = ['compare.text-a', 'compare.text-b'].map((key) => rows(page, say(key)));
  await panes[0].locator('.difference.placeholder').first().waitFor();
  assert.ok((await panes[0].locator('.passage').count()) > 3, 'passages are marked');
  await page.getByRole('button', { name: say('compare.next') }).click();
  assert.equal(await page.locator('.ribbon.chosen').count(), 1, 'the passage is marked in the map');
  // One side follows the other.
  await panes[0].evaluate((node) => node.scrollTo(0, node.scrollHeight));
  await page.waitForFunction(() => document.querySelectorAll('.compare .pane')[1].scrollTop > 0);
  await panes[0].evaluate((node) => node.scrollTo(0, 0));
  await browser.look(page, 'compare');
}

export async function archives(browser, page, say) {
  await browser.open(page, 'archives');
  await browser.look(page, 'archives');
  await page.locator('.archives input[type=file]').setInputFiles(file('石桥.jsonl', archive(240)));
  await page.getByText(say('job.copies-by-kind')).waitFor();
  await page.locator('.chart .link').first().waitFor();
  await browser.look(page, 'archive-summary');
  const part = (name) => page.getByRole('radio', { name: say(`job.part-${name}`) }).check({ force: true });
  await part('clusters');
  const clusters = rows(page, say('clusters.label'));
  await clusters.getByRole('button').first().waitFor();
  assert.match(await clusters.getByRole('button').first().innerText(), /site\/0\/.*\n?.*25/s, 'the largest cluster stands first');
  await page.getByRole('searchbox', { name: say('clusters.find') }).fill('site/1/');
  await page.waitForFunction(() => !document.querySelector('.clusters .list-row').innerText.includes('site/0/'));
  await page.getByRole('searchbox', { name: say('clusters.find') }).fill('');
  await page.getByText(say('clusters.failed', { n: 1 })).waitFor();
  await browser.look(page, 'archive-clusters');
  await part('review');
  const choose = (key) => page.getByRole('button', { name: say(key), exact: true });
  await page.locator('.review .passage').first().waitFor();
  await browser.look(page, 'archive-review');
  const decided = (count) => page.getByText(new RegExp(`(?:^|\\D)${count} of \\d+ decided|已判定 ${count} / `)).waitFor();
  await choose('review.keep_a').click();
  await decided(1);
  await choose('review.not_a_copy').click();
  await decided(2);
  await page.keyboard.press('2');
  await decided(3);
  const [saved] = await Promise.all([page.waitForEvent('download'), choose('review.export').click()]);
  const lines = (await readFile(await saved.path(), 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ decision }) => decision).sort(), ['keep_a', 'keep_b', 'not_a_copy'], 'decisions are exported');
  // They are stored with the job: a page that is opened anew knows them.
  await page.reload();
  await page.getByText(say('job.copies-by-kind')).waitFor();
  await part('review');
  await decided(3);
  await part('files');
  const [file_] = await Promise.all([page.waitForEvent('download'), page.getByRole('row', { name: /summary\.json/ }).getByRole('button').click()]);
  assert.equal(JSON.parse(await readFile(await file_.path(), 'utf8')).documents, 240);
  await page.getByRole('button', { name: say('job.remove'), exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: say('job.remove') }).click();
  await page.waitForFunction(() => location.hash === '#/archives');
}

export async function collections(browser, page, say) {
  await browser.open(page, 'collections');
  await page.getByRole('textbox', { name: say('collections.name') }).fill('reports');
  await page.getByRole('button', { name: say('collections.make') }).click();
  await page.getByText(say('collections.no-growth')).waitFor();
  const text = report(9, 20);
  const send = async (key, status) => {
    await page.getByRole('button', { name: say(key), exact: true }).click();
    await page.getByText(say(status)).waitFor();
  };
  await page.getByRole('textbox', { name: say('collections.check') }).fill(text);
  await send('collections.check-it', 'status.would-new');
  await page.getByRole('textbox', { name: say('collections.new-id') }).fill('2023/一.txt');
  await send('collections.add', 'status.new');
  await page.getByRole('textbox', { name: say('collections.new-id') }).fill('');
  await page.getByRole('textbox', { name: say('collections.check') }).fill(dirty(text));
  await send('collections.check-it', 'status.would-copy');
  await page.getByRole('searchbox', { name: say('collections.id') }).fill('2023/一.txt');
  await page.getByRole('button', { name: say('collections.look') }).click();
  await page.locator('.stored-text').waitFor();
  assert.ok((await page.locator('.stored-text').innerText()).includes(text.slice(0, 20)), 'the stored text is shown');
  await page.locator('.curve').waitFor();
  // What a crawler added waits, and is committed here.
  const added = await page.evaluate(async (text) => (await fetch('v1/collections/reports/documents?crawl=autumn', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id: 'c/1', text }) })).status, report(10, 20));
  assert.ok(added < 300, `a document under a crawl: ${added}`);
  await page.reload();
  await page.getByText(say('collections.crawl-waits', { n: 1 }), { exact: true }).waitFor();
  await browser.look(page, 'collection');
  await page.getByRole('button', { name: say('collections.commit') }).click();
  await page.getByRole('dialog').getByRole('button', { name: say('collections.commit') }).click();
  await page.getByText(say('collections.crawls')).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: say('collections.back') }).click();
  await page.getByRole('link', { name: /reports/ }).waitFor();
  await browser.look(page, 'collections');
  await page.getByRole('link', { name: /reports/ }).click();
  await page.getByRole('button', { name: say('collections.delete'), exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('reports');
  await dialog.getByRole('button', { name: say('collections.delete') }).click();
  await page.getByText(say('collections.empty')).waitFor();
}

export async function rules(browser, page, say) {
  await browser.open(page, 'rules');
  await page.getByRole('searchbox', { name: say('rules.find') }).fill('page-records');
  const list = rows(page, say('rules.list'));
  await page.waitForFunction(() => document.querySelectorAll('.rules-list a').length === 1);
  assert.ok(await list.locator('.tag').count(), 'hits are shown');
  await page.getByRole('searchbox', { name: say('rules.find') }).fill('zuowenba');
  await list.getByRole('link', { name: /zuowenba/ }).click();
  await page.getByRole('button', { name: say('rules.edit') }).waitFor();
  await browser.look(page, 'rule');
  await page.getByRole('button', { name: say('rules.edit') }).click();
  const area = page.getByRole('textbox', { name: say('editor.source') });
  await page.locator('.note.good').waitFor();
  // Faults stand at their lines while one types.
  const source = await area.inputValue();
  await area.fill(`${source}\n[[stepp]]\nid = "x"\n`);
  await page.locator('.gutter .bad').waitFor();
  const wrong = source.split('\n').length + 1;
  assert.equal(await page.locator('.gutter .bad').innerText(), `! ${wrong}`);
  await page.getByRole('textbox', { name: say('editor.try-on') }).fill(`正文在此，写得清楚。\n本文由示例网提供\n`);
  await area.fill('id = "my-site"\ntitle = "My site"\nwhy = "Credits."\nsigns = ["示例网"]\n\n[[step]]\nid = "credit"\nkind = "drop-line"\nline = { contains = "示例网提供" }\n\n[[test]]\nname = "goes"\ninput = "正文。\\n本文由示例网提供\\n"\nexpect = "正文。\\n"\n\n[[test]]\nname = "stays"\ninput = "正文。\\n"\nunchanged = true\n');
  await page.locator('.framed del.gone').waitFor();
  await page.locator('.note.good').waitFor();
  await area.evaluate((node) => node.scrollTo(0, 0));
  await browser.look(page, 'rule-editor');
  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: say('action.download') }).click()]);
  assert.equal(saved.suggestedFilename(), 'my-site.toml');
  // Rules are proposed from pages, where the service can do that; each step is taken or left.
  await page.getByRole('link', { name: say('rules.learn') }).click();
  await page.locator('.rules input[type=file]').setInputFiles(pages(16).map(({ name, text }) => file(name, text)));
  await page.getByRole('textbox', { name: say('learn.host') }).fill('example.com');
  await page.getByRole('button', { name: say('learn.go') }).click();
  await page.locator('.proposed li, .problem').first().waitFor();
  const steps = await page.locator('.proposed li').count();
  assert.ok(steps > 0, 'steps are proposed');
  await page.locator('.proposed input').first().uncheck();
  await page.getByText(say('learn.taken', { n: steps - 1, all: steps })).waitFor();
  await page.locator('.proposed input').first().check();
  await browser.look(page, 'rules-learned');
  await page.getByRole('button', { name: say('learn.edit') }).first().click();
  await page.locator('.note.good').waitFor();
}

export async function status(browser, page, say) {
  await browser.open(page, 'status');
  await page.getByText(say('status-view.well')).waitFor();
  await page.locator('.curve').first().waitFor();
  assert.ok(await page.getByRole('row', { name: /\/v1\/clean/ }).count(), 'latency of a call is shown');
  await browser.look(page, 'status');
}

export const ALL = { wash, compare, archives, collections, rules, status };
