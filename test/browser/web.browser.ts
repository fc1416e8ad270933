import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lastAnswer, openBrowser, say } from './browser.ts';
import { freePort, type RunningPlayground, startPlayground } from './running-playground.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'skein-browser-'));
let playground: RunningPlayground;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  // The database does not run as root and has to get through to its files.
  chmodSync(dataDir, 0o711);
  [playground, browser] = await Promise.all([
    startPlayground({ dataDir, port: await freePort() }),
    openBrowser(),
  ]);
  page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
  page.setDefaultTimeout(60_000);
  await page.goto(playground.url);
  await page.getByTestId('channel-engineering').click();
});

afterAll(async () => {
  await browser?.close();
  await playground?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('an admin turns the web on, and an answer says what it searches and where it has it from', async () => {
  await say(page, 'composer', '/skein set web on workspace');
  await page.getByText('for the workspace is now').waitFor();
  await say(page, 'composer', '@skein please search the web for the Eiffel Tower');
  await lastAnswer(page).getByText('Searching the web: the Eiffel Tower…').waitFor();
  await lastAnswer(page).getByText('Sources').waitFor();
  await page.getByTestId('stop-button').waitFor({ state: 'detached' });
  const links = lastAnswer(page).locator('li a');
  expect(await links.allTextContents()).toEqual([
    'the Eiffel Tower - Wikipedia',
    'Notes on the Eiffel Tower',
  ]);
  expect(await lastAnswer(page).textContent()).toMatch(/facts \[1\].*opinion \[2\].*1 search · \$/s);
});

test('the page behind a pasted link is read', async () => {
  await page.getByTestId('channel-engineering').click();
  await say(page, 'composer', '@skein what does https://example.com/hours say?');
  await lastAnswer(page).getByText('Reading example.com…').waitFor();
  await lastAnswer(page).getByText('Read:').waitFor();
  expect(await lastAnswer(page).locator('li a').getAttribute('href')).toBe('https://example.com/hours');
});
