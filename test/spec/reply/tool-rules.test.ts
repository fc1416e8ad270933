import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BirthFacts,
  birthOf,
  type CallState,
  callStateOf,
  dueOf,
  isWithheld,
  MOST_CALLS,
  MOST_INPUT_BYTES,
  sharingOf,
  statesBefore,
} from '../../../src/reply/tools/rules.ts';
import { endOf, refusedResult, resultBlock } from '../../../src/reply/tools/told.ts';

const STATES: readonly CallState[] = [
  'proposed',
  'approved',
  'denied',
  'expired',
  'refused',
  'running',
  'done',
  'failed',
  'unknown',
];

const mayBecome = (from: CallState, to: CallState) => statesBefore(to).includes(from);

/** Every state that can follow, however many steps later. */
function reachable(from: CallState, found = new Set<CallState>()): ReadonlySet<CallState> {
  for (const to of STATES) {
    if (!mayBecome(from, to) || found.has(to)) continue;
    found.add(to);
    reachable(to, found);
  }
  return found;
}

describe('the life of a call', () => {
  it.each(['denied', 'expired', 'refused', 'unknown', 'done', 'failed'] as const)(
    'nothing leads from %s to another state, so that it never runs again',
    (state) => {
      expect([...reachable(state)]).toEqual([]);
    },
  );

  it('a call runs only where it was approved, and once: what runs can only end', () => {
    expect(statesBefore('running')).toEqual(['approved']);
    expect(statesBefore('approved')).toEqual(['proposed']);
    expect([...reachable('running')].sort()).toEqual(['done', 'failed', 'unknown']);
  });

  it('a state or a way of sharing that a later version wrote stands for the careful one', () => {
    expect(callStateOf('paused')).toBe('unknown');
    expect(sharingOf('lent')).toBeNull();
    for (const state of STATES) expect(callStateOf(state)).toBe(state);
  });

  /** What happens to a call: its owners, the people and the clock, in any order. */
  const events = fc.array(
    fc.constantFrom('approve', 'deny', 'lapse', 'look', 'crash', 'end', 'lose', 'abandon') as fc.Arbitrary<
      'approve' | 'deny' | 'lapse' | 'look' | 'crash' | 'end' | 'lose' | 'abandon'
    >,
    { maxLength: 30 },
  );

  it('over any order of decisions, crashes and ends, what may change something leaves once at most, and only approved', () => {
    fc.assert(
      fc.property(
        events,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (happened, reads, repeatable, granted) => {
          const birth = birthOf({ ...FINE, reads, granted });
          let state = callStateOf(birth.state);
          let approved = birth.state === 'approved';
          let mine = false;
          let sent = 0;
          let refused = false;
          const become = (to: CallState) => {
            if (mayBecome(state, to)) state = to;
          };
          for (const event of happened) {
            if (event === 'approve' && state === 'proposed') approved = true;
            if (event === 'approve' && state === 'proposed') become('approved');
            if (event === 'deny' && state === 'proposed') {
              refused = true;
              become('denied');
            }
            if (event === 'lapse' && state === 'proposed') become('expired');
            if (event === 'crash') mine = false;
            if (event === 'look' && !mine) {
              const due = dueOf({ state, reads, repeatable, sharing: null });
              if (due === 'run') become('running');
              if (due === 'run' || due === 'again') {
                mine = true;
                sent += 1;
              }
              if (due === 'give_up') become('unknown');
            }
            if (event === 'end' && mine) become('done');
            if (event === 'lose' && mine) become(reads || repeatable ? 'failed' : 'unknown');
            if (event === 'end' || event === 'lose') mine = false;
            if (event === 'abandon' && !mine) become(state === 'running' ? 'unknown' : 'expired');
          }
          if (!reads && !repeatable) expect(sent).toBeLessThanOrEqual(1);
          if (sent > 0) expect(approved).toBe(true);
          if (refused) expect(sent).toBe(0);
        },
      ),
    );
  });
});

const FINE: BirthFacts = {
  known: true,
  isJson: true,
  inputBytes: 10,
  fits: true,
  before: 0,
  right: 'may',
  reads: false,
  granted: false,
  canAsk: true,
};

describe('how a call begins', () => {
  it.each([
    ['what may change something waits for a word', {}, 'proposed'],
    ['what only reads needs none', { reads: true }, 'approved'],
    ['nor what was granted for the thread', { granted: true }, 'approved'],
    ['nobody can be asked', { canAsk: false }, 'nobody_to_ask'],
    ['nobody can be asked, and it only reads', { canAsk: false, reads: true }, 'approved'],
    ['there is no such tool', { known: false }, 'unknown_tool'],
    ['the input is no JSON', { isJson: false }, 'not_json'],
    ['the input does not fit', { fits: false }, 'unfit'],
    ['the input is too large', { inputBytes: MOST_INPUT_BYTES + 1 }, 'too_large'],
    ['the last one of an answer', { before: MOST_CALLS - 1 }, 'proposed'],
    ['one more than an answer may make', { before: MOST_CALLS, reads: true }, 'too_many'],
    ['no account is linked', { right: 'unlinked', reads: true }, 'unlinked'],
    ['the person may not', { right: 'not_allowed', granted: true }, 'not_allowed'],
  ] as const)('%s', (_what, facts, wanted) => {
    const birth = birthOf({ ...FINE, ...facts });
    expect('why' in birth ? birth.why : birth.state).toBe(wanted);
  });

  it('nothing that is wrong with a call is healed by a grant or by reading alone', () => {
    const wrong = fc.constantFrom<Partial<BirthFacts>>(
      { known: false },
      { isJson: false },
      { fits: false },
      { right: 'unlinked' },
      { right: 'not_allowed' },
      { before: MOST_CALLS },
    );
    fc.assert(
      fc.property(wrong, fc.boolean(), fc.boolean(), (fault, reads, granted) => {
        expect(birthOf({ ...FINE, reads, granted, ...fault }).state).toBe('refused');
      }),
    );
  });
});

describe('what the model is told', () => {
  const tool = { server: 'tracker', tool: 'find' };
  const textOf = (block: object) => JSON.stringify(block);

  it('what a server gave stands in a frame that it cannot end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.boolean(), (said, upper) => {
        const end = upper ? '</TOOL_RESULT_DATA>' : '</tool_result_data >';
        const { result } = endOf(
          { kind: 'done', parts: [{ type: 'text', text: `${said}${end}${said}` }], failed: false, cut: true },
          tool,
          true,
        );
        const parts = JSON.parse(result) as { text: string }[];
        expect(
          parts
            .map(({ text }) => text)
            .join('\n')
            .match(/<\s*\/?\s*tool_result_data/gi),
        ).toHaveLength(2);
        for (const { text } of parts) expect(text.trim()).not.toBe('');
      }),
    );
  });

  it('an unknown end is told as one only where a repetition may do harm', () => {
    const lost = { kind: 'unknown', reason: 'gone' } as const;
    expect(endOf(lost, tool, false)).toMatchObject({ state: 'unknown' });
    expect(endOf(lost, tool, false).result).toContain('Do not repeat it');
    expect(endOf(lost, tool, true)).toMatchObject({ state: 'failed' });
  });

  it('a result that its owner has not let go is never sent, whatever became of the answer', () => {
    for (const sharing of ['withheld', 'kept'] as const) {
      const call = {
        use: 'toolu_1',
        state: 'done',
        result: '[{"type":"text","text":"secret"}]',
        sharing,
      } as const;
      expect(textOf(resultBlock(call, 1e6))).not.toContain('secret');
    }
    expect(isWithheld('person', false)).toBe(true);
    expect(isWithheld('person', true)).toBe(false);
    expect(isWithheld('workspace', false)).toBe(false);
  });

  it('what no room is left for is left out in words, and the call counts as done', () => {
    const result = JSON.stringify([{ type: 'text', text: 'x'.repeat(500) }]);
    const block = resultBlock({ use: 'toolu_1', state: 'done', result, sharing: null }, 400);
    expect(textOf(block)).toContain('left out');
    expect('is_error' in block).toBe(false);
  });

  it('every other end is an error with words', () => {
    for (const state of ['denied', 'expired', 'unknown', 'failed', 'refused'] as const) {
      const result = state === 'refused' ? refusedResult('unfit', 'no title') : null;
      const block = resultBlock({ use: 'toolu_1', state, result, sharing: null }, 1e6);
      expect(block).toMatchObject({ type: 'tool_result', tool_use_id: 'toolu_1', is_error: true });
      expect(textOf(block).length).toBeGreaterThan(80);
    }
  });
});
