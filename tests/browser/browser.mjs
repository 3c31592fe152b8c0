// A browser that is watched: every error of the page, every request to another origin, everything that axe-core finds.

import { createRequire } from 'node:module';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// What the READMEs show, at the size of a window.
const PICTURES = ['wash', 'compare', 'archive-summary', 'archive-review', 'collection', 'rule-editor', 'status'];
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
export const WIDE = { width: 1280, height: 900 };
export const NARROW = { width: 390, height: 844 };

export class Browser {
  constructor(base, out, pictures) {
    [this.base, this.origin, this.out, this.pictures, this.faults] = [base, new URL(base).origin, out, pictures, []];
    mkdirSync(out, { recursive: true });
  }

  async start() {
    this.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  }

  async close() {
    await this.browser.close();
  }

  // A page of its own, with nothing remembered.
  async page({ lang = 'zh', dark = false, size = WIDE, quiet = [] } = {}) {
    const context = await this.browser.newContext({ viewport: size, colorScheme: dark ? 'dark' : 'light', locale: lang === 'zh' ? 'zh-CN' : 'en-GB', acceptDownloads: true, permissions: ['clipboard-read', 'clipboard-write'] });
    const page = await context.newPage();
    page.setDefaultTimeout(Number(process.env.PATIENCE ?? 60_000));
    const fault = (text) => this.faults.push(`${page.url()}: ${text}`);
    // A browser also reports every answer that is an error, as that of a rule file which is still being written: those are named by the caller.
    page.on('console', (message) => message.type() === 'error' && !quiet.some((part) => message.text().includes(part)) && fault(`console: ${message.text()}`));
    page.on('pageerror', (error) => fault(`error: ${error.stack}`));
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== this.origin && protocol !== 'blob:' && protocol !== 'data:') fault(`asks another origin: ${request.url()}`);
    });
    return page;
  }

  async open(page, place = '') {
    await page.goto(`${this.base}/#/${place}`);
    await page.locator('main > section:not([hidden])').first().waitFor();
  }

  // Looks at a view at both widths, in light and dark, and lets axe-core judge it.
  async look(page, name) {
    for (const [size, label] of [[WIDE, 1280], [NARROW, 390]]) {
      await page.setViewportSize(size);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (beyond > 0) this.faults.push(`${name} at ${label}: ${beyond} pixels wider than the window`);
      await page.screenshot({ path: join(this.out, `${name}-${label}.png`), fullPage: true });
      await this.judge(page, `${name} at ${label}`);
      if (this.pictures && PICTURES.includes(name) && (size === WIDE || name === 'wash')) {
        await page.evaluate(() => scrollTo(0, 0));
        await page.screenshot({ path: join(this.pictures, `${name}-${label}.${this.lang}.jpg`), type: 'jpeg', quality: 70 });
      }
    }
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: 'dark' });
    await this.judge(page, `${name} in the dark`);
    await page.screenshot({ path: join(this.out, `${name}-1280-dark.png`), fullPage: true });
    await page.emulateMedia({ colorScheme: 'light' });
  }

  async judge(page, name) {
    // Past the page's own policy, which lets no script in.
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    for (const { id, impact, help, nodes } of violations.filter((one) => ['serious', 'critical'].includes(one.impact))) {
      this.faults.push(`${name}: ${impact}: ${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
    }
  }
}
