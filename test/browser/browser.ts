import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's package first, then what other systems call it. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Headless Chromium from CHROMIUM_PATH or from where systems keep it. */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] || PLACES.find((place) => existsSync(place));
  if (executablePath === undefined)
    throw new Error('No Chromium found: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH.');
  // Root has no sandbox to put it in, and the page is our own.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** Writes `text` into a composer of the page and sends it. */
export async function say(page: Page, composer: 'composer' | 'thread-composer', text: string): Promise<void> {
  await page.getByTestId(composer).fill(text);
  await page.getByTestId(`${composer}-send`).click();
}

/** The newest answer in the open thread. */
export function lastAnswer(page: Page) {
  return page.getByTestId('thread').locator('[data-testid="message"][data-author="skein"]').last();
}
