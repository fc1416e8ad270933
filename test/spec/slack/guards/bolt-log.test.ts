import { expect, test } from 'vitest';
import { createLog } from '../../../../src/log.ts';
import { boltLog } from '../../../../src/slack/guards/bolt-log.ts';

test('debug lines of the SDKs, which hold requests and tokens, are dropped at every level', () => {
  const lines: string[] = [];
  const log = boltLog(createLog('debug', { write: (line: string) => lines.push(line) }));
  log.debug('http request body: {"text":"private words"}');
  expect(lines).toEqual([]);
});

test('warnings keep their words without tokens, and objects are not printed', () => {
  const lines: string[] = [];
  const log = boltLog(createLog('info', { write: (line: string) => lines.push(line) }));
  log.setName('web-api');
  log.warn('failed with xoxb-123456-abcdef', new Error('for xapp-1-AAAAAA'), { text: 'private words' });
  expect(lines).toHaveLength(1);
  const line: unknown = JSON.parse(lines[0] ?? 'null');
  expect(line).toMatchObject({
    level: 'warn',
    sdk: 'web-api',
    msg: 'failed with [token] Error: for [token] (object)',
  });
});
