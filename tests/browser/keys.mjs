// Signing in at a service that asks for keys: without one, with one that may only look, with one that may do all.

import assert from 'node:assert/strict';

export async function keys(browser, page, say, { read, all }) {
  await browser.open(page);
  await page.getByText(say('key.none')).first().waitFor();
  const wash = page.getByRole('button', { name: say('wash.wash'), exact: true });
  const enter = async (key) => {
    if (!(await page.getByRole('dialog').isVisible())) await page.getByRole('button', { name: say('key.open') }).click();
    await page.getByLabel(say('key.label'), { exact: true }).fill(key);
    await page.getByRole('button', { name: say('key.use') }).click();
  };
  const close = () => page.getByRole('dialog').getByRole('button', { name: say('action.close'), exact: true }).click();
  // A press of a button that the key does not allow says what is lacking.
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('textbox', { name: say('wash.paste') }).fill('正文。');
  await wash.click({ force: true });
  await page.getByRole('dialog').getByText(say('problem.missing_scope', { scope: 'clean' })).waitFor();
  await browser.look(page, 'keys');
  await enter('taoxi_nobody_knows_this_key');
  await page.getByRole('dialog').getByText(say('problem.unknown_key')).waitFor();
  await enter(read);
  await page.locator('.scopes .has').getByText(say('scope.read')).waitFor();
  assert.equal(await page.locator('.scopes .lacking').count(), 3, 'three scopes are lacking');
  await close();
  assert.equal(await wash.getAttribute('title'), say('scope.lacking', { scope: 'clean' }));
  await page.getByRole('link', { name: say('nav.rules'), exact: true }).click();
  await page.locator('.rules-list a').first().waitFor();
  await enter(all);
  await page.locator('.scopes .has').nth(3).waitFor();
  await close();
  await page.getByRole('link', { name: say('nav.wash'), exact: true }).click();
  await wash.click();
  await page.locator('.wash .pair').first().waitFor();
  // It ends with the tab: another one starts without it.
  const other = await page.context().newPage();
  await other.goto(`${browser.base}/`);
  await other.getByText(say('key.none')).first().waitFor();
}
