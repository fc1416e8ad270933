import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from './browser.ts';
import { freePort, type RunningPlayground, startPlayground } from './running-playground.ts';

/** Far more than lie between any two things on the page. */
const MOST_TABS = 60;

const dataDir = mkdtempSync(join(tmpdir(), 'skein-browser-'));
const pictures = mkdtempSync(join(tmpdir(), 'skein-pictures-'));
const complaints: string[] = [];
let playground: RunningPlayground;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  // The database does not run as root and has to get through to its files.
  chmodSync(dataDir, 0o711);
  console.log(`screenshots: ${pictures}`);
  const port = await freePort();
  [playground, browser] = await Promise.all([startPlayground({ dataDir, port }), openBrowser()]);
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.setDefaultTimeout(60_000);
  // A slow screen: what is typed faster than the page draws has to arrive as it was typed.
  await page.addInitScript(
    `window.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 400)`,
  );
  await page.goto(`${playground.url}#/C0ENGINEERING?as=U0BEN`);
  await page.getByTestId('composer').waitFor();
});

afterAll(async () => {
  await browser?.close();
  await playground?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('by keyboard alone somebody opens the settings, is told of a mistake, mends it, and sees it in /skein show', async () => {
  const { keyboard } = page;
  await tabTo('[data-testid="composer"]');
  await keyboard.type('/sk');
  await page.getByRole('option', { name: '/skein' }).waitFor();
  await keyboard.press('Tab');
  await keyboard.type('set');
  await page.evaluate(`new Promise((drawn) => requestAnimationFrame(drawn))`);
  await keyboard.type('tings me');
  expect(await page.getByTestId('composer').inputValue()).toBe('/skein settings me');
  await keyboard.press('Enter');
  await page.getByTestId('modal-submit').waitFor();
  await expect.poll(() => focused('[data-testid="modal"]')).toBe(true);

  await tabTo('[data-action="settings_model"]');
  await keyboard.type('haiku 5.5');
  await page.getByRole('option', { name: 'Claude Haiku 5.5' }).waitFor();
  await keyboard.press('Enter');
  // The effort field is drawn for the model that was picked; the focus stays.
  await page.locator('[data-block="set.effort.0.claude-haiku-5-5"]').waitFor();
  await expect.poll(() => focused('[data-action="settings_model"]')).toBe(true);

  await tabTo('[data-block^="set.ping_after"] input');
  await keyboard.type('soon');
  await keyboard.press('Enter');
  await page.getByText('Use a time of up to a day').waitFor();
  await expect.poll(() => focused('[data-block^="set.ping_after"] input[aria-invalid="true"]')).toBe(true);
  await page.screenshot({ path: join(pictures, 'mistake.png') });
  await keyboard.press('Control+A');
  await keyboard.type('2 min');
  await keyboard.press('Enter');
  await page.getByTestId('modal').waitFor({ state: 'detached' });
  await expect.poll(() => focused('[data-testid="composer"]')).toBe(true);

  await keyboard.type('/skein show me');
  await keyboard.press('Enter');
  const answer = page.getByTestId('message').filter({ hasText: 'Only visible to you' }).last();
  await answer.getByText('claude-haiku-5-5').waitFor();
  await answer.getByText('120 s').waitFor();
  await page.screenshot({ path: join(pictures, 'show.png') });
});

test('Escape closes a list first, then the modal, and nothing is changed', async () => {
  const { keyboard } = page;
  await tabTo('[data-testid="composer"]');
  await keyboard.type('/skein settings me');
  await keyboard.press('Enter');
  await page.getByTestId('modal-submit').waitFor();
  await tabTo('[data-action="settings_model"]');
  await keyboard.press('ArrowDown');
  await page.getByRole('listbox').waitFor();
  await keyboard.press('Escape');
  await page.getByRole('listbox').waitFor({ state: 'detached' });
  expect(await page.getByTestId('modal').count()).toBe(1);
  await keyboard.press('Escape');
  await page.getByTestId('modal').waitFor({ state: 'detached' });
});

test('the page has nothing to complain about in its console', () => {
  expect(complaints).toEqual([]);
});

/** Presses Tab until the focus is there: the page must lead to everything. */
async function tabTo(selector: string): Promise<void> {
  for (let presses = 0; presses < MOST_TABS; presses += 1) {
    if (await focused(selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${selector}`);
}

/** Whether the focus is at this element or inside it. */
function focused(selector: string): Promise<boolean> {
  return page.evaluate(`document.activeElement?.closest(${JSON.stringify(selector)}) !== null`);
}
