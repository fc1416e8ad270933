import { expect, it } from 'vitest';
import { outcomeOf } from '../../../../src/slack/send/outcome.ts';

/** As `@slack/web-api` throws it: `code`, and Slack's answer under `data`. */
const refusal = (error: string, messages?: readonly string[]) =>
  Object.assign(new Error(`An API error occurred: ${error}`), {
    code: 'slack_webapi_platform_error',
    data: { ok: false, error, ...(messages === undefined ? {} : { response_metadata: { messages } }) },
  });

it.each([
  ['the error itself', refusal('only_one_table_allowed')],
  ['the reason of invalid_attachments', refusal('invalid_attachments', ['only_one_table_allowed'])],
  [
    'the reason of invalid_blocks',
    refusal('invalid_blocks', ['[ERROR] only_one_table_allowed [json-pointer:/blocks]']),
  ],
])('a second table in a message is told apart, as %s', (_name, thrown) => {
  expect(outcomeOf(thrown)).toMatchObject({ kind: 'content_refused', tables: true });
});

it('what Slack minds is told with its refusal, and is cut', () => {
  const outcome = outcomeOf(
    refusal('invalid_blocks', ['[ERROR] no more than 100 items [json-pointer:/blocks/1/rows]']),
  );
  expect(outcome).toMatchObject({ kind: 'content_refused', code: 'SLACK_CONTENT_REFUSED' });
  expect(outcome).not.toHaveProperty('tables');
  expect('message' in outcome ? outcome.message : '').toContain('/blocks/1/rows');
  const long = outcomeOf(refusal('invalid_blocks', ['x'.repeat(10_000)]));
  expect('message' in long ? long.message.length : 0).toBeLessThanOrEqual(500);
});
