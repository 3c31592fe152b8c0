// What must hold whatever the document: nothing of it is executed, and of a long one only what is visible is in the page.

import assert from 'node:assert/strict';

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { archive, injections, long } from './made.mjs';

const VISIBLE = 400;

export async function nothingIsExecuted(browser, page, say) {
  const texts = injections();
  assert.equal(texts.length, 50);
  await browser.open(page);
  const area = page.getByRole('textbox', { name: say('wash.paste') });
  const type = page.getByLabel(say('wash.type'), { exact: true });
  for (const kind of ['', 'html']) {
    await type.selectOption(kind);
    for (const [at, text] of texts.entries()) {
      await area.fill(text);
      const answered = page.waitForResponse((answer) => answer.url().includes('/v1/clean') && answer.request().method() === 'POST');
      await page.getByRole('button', { name: say('wash.wash'), exact: true }).click();
      await answered;
      if (!kind) await page.locator('.wash .cell.a').filter({ hasText: text.split('\n').at(-5)?.slice(0, 4) ?? '' }).first().waitFor();
      // Hints show text of the document, too.
      if (at % 10 === 0) await page.getByRole('button', { name: say('wash.next') }).click();
    }
  }
  await browser.open(page, 'compare');
  for (let at = 0; at < texts.length; at += 5) {
    await page.getByRole('textbox', { name: say('compare.text-a') }).fill(texts[at]);
    await page.getByRole('textbox', { name: say('compare.text-b') }).fill(texts[at + 1]);
    const answered = page.waitForResponse((answer) => answer.url().endsWith('/v1/compare'));
    await page.getByRole('button', { name: say('compare.compare'), exact: true }).click();
    await answered;
  }
  await browser.open(page, 'archives');
  const lines = texts.flatMap((text, at) => [JSON.stringify({ id: `${at}-${text.slice(40, 120)}`, text }), JSON.stringify({ id: `${at}b<img src=x onerror="window.__executed=1">`, text: `${text}。` })]);
  await page.locator('.archives input[type=file]').setInputFiles({ name: '<img src=x onerror="window.__executed=1">.jsonl', mimeType: 'application/x-ndjson', buffer: Buffer.from(`${lines.join('\n')}\n`) });
  await page.getByText(say('job.copies-by-kind')).waitFor();
  await page.getByRole('radio', { name: say('job.part-clusters') }).check({ force: true });
  await page.locator('.clusters .list-row').first().waitFor();
  assert.equal(await page.evaluate(() => window.__executed), undefined, 'something of a document was executed');
  assert.equal(await page.evaluate(() => document.querySelectorAll('main script, main iframe, main object, main embed, main [onerror], main [onload], main [onfocus]').length), 0, 'something of a document became an element');
}

// Gives the milliseconds from pressing to seeing, and those of scrolling through in steps.
export async function aLongDocument(browser, page, say) {
  await browser.open(page);
  const rows = page.getByRole('region', { name: say('wash.result'), exact: true });
  // A first, short one: the rules are known from then on, as they are to whoever has used the page.
  await page.locator('.wash input[type=file]').setInputFiles({ name: 'short.txt', mimeType: 'text/plain', buffer: Buffer.from(long(1000)) });
  await page.locator('.wash .pair').first().waitFor();
  const took = await page.evaluate(async (text) => {
    const [view, input] = [document.querySelector('.wash'), document.querySelector('.wash input[type=file]')];
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], 'long.txt'));
    delete view.dataset.ms;
    const began = performance.now();
    input.files = transfer.files;
    input.dispatchEvent(new Event('change'));
    while (view.dataset.ms === undefined) await new Promise(requestAnimationFrame);
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return performance.now() - began;
  }, long());
  const frames = await rows.evaluate(async (node) => {
    const times = [];
    for (let step = 0; step < 120; step += 1) {
      const before = performance.now();
      node.scrollTop += node.clientHeight * (step % 4 === 3 ? 40 : 0.4);
      await new Promise(requestAnimationFrame);
      times.push(performance.now() - before);
    }
    return times.sort((a, b) => a - b);
  });
  const most = await page.locator('.wash .pair').count();
  assert.ok(most < VISIBLE, `${most} rows of a long document are in the page`);
  return { took, frame: frames[Math.floor(frames.length * 0.95)], rows: most, height: await rows.evaluate((node) => node.scrollHeight) };
}

// A job of so many documents: sent, read into clusters, searched, a pair of it opened. Gives seconds.
export async function aLargeJob(browser, page, say, documents) {
  const folder = mkdtempSync(join(tmpdir(), 'taoxi-large-'));
  try {
    const path = join(folder, 'large.jsonl');
    writeFileSync(path, archive(documents, 9));
    await browser.open(page, 'archives');
    page.setDefaultTimeout(300_000);
    await page.locator('.archives input[type=file]').setInputFiles(path);
    await page.getByText(say('job.copies-by-kind')).waitFor();
    const since = (began) => Math.round((performance.now() - began) / 100) / 10;
    await page.reload();
    await page.getByText(say('job.copies-by-kind')).waitFor();
    let began = performance.now();
    await page.getByRole('radio', { name: say('job.part-clusters') }).check({ force: true });
    await page.locator('.clusters .list-row').first().waitFor();
    const clusters = since(began);
    began = performance.now();
    await page.getByRole('searchbox', { name: say('clusters.find') }).fill('site/1234/');
    await page.locator('.clusters .list-row .name').filter({ hasText: 'site/1234/' }).first().waitFor();
    const search = since(began);
    await page.getByRole('searchbox', { name: say('clusters.find') }).fill('');
    const rows = await page.locator('.clusters .list-row').count();
    assert.ok(rows < VISIBLE, `${rows} rows are in the page`);
    began = performance.now();
    await page.locator('.clusters .list-row .kind').first().click();
    await page.locator('.review .passage').first().waitFor();
    const pair = since(began);
    return { clusters, search, pair, rows };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
