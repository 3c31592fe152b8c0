// Uses the page of a running service as a person would: node run.mjs ADDRESS [FOLDER for screenshots] [one view]
//
// Exit status 0 when all went well and the browser complained of nothing. `--measure` also tells how long a megabyte takes; `--pictures=FOLDER` makes the
// pictures of the READMEs; `--large=100000` also sends and browses a job of so many documents. GUARDED_ADDRESS, READ_KEY and ADMIN_KEY name a service that asks for keys.

import { Browser, NARROW } from './browser.mjs';
import { aLargeJob, aLongDocument, nothingIsExecuted } from './limits.mjs';
import { ALL } from './views.mjs';
import { keys } from './keys.mjs';
import { check as checkTexts } from './texts.mjs';
import { check, speaker } from './words.mjs';

const [base, out = 'screenshots', only] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const say = (text) => process.stdout.write(`${text}\n`);
let [passed, failed] = [0, 0];

async function part(name, act) {
  try {
    const told = await act();
    passed += 1;
    say(`ok ${name}${told ? `: ${told}` : ''}`);
  } catch (error) {
    failed += 1;
    say(`FAILED ${name}\n${error.stack}`);
  }
}

// What the tests provoke: a rule file that is being typed, a file that is no text.
const PROVOKED = ['the server responded with a status of 400', 'the server responded with a status of 415'];

await part('words', () => `${check()} keys`);
await part('texts', checkTexts);
const pictures = process.argv.find((word) => word.startsWith('--pictures='))?.split('=')[1];
const browser = new Browser(base, out, pictures);
await browser.start();
for (const lang of ['zh', 'en']) {
  browser.out = `${out}/${lang}`;
  browser.lang = lang;
  for (const [name, use] of Object.entries(ALL)) {
    if (only && only !== name) continue;
    await part(`${name} (${lang})`, async () => {
      const page = await browser.page({ lang, quiet: PROVOKED });
      await use(browser, page, speaker(lang)).catch(async (error) => {
        await page.screenshot({ path: `${browser.out}/${name}-failed.png`, fullPage: true }).catch(() => null);
        throw error;
      });
      await page.context().close();
    });
  }
}
if (!only || only === 'limits') {
  await part('fifty documents execute nothing', async () => nothingIsExecuted(browser, await browser.page({ quiet: PROVOKED }), speaker('zh')));
  await part('of a long document only what is visible is in the page', async () => {
    const { took, frame, rows } = await aLongDocument(browser, await browser.page(), speaker('zh'));
    return process.argv.includes('--measure') ? `1 MB in ${Math.round(took)} ms, 95 % of frames within ${Math.round(frame)} ms, ${rows} rows in the page` : '';
  });
  await part('the language and the theme are switched and remembered, by keyboard, on a phone', async () => {
    const page = await browser.page({ lang: 'en', size: NARROW });
    await browser.open(page);
    const language = page.getByRole('button', { name: '切换到中文' });
    await language.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: '清洗', exact: true }).waitFor();
    await page.getByRole('button', { name: '浅色或深色' }).press('Enter');
    await page.reload();
    await page.getByRole('link', { name: '清洗', exact: true }).waitFor();
    if ((await page.evaluate(() => document.documentElement.dataset.theme)) !== 'dark') throw new Error('the theme is forgotten');
  });
}
const large = Number(process.argv.find((word) => word.startsWith('--large='))?.split('=')[1] ?? 0);
if (large) {
  await part(`a job of ${large} documents is browsed`, async () => {
    const { clusters, search, pair, rows } = await aLargeJob(browser, await browser.page(), speaker('zh'), large);
    return `clusters in ${clusters} s, a search in ${search} s, the first pair in ${pair} s, ${rows} rows in the page`;
  });
}
const { GUARDED_ADDRESS: guarded, READ_KEY: read, ADMIN_KEY: all } = process.env;
if (guarded && (!only || only === 'keys')) {
  for (const lang of ['zh', 'en']) {
    await part(`keys (${lang})`, async () => {
      const other = Object.assign(new Browser(guarded, `${out}/${lang}`), { browser: browser.browser, faults: browser.faults });
      await keys(other, await other.page({ lang, quiet: ['the server responded with a status of 401', ...PROVOKED] }), speaker(lang), { read, all });
    });
  }
}
await browser.close();
for (const fault of browser.faults) say(`FAULT ${fault}`);
say(`${passed} passed, ${failed + browser.faults.length} failed`);
process.exit(failed + browser.faults.length ? 1 : 0);
