import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { rotateWhileOpen } from '../../../src/postgres/embedded/server.ts';

it('the log of a server that runs for months is shortened while it is open, and one older part is kept', () => {
  const dir = mkdtempSync(join(tmpdir(), 'skein-log-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const place = { dir, pgdata: join(dir, 'pgdata'), owner: null };
  const path = join(dir, 'postgres.log');
  rotateWhileOpen(place);
  const server = openSync(path, 'a');
  onTestFinished(() => closeSync(server));
  writeSync(server, 'a few lines\n');
  rotateWhileOpen(place);
  expect(readFileSync(path, 'utf8')).toBe('a few lines\n');
  appendFileSync(path, `${'x'.repeat(10 * 1024 * 1024)}\n`);
  rotateWhileOpen(place);
  writeSync(server, 'said afterwards\n');
  expect(readFileSync(path, 'utf8')).toBe('said afterwards\n');
  expect(statSync(`${path}.1`).size).toBeGreaterThan(10 * 1024 * 1024);
});
