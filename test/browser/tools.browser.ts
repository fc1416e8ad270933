import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, say } from './browser.ts';
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
  page.setDefaultTimeout(30_000);
  await page.goto(playground.url);
});

afterAll(async () => {
  await browser?.close();
  await playground?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const answers = () =>
  page.getByTestId('thread').locator('[data-testid="message"][data-author="skein"]').first();

/** Presses the tile of a server in the beginning of a channel, and the button of the form that it opens. */
async function connect(channel: string, server: string): Promise<void> {
  await page.getByTestId(`channel-${channel}`).click();
  await page.locator(`[data-testid="connect-tools"][data-server="${server}"]`).click();
  await page.getByTestId('modal-submit').click();
  await page.getByTestId('modal').getByText(`${server} is connected`).waitFor();
}

async function close(): Promise<void> {
  await page.getByTestId('modal-close').click();
  await page.getByTestId('modal').waitFor({ state: 'detached' });
}

test('a newcomer connects a server by two presses, approves one ticket and denies another, and sees what was really done', async () => {
  await connect('engineering', 'tickets');
  await page.getByText('It is used from the next question on.').waitFor();
  await close();

  await say(page, 'composer', '@skein create a ticket about the broken lift');
  await page.getByTestId('thread').getByRole('button', { name: 'Approve' }).click();
  await answers().getByText('Created T-102: the broken lift').waitFor();

  await page.getByTestId('channel-engineering').click();
  await say(page, 'composer', '@skein create a ticket about free lunch');
  await page.getByTestId('thread').getByRole('button', { name: 'Deny' }).click();
  await answers().getByText('said no: this was not done').waitFor();

  await page.getByRole('button', { name: 'Inspector' }).click();
  await page.getByTestId('tab-tools').click();
  const done = page.getByTestId('tool-call');
  expect(await done.count()).toBe(1);
  expect(await done.textContent()).toMatch(/tickets.*create_ticket.*the broken lift/);
  await page.getByTestId('inspector-close').click();
});

test('an account is linked in the browser, and the server’s tools are used once their list is accepted', async () => {
  await connect('design', 'helpdesk');
  const modal = page.getByTestId('modal');
  await modal.getByRole('button', { name: 'Link my account' }).click();
  const open = modal.getByText('Open 127.0.0.1');
  await open.waitFor();
  const [tab] = await Promise.all([page.context().waitForEvent('page'), open.click()]);
  tab.setDefaultTimeout(30_000);
  // Our own page says whose account in Slack it is, theirs asks who signs in.
  await tab.getByRole('button', { name: 'I am Ana Ruiz' }).click();
  await tab.getByRole('button', { name: 'Allow' }).click();
  await tab.getByText('account is linked').waitFor();
  await tab.close();
  await modal.getByRole('button', { name: 'I have linked it' }).click();
  await modal.getByText('your account is linked').first().waitFor();
  await modal.getByRole('button', { name: 'Test', exact: true }).click();
  await modal.getByRole('button', { name: 'Accept its tools' }).click();
  await modal.getByText('The list of now is accepted.').waitFor();
  await close();

  // In a channel others read along, so that its owner sees first what a personal account gave.
  await say(page, 'composer', '@skein who am i');
  await page.getByTestId('dm-skein').click();
  await page.getByText('Share', { exact: true }).first().click();
  await page.getByTestId('channel-design').click();
  await page.getByTestId('thread-link').first().click();
  await answers().getByText('You are ada').waitFor();
});
