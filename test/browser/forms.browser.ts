import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lastAnswer, openBrowser, say } from './browser.ts';
import { freePort, type RunningPlayground, startPlayground } from './running-playground.ts';

const pictures = mkdtempSync(join(tmpdir(), 'skein-pictures-'));
const dataDir = mkdtempSync(join(tmpdir(), 'skein-browser-'));
const complaints: string[] = [];
let playground: RunningPlayground;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  chmodSync(dataDir, 0o711);
  console.log(`screenshots: ${pictures}`);
  [playground, browser] = await Promise.all([
    startPlayground({ dataDir, port: await freePort() }),
    openBrowser(),
  ]);
  page = await browser.newPage({ viewport: { width: 1500, height: 1400 }, colorScheme: 'light' });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.setDefaultTimeout(60_000);
  await page.goto(playground.url);
  await page.getByTestId('channel-engineering').click();
});

afterAll(async () => {
  await browser?.close();
  await playground?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Asks in a thread of its own; `meanwhile` is called when `half` is to be seen. */
async function ask(what: string, half: string, end: string, name: string): Promise<void> {
  await say(page, 'composer', `@skein ${what}`);
  await lastAnswer(page).getByText(half).first().waitFor();
  await picture(`${name}-growing`);
  await lastAnswer(page).getByText(end).first().waitFor();
  await expect.poll(() => lastAnswer(page).getAttribute('data-writing')).toBe('false');
  await picture(`${name}-done`);
}

/** Light and dark. */
async function picture(name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await inTheme(theme);
    await page.screenshot({ path: join(pictures, `${name}-${theme}.png`) });
  }
  await inTheme('light');
}

const inTheme = (theme: string) => page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);

/** Its words, without the characters that nobody sees. */
const answer = async () =>
  ((await lastAnswer(page).getByTestId('message-content').textContent()) ?? '').replace(
    /[\u200b\u2060]/g,
    '',
  );

test('what others show wrongly is shown as it was meant, while it grows and when it is whole', async () => {
  await ask('nasty', 'w*h*d is the volume', 'an ampersand', 'nasty');
  const text = await answer();
  for (const shown of [
    'pull/54(rebased)',
    '10~20만원',
    '5*3*2 = 30',
    'src/**/*.ts, *args and __init__.py stay',
    'Note:read this first',
    '「重点」内容',
    '<project-id> --to <env>',
    'if (a<!b)',
    'Map<@UUIDString, T>',
    '\\(E = m c_0^2\\)',
    '\\frac{a_{i}*b_{j}}{c*d}',
    'a | b',
    '<b>tags</b> & an ampersand',
  ])
    expect(text).toContain(shown);
  const links = await lastAnswer(page)
    .locator('a')
    .evaluateAll((all) => all.map((one) => one.getAttribute('href')));
  expect(links).toContain('https://git.example.com/team/app/pull/54');
  expect(links).toContain('https://docs.example.com/setup');
  expect(await lastAnswer(page).locator('del').allTextContents()).toEqual(['gone']);
});

test('a chart is never JSON, and is a picture with its names when the answer is whole', async () => {
  await ask('chart', 'Mon', 'Nobody counted', 'chart');
  expect(await answer()).not.toContain('labels');
  expect(await lastAnswer(page).locator('figure.chart svg').count()).toBe(2);
  expect(await lastAnswer(page).locator('figure.chart figcaption').allTextContents()).toEqual([
    'Skeins wound',
    'Wool (Grams)',
  ]);
});

test('a long table is sorted by the column whose name is pressed', async () => {
  await ask('numbers', 'Angora', 'Prices are made up', 'numbers');
  const first = () => lastAnswer(page).locator('tbody tr').first().locator('td').allTextContents();
  await lastAnswer(page).getByRole('button', { name: 'Metres' }).click();
  await expect.poll(async () => (await first())[1]).toBe('110');
  await lastAnswer(page).getByRole('button', { name: 'Metres' }).click();
  await expect.poll(async () => (await first())[1]).toBe('1320');
});

test('sources fold away', async () => {
  await ask('sources', 'wound and knotted', 'container-block', 'sources');
  await lastAnswer(page).locator('details.block-container > summary').click();
  const link = lastAnswer(page).locator('details.block-container a').first();
  await expect.poll(() => link.isVisible()).toBe(false);
});

test('no text is drawn in a font of emoji first, and the page complained about nothing', async () => {
  const fonts: string[] = await page.evaluate(
    "[...new Set([...document.querySelectorAll('body *')].map((one) => getComputedStyle(one).fontFamily))]",
  );
  for (const font of fonts) {
    const names = font.split(',').map((name) => name.trim().replace(/["']/g, ''));
    const emoji = names.findIndex((name) => /emoji/i.test(name));
    if (emoji >= 0) expect(names.slice(emoji).filter((name) => !/emoji/i.test(name))).toEqual([]);
  }
  expect(complaints).toEqual([]);
});
