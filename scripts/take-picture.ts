import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lastAnswer, openBrowser, say } from '../test/browser/browser.ts';
import { freePort, startPlayground } from '../test/browser/running-playground.ts';
import { ROOT } from '../test/support/source.ts';

/** `npm run picture`: the README's picture, taken from the running playground while an answer grows. */
const PICTURE = join(ROOT, 'docs/images/playground.png');
const MOST_BYTES = 200 * 1024;

const dataDir = mkdtempSync(join(tmpdir(), 'skein-picture-'));
chmodSync(dataDir, 0o711);
const playground = await startPlayground({ dataDir, port: await freePort() });
const browser = await openBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 720 }, colorScheme: 'light' });
  page.setDefaultTimeout(30_000);
  await page.goto(playground.url);
  await page.getByTestId('banner').getByRole('button').click();
  await page.getByTestId('channel-engineering').click();
  await say(page, 'composer', '@skein how do I keep a thread in order? Show me a table.');
  await lastAnswer(page).getByText('counts as often').waitFor();
  await page.getByTestId('stop-button').waitFor({ state: 'detached' });
  await page.getByTestId('person-switcher').click();
  await page.getByTestId('person-ben').click();
  await say(page, 'thread-composer', '@skein and the same as code?');
  await lastAnswer(page).getByText('.toLowerCase()').waitFor();
  await lastAnswer(page).getByTestId('stop-button').scrollIntoViewIfNeeded();
  mkdirSync(dirname(PICTURE), { recursive: true });
  await page.screenshot({ path: PICTURE });
} finally {
  await browser.close();
  await playground.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
const { size } = statSync(PICTURE);
console.log(`${PICTURE}: ${Math.round(size / 1024)} KB`);
if (size > MOST_BYTES) throw new Error(`more than ${MOST_BYTES / 1024} KB: make the picture smaller`);
