import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CallFacts, judgeCall } from '../../../src/controls/call-rules.ts';
import { CALL_CHOICES } from '../../../src/reply/cards/actions.ts';

const facts: fc.Arbitrary<CallFacts> = fc.record({
  state: fc.constantFrom(
    'proposed',
    'approved',
    'denied',
    'expired',
    'refused',
    'running',
    'done',
    'failed',
    'unknown',
  ),
  sharing: fc.constantFrom(null, 'withheld', 'released', 'kept'),
  account: fc.constantFrom('none', 'workspace', 'person'),
  direct: fc.boolean(),
  live: fc.boolean(),
  late: fc.boolean(),
  reads: fc.boolean(),
});
const by = fc.record({ isAsker: fc.boolean(), manages: fc.boolean() });
const everything = [fc.constantFrom(...CALL_CHOICES), facts, by] as const;

it('a call is decided about while it is proposed, its answer is written and a day has not passed, and not else', () => {
  fc.assert(
    fc.property(...everything, (choice, call, who) => {
      const { kind } = judgeCall(choice, call, who);
      if (choice === 'approve' || choice === 'deny' || choice === 'always') {
        if (kind === 'do') expect([call.state, call.live, call.late]).toEqual(['proposed', true, false]);
        if (kind === 'expire') expect([call.state, call.live && !call.late]).toEqual(['proposed', false]);
      }
      if (choice === 'share' || choice === 'share_always' || choice === 'keep')
        if (kind === 'do') expect([call.sharing, call.live, call.late]).toEqual(['withheld', true, false]);
    }),
  );
});

it('who did not ask decides about the account of the workspace alone, in a channel that they manage, and never for a thread', () => {
  fc.assert(
    fc.property(fc.constantFrom(...CALL_CHOICES), facts, fc.boolean(), (choice, call, manages) => {
      const judged = judgeCall(choice, call, { isAsker: false, manages });
      const decides = choice === 'approve' || choice === 'deny';
      const may = decides && manages && call.account === 'workspace' && !call.direct;
      if (choice === 'show') expect(judged.kind).toBe('do');
      else if (!may) expect(judged.kind).toBe('leave');
    }),
  );
});

it('whoever is kept out of a decision is told why, but for a second press on a result', () => {
  fc.assert(
    fc.property(...everything, (choice, call, who) => {
      const judged = judgeCall(choice, call, who);
      if (judged.kind === 'do' || judged.reason === 'decided') return;
      expect(judged.line).toBeTruthy();
    }),
  );
});
