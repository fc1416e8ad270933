import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../src/errors.ts';
import { type End, lastLine } from '../../../src/reply/ending.ts';
import { busy, footer } from '../../../src/reply/notices.ts';

const REPLY = '123e4567-e89b-42d3-a456-426614174000';
const FACTS = { reply: REPLY, hasText: true, stoppedByName: 'Ana Ruiz', maxTokens: 1024, footer: null };
const end = (more: Partial<End>): End => ({
  stopReason: 'end',
  stoppedBy: null,
  errorCode: null,
  requestId: null,
  ...more,
});

describe.each(Object.keys(CATALOGUE))('a reply that ended by %s', (errorCode) => {
  it.each([true, false])('has words and a way on (with text: %s)', (hasText) => {
    const line = lastLine(end({ stopReason: 'failed', errorCode, requestId: 'req_1' }), {
      ...FACTS,
      hasText,
    });
    expect(line.notice).toMatch(/^⚠️ [A-Z].+\. \([A-Z_]+\)$/);
    expect(line.notice).toContain(`(${errorCode})`);
    expect(line.notice?.includes('What is above stays')).toBe(hasText);
    expect(line.notice).not.toMatch(/[{}<>]|req_1|undefined|null|123e4567/);
    expect(line.keepText).toBe(true);
    expect(line.buttons).toMatchObject([
      { action: 'reply_retry', value: REPLY, label: hasText ? 'Continue' : 'Try again' },
    ]);
  });
});

it('a code from a newer version still has words', () => {
  const { notice } = lastLine(end({ errorCode: 'FROM_THE_FUTURE' }), FACTS);
  expect(notice).toContain('Something went wrong on my side');
});

describe('every stop reason', () => {
  it.each([
    ['end', null],
    ['stop_sequence', null],
    ['stopped', 'Stopped by Ana Ruiz.'],
    ['max_tokens', 'Cut at 1,024 tokens. Write “continue” to read on.'],
    ['refusal', 'Claude declined to answer this. (MODEL_REFUSED)'],
    ['hint', null],
  ])('%s reads: %s', (stopReason, notice) => {
    expect(lastLine(end({ stopReason }), FACTS)).toEqual({
      notice,
      buttons: [],
      keepText: stopReason !== 'refusal',
    });
  });

  it('context_full tells what to do', () => {
    expect(lastLine(end({ stopReason: 'context_full' }), FACTS).notice).toContain(
      'A new thread starts fresh',
    );
  });

  it.each(['tool_use', 'paused', 'other', 'something new'])('%s keeps the text', (stopReason) => {
    expect(lastLine(end({ stopReason }), FACTS).keepText).toBe(true);
  });
});

it('the footer stands below the line that tells why', () => {
  const line = lastLine(end({ stopReason: 'stopped' }), { ...FACTS, footer: 'model · 1 in' });
  expect(line.notice).toBe('Stopped by Ana Ruiz.\nmodel · 1 in');
  expect(lastLine(end({}), { ...FACTS, footer: 'model · 1 in' }).notice).toBe('model · 1 in');
});

it('the footer marks what is estimated and says when a price is not known', () => {
  const facts = { model: 'claude-sonnet-4-6', inputTokens: 1204, outputTokens: 350, seconds: 6.24 };
  expect(footer({ ...facts, estimated: false, cost: 8_862_000n })).toBe(
    'claude-sonnet-4-6 · 1,204 in, 350 out · $0.008862 · 6.2 s',
  );
  expect(footer({ ...facts, estimated: true, cost: 1_000_000_000n })).toContain('~350 out · ~$1.00');
  expect(footer({ ...facts, estimated: false, cost: null })).toContain('cost unknown');
});

it('a wait tells what for and how often it was tried', () => {
  expect(busy('MODEL_OVERLOADED', 2, 5)).toBe('Claude is overloaded right now, trying again (2 of 5)…');
  expect(busy('CONFIG_INVALID', 2, 5)).toContain('not available right now');
});
