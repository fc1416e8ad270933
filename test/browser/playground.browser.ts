import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lastAnswer, openBrowser, say } from './browser.ts';
import { freePort, type RunningPlayground, startPlayground } from './running-playground.ts';

const QUESTION = 'show me a table of ways to keep thread in order';
/** How the scripted table ends. */
const TABLE_END = 'counts as often';

const pictures = mkdtempSync(join(tmpdir(), 'skein-pictures-'));
const dataDir = mkdtempSync(join(tmpdir(), 'skein-browser-'));
/** What the page complained about while the playground was up. */
const complaints: string[] = [];
let playground: RunningPlayground;
let browser: Browser;
let page: Page;
let port: number;
let up = false;

beforeAll(async () => {
  // The database does not run as root and has to get through to its files.
  chmodSync(dataDir, 0o711);
  console.log(`screenshots: ${pictures}`);
  port = await freePort();
  [playground, browser] = await Promise.all([startPlayground({ dataDir, port }), openBrowser()]);
  up = true;
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  page.on('console', (message) => {
    if (up && ['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.setDefaultTimeout(60_000);
  await page.goto(playground.url);
  await page.getByTestId('channel-engineering').click();
});

afterAll(async () => {
  up = false;
  await browser?.close();
  await playground?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('a mention opens its thread, and the answer grows in one message until it is whole', async () => {
  await say(page, 'composer', `@skein ${QUESTION}`);
  const lengths = await watchGrowth();
  await finished(TABLE_END);
  await picture('answer');
  const seen = await lengths();
  expect(new Set(seen).size, `lengths seen: ${seen}`).toBeGreaterThanOrEqual(4);
  expect(await lastAnswer(page).locator('table tr').count()).toBe(4);
  expect(await answers()).toBe(1);
});

test('after kill -9 of everything and a new start the thread is there and its history is remembered', async () => {
  const before = await text();
  up = false;
  await playground.kill();
  playground = await startPlayground({ dataDir, port });
  await page.reload();
  up = true;
  // The address names the thread, so a reload shows it again.
  await lastAnswer(page).waitFor();
  await expect.poll(text).toBe(before);
  await say(page, 'thread-composer', 'what did I ask before?');
  await finished(QUESTION);
  await picture('remembered');
  expect(await answers()).toBe(2);
});

test('Stop ends an answer, keeps what was there and says who did it', async () => {
  await say(page, 'composer', '@skein give me a long answer');
  await expect.poll(async () => (await text()).length).toBeGreaterThan(ENOUGH);
  await lastAnswer(page).getByTestId('stop-button').click();
  await lastAnswer(page).getByText('Stopped by Ana Ruiz.').waitFor();
  await atRest();
  await picture('stopped');
  expect((await text()).length).toBeGreaterThan(ENOUGH);
  expect(await answers()).toBe(1);
});

test('a second workspace adds the app as an admin would, and is answered there', async () => {
  await page.getByTestId('team-select').selectOption('T0TIDEWATER');
  await page.getByTestId('channel-harbour').waitFor();
  const link = page.getByTestId('install-link');
  await link.waitFor();
  await picture('not-installed');
  const [slack] = await Promise.all([page.waitForEvent('popup'), link.click()]);
  await slack.getByText('Add to Slack').waitFor();
  await slack.screenshot({ path: join(pictures, 'install.png') });
  await slack.getByText('Add to Slack').click();
  await slack.locator('p', { hasText: 'Tidewater' }).getByText('Allow').click();
  await slack.getByText('Skein is installed in Tidewater').waitFor();
  const way = await slack.getByText('Open Slack').getAttribute('href');
  expect(new URL(way ?? '').searchParams.get('team')).toBe('T0TIDEWATER');
  await slack.screenshot({ path: join(pictures, 'installed.png') });
  await slack.close();
  await page.getByTestId('channel-harbour').click();
  await say(page, 'composer', '@skein hello from Tidewater');
  await lastAnswer(page).waitFor();
  await atRest();
  await link.waitFor({ state: 'detached' });
  await picture('second-workspace');
  expect(await answers()).toBe(1);
});

test('the page has nothing to complain about in its console', () => {
  expect(complaints).toEqual([]);
});

const ANSWER = '[data-testid="thread"] [data-testid="message"][data-author="skein"]';
/** Characters after which a long answer is clearly under way. */
const ENOUGH = 300;

/** Waits until the newest answer says `end` and is no longer written. */
async function finished(end: string): Promise<void> {
  await lastAnswer(page).getByText(end).first().waitFor();
  await atRest();
}

async function atRest(): Promise<void> {
  await expect.poll(() => lastAnswer(page).getAttribute('data-writing')).toBe('false');
}

async function text(): Promise<string> {
  return (await lastAnswer(page).getByTestId('message-content').textContent()) ?? '';
}

/** Notes how long the text of the newest answer is, each time the page changes. */
async function watchGrowth(): Promise<() => Promise<number[]>> {
  await page.evaluate(`(() => {
    window.lengths = [];
    const look = () => {
      const length = [...document.querySelectorAll('${ANSWER}')].at(-1)?.textContent.length ?? 0;
      if (length !== window.lengths.at(-1)) window.lengths.push(length);
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
  })()`);
  return () => page.evaluate('window.lengths');
}

function answers(): Promise<number> {
  return page.locator(ANSWER).count();
}

async function picture(name: string): Promise<void> {
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}
