import { DrizzleQueryError } from 'drizzle-orm/errors';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SkeinError } from '../../../src/errors.ts';
import { createLog, withoutSecrets } from '../../../src/log.ts';

const BOT_TOKEN = 'xoxb-111111111111-222222222222-abcdefGHIJKL';
const SECRETS = [
  BOT_TOKEN,
  'xapp-1-A111-222-abcdef0123456789',
  'xoxe.xoxp-1-abcdefghij',
  'sk-ant-api03-abcdefghijklmnop',
  'https://hooks.slack.com/actions/T1/2/abcdef',
];

/** The one line that `write` logs, and what it says. */
function logged(write: (log: ReturnType<typeof createLog>) => void): {
  line: string;
  fields: Record<string, unknown>;
} {
  const lines: string[] = [];
  write(createLog('debug', { write: (line) => lines.push(line) }));
  expect(lines).toHaveLength(1);
  const line = lines[0] ?? '';
  return { line, fields: JSON.parse(line) as Record<string, unknown> };
}

it.each(SECRETS)('%s reaches no line, wherever it stands', (secret) => {
  const { line, fields } = logged((log) =>
    log.warn(
      {
        reason: `refused "${secret}", sorry`,
        deep: { deeper: [{ header: `Bearer ${secret}` }] },
        err: new Error(`with ${secret}`, { cause: new Error(`from ${secret}`, { cause: secret }) }),
        after: 'still here',
      },
      `message with ${secret} inside`,
    ),
  );
  expect(line).not.toContain(secret);
  expect(fields['after']).toBe('still here');
  expect(fields['msg']).toMatch(/^message with \[\w+\] inside$/);
});

it.each(SECRETS.filter((secret) => !secret.startsWith('https')))(
  'no part of %s is logged, wherever a line break came into it',
  (secret) => {
    for (let at = 1; at < secret.length - 6; at++)
      for (const lineBreak of ['\n', '\r\n', '\r']) {
        const [before, behind] = [secret.slice(0, at), secret.slice(at)];
        const broken = `${before}${lineBreak}${behind}`;
        // How Node.js says it (undici, `Headers.append`), and how it stands behind the name of its scheme.
        const refused = new TypeError(`Headers.append: "Bearer ${broken}" is an invalid header value.`);
        const { line } = logged((log) => log.warn({ err: refused, reason: refused.message }, 'no'));
        expect(line).not.toContain(behind);
        if (before.length > 8) expect(line).not.toContain(before);
        expect(withoutSecrets(`Bearer ${broken} was refused`)).not.toContain(behind);
      }
  },
);

it('the password of a database address is taken out, also one with an @ in it', () => {
  expect(withoutSecrets('at postgres://skein:p@ss@db.example.org:5432/skein now')).toBe(
    'at postgres://skein:[password]@db.example.org:5432/skein now',
  );
});

it('fields that carry secrets or people’s words are hidden by their name, three levels deep', () => {
  const words = 'what Ana wrote in confidence';
  for (const key of ['text', 'blocks', 'response_url', 'triggerId', 'trigger_id', 'botToken', 'attachments'])
    for (const fields of [
      { [key]: words },
      { a: { [key]: words } },
      { a: { b: { [key]: words } } },
      { a: { b: { c: { [key]: words } } } },
    ]) {
      const { line } = logged((log) => log.info(fields, 'an event'));
      expect(line).not.toContain(words);
      expect(line).toContain('[hidden]');
    }
});

it('what a failed statement was to store is not logged, only the statement', () => {
  const words = 'my salary is\n    at work (payroll.ts:1:1)\n    at home';
  const query = new DrizzleQueryError('insert into messages values ($1)', [words], new Error('disk full'));
  const { line } = logged((log) => log.error({ err: new Error('commit 1 failed', { cause: query }) }, 'no'));
  expect(line).not.toContain('salary');
  expect(line).not.toContain('payroll');
  expect(line).toContain('insert into messages');
  expect(line).toContain('disk full');
});

it('an error that an SDK wrapped tells what it wraps, without what people wrote', () => {
  const query = new DrizzleQueryError('select 1', ['a secret plan'], new Error('too many clients'));
  const wrapped = Object.assign(new Error('handler failed'), { original: query });
  const { line, fields } = logged((log) => log.error({ err: wrapped }, 'no'));
  expect(fields['err']).toMatchObject({ cause: { cause: { message: 'too many clients' } } });
  expect(line).not.toContain('secret plan');
});

it('an error keeps its code, its facts, its cause and the place where it was thrown', () => {
  const error = new SkeinError('MODEL_BUSY', 'busy', {
    cause: new TypeError('below'),
    facts: { requestId: 'req_1', text: 'words' },
  });
  const { fields } = logged((log) => log.error({ err: error }, 'failed'));
  expect(fields['err']).toMatchObject({
    name: 'SkeinError',
    code: 'MODEL_BUSY',
    message: 'MODEL_BUSY: busy',
    facts: { requestId: 'req_1', text: '[hidden]' },
    stack: expect.stringContaining('redaction.test.ts'),
    cause: { name: 'TypeError', message: 'below' },
  });
});

it('taking secrets out never breaks a line', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(...SECRETS, 'Bearer ', 'postgres://u:p', '@', '"', '\\'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.string(), (pieces, after) => {
      const { fields } = logged((log) => log.info({ reason: pieces.join(''), after }, 'words'));
      expect(fields).toMatchObject({ msg: 'words', reason: expect.any(String) });
    }),
    { numRuns: 300 },
  );
});
