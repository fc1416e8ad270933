import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pdf, xlsx } from '../support/office.ts';
import { lastAnswer, openBrowser, say } from './browser.ts';
import { freePort, type RunningPlayground, startPlayground } from './running-playground.ts';

const pictures = mkdtempSync(join(tmpdir(), 'skein-pictures-'));
const dataDir = mkdtempSync(join(tmpdir(), 'skein-browser-'));
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
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.setDefaultTimeout(60_000);
  await page.goto(playground.url);
  await page.getByTestId('channel-engineering').click();
});

afterAll(async () => {
  complaints.length = 0;
  await browser?.close();
  await playground?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const upload = (name: string, mimeType: string, buffer: Buffer) => ({ name, mimeType, buffer });

async function attach(...files: ReturnType<typeof upload>[]): Promise<void> {
  await page.getByTestId('attach-input').first().setInputFiles(files);
}

async function answered(text: string): Promise<void> {
  await lastAnswer(page).getByText(text).first().waitFor();
  await expect.poll(() => lastAnswer(page).getAttribute('data-writing')).toBe('false');
}

test('a screenshot, a sheet and a PDF are attached, drawn and given to the model; what is not read is named', async () => {
  const shot = await sharp({ create: { width: 640, height: 400, channels: 3, background: '#0f766e' } })
    .png()
    .toBuffer();
  await attach(
    upload('screen.png', 'image/png', shot),
    upload(
      'sales.xlsx',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      xlsx({ Sales: [['May', 12]] }),
    ),
    upload('plan.pdf', 'application/pdf', pdf(3)),
    upload('report.key', 'application/x-iwork-keynote-sffkey', Buffer.from('7f454c46', 'hex')),
  );
  await page.getByText('sales.xlsx').first().waitFor();
  await page.screenshot({ path: join(pictures, 'attached.png') });
  await say(page, 'composer', '@skein what is in these?');
  await answered('a picture of 640 × 400 pixels');
  await page.screenshot({ path: join(pictures, 'given.png') });
  const text = (await lastAnswer(page).textContent()) ?? '';
  expect(text).toContain('Excel workbook');
  expect(text).toContain('a PDF of 3 pages');
  expect(text).toContain('report.key (this kind of file I can’t read)');
  const width = `document.querySelector('[data-testid=thread] figure.picture img').naturalWidth`;
  await expect.poll(() => page.evaluate(width)).toBe(640);
});

test('a picture that is pasted waits above the field, and goes with the words', async () => {
  const bytes = [
    ...(await sharp({ create: { width: 30, height: 20, channels: 3, background: 'red' } })
      .png()
      .toBuffer()),
  ];
  await page.evaluate(`(() => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(${JSON.stringify(bytes)})], 'pasted.png', { type: 'image/png' }));
    document.querySelector('[data-testid=thread-composer]')
      .dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  })()`);
  await page.getByText('pasted.png').first().waitFor();
  await say(page, 'thread-composer', 'and this?');
  await answered('a picture of 30 × 20 pixels');
});

test('a file that is dropped on the field waits above it, and goes with the words', async () => {
  const taken = await page.evaluate(`(() => {
    const data = new DataTransfer();
    data.items.add(new File(['city,people\\nKyiv,3000000'], 'dropped.csv', { type: 'text/csv' }));
    const field = document.querySelector('[data-testid=thread-composer]');
    const event = (name) => new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true });
    // A place that takes files says so while they are over it; else the browser would open them.
    return ['dragover', 'drop'].map((name) => !field.dispatchEvent(event(name)));
  })()`);
  expect(taken).toEqual([true, true]);
  await page.getByText('dropped.csv').first().waitFor();
  await say(page, 'thread-composer', 'and what is in this?');
  await answered('dropped.csv');
});

test('a table that is asked for as CSV comes back as a file', async () => {
  await say(page, 'thread-composer', 'show me a table of ways to keep thread in order, as CSV');
  const card = page.getByTestId('thread').locator('a.file', { hasText: 'table.csv' });
  await card.waitFor();
  await page.screenshot({ path: join(pictures, 'csv.png') });
  const address = new URL((await card.getAttribute('href')) ?? '', playground.url);
  const csv = await (await fetch(address)).text();
  expect(csv.split('\r\n').length).toBeGreaterThan(3);
});

test('the page has nothing to complain about in its console', () => {
  expect(complaints).toEqual([]);
});
