import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CallPressOptions, createCallPress } from '../../../src/controls/calls.ts';
import type { Entry } from '../../../src/people/gate.ts';
import type { CallChoice } from '../../../src/reply/cards/actions.ts';
import { sweepCalls } from '../../../src/reply/cards/job.ts';
import * as cards from '../../../src/reply/cards/store.ts';
import { beginAnew, requestStop } from '../../../src/reply/store.ts';
import { beginRun, endRun } from '../../../src/reply/tools/store.ts';
import { CANNOT_CHECK } from '../../../src/words/people.ts';
import { CALL_LINES } from '../../../src/words/tools-cards.ts';
import { DEFAULTS, openStored } from '../../support/stored.ts';

type Stored = Awaited<ReturnType<typeof openStored>>;

interface Rights {
  readonly entry?: (user: string) => Entry;
  readonly present?: (user: string) => 'yes' | 'no' | 'unknown';
  readonly allowed?: boolean;
  readonly weAreIn?: 'yes' | 'no' | 'unknown';
}

let threads = 0;

/** A reply that waits for a decision about calls, and a way to press on their cards. */
async function waiting(stored: Stored, rights: Rights = {}, account = 'workspace') {
  const threadTs = `${1000 + ++threads}.000000`;
  const conversation = await stored.conversation({ threadTs });
  const asked = await stored.ask(threadTs, conversation);
  await stored.rows(`update skein.replies set state = 'writing' where id = $1`, [asked.reply]);
  const propose = async (more: { reads?: boolean; state?: string; sharing?: string | null } = {}) => {
    const id = randomUUID();
    const { reads = false, state = 'proposed', sharing = null } = more;
    await stored.rows(
      `insert into skein.tool_calls (id, reply, version, use, team, server, tool, title, input, reads, repeatable, account,
         person, state, sharing, result, created_at)
       values ($1, $2, 1, $3, 'T1', 'tracker', $3, 'Create', '{}', $4, false, $5, 'U1', $6, $7,
         case when $7::text is not null then '[{"type":"text","text":"secret"}]' end, clock_timestamp())`,
      [id, asked.reply, `use-${id}`, reads, account, state, sharing],
    );
    return id;
  };
  const options: CallPressOptions = {
    database: stored.database,
    defaults: DEFAULTS,
    gate: async ({ user }) => rights.entry?.(user) ?? { kind: 'open' },
    people: {
      of: async (team, id) => ({
        ...{ team, id, name: null, kind: 'member', deactivated: false },
        admin: id === 'UADMIN',
      }),
      inChannel: async (_team, _channel, user) => rights.present?.(user) ?? 'yes',
      weAreIn: async () => rights.weAreIn ?? 'yes',
    },
    allowed: async () => rights.allowed ?? true,
    newId: randomUUID,
  };
  const carryOut = createCallPress(options);
  const press = (
    choice: CallChoice,
    call: string,
    { by = 'U1', key = randomUUID(), channel = 'C1', team = 'T1' } = {},
  ) => carryOut({ control: 'call', choice, call }, { team, by, byTeam: team, key, channel });
  const stateOf = async (id: string) =>
    (
      await stored.rows('select state, sharing, result, decided_by from skein.tool_calls where id = $1', [id])
    )[0];
  return { ...asked, propose, press, stateOf };
}

it('the one who asked decides once, and a second press is told that it was decided', async () => {
  const stored = await openStored();
  const { propose, press, stateOf, conversation } = await waiting(stored);
  const id = await propose();
  await stored.rows(`update skein.mailboxes set lease_owner = null, next_at = 'infinity'`);
  expect(await press('approve', id)).toEqual({ reason: null, line: null });
  expect(await stateOf(id)).toMatchObject({ state: 'approved', decided_by: 'U1' });
  const [box] = await stored.rows<{ due: boolean }>(
    `select next_at <= now() as due from skein.mailboxes where key = $1`,
    [`conversation:${conversation}`],
  );
  expect(box?.due).toBe(true);
  expect((await press('deny', id)).line).toBe(CALL_LINES.approved);
  expect(await stateOf(id)).toMatchObject({ state: 'approved' });
});

it('a press whose commit was not heard of does nothing twice', async () => {
  const stored = await openStored();
  const { propose, press } = await waiting(stored);
  const id = await propose();
  const key = randomUUID();
  expect(await press('deny', id, { key })).toEqual({ reason: null, line: null });
  expect(await press('deny', id, { key })).toEqual({ reason: null, line: null });
  expect(await stored.rows(`select what from skein.deeds`)).toEqual([{ what: 'tool_denied' }]);
});

it.each<[string, Rights, { by?: string; channel?: string; team?: string }, string, string, string]>([
  ['another person with a personal account', {}, { by: 'U2' }, 'person', CALL_LINES.notYours, 'proposed'],
  ['an admin with a personal account', {}, { by: 'UADMIN' }, 'person', CALL_LINES.notYours, 'proposed'],
  [
    'somebody who left the channel',
    { present: () => 'no' },
    { by: 'U2' },
    'workspace',
    CALL_LINES.notManager,
    'proposed',
  ],
  ['the asker who left the channel', { present: () => 'no' }, {}, 'workspace', CALL_LINES.absent, 'proposed'],
  ['a press in another channel', {}, { channel: 'C2' }, 'workspace', CALL_LINES.unknown, 'proposed'],
  ['a press of another workspace', {}, { team: 'T2' }, 'workspace', CALL_LINES.unknown, 'proposed'],
  [
    'a Slack that can’t be asked',
    { entry: () => ({ kind: 'unreachable', ruled: false }) },
    {},
    'workspace',
    CANNOT_CHECK,
    'proposed',
  ],
  [
    'a tool that is not allowed any more',
    { allowed: false },
    {},
    'workspace',
    CALL_LINES.notAllowed,
    'expired',
  ],
  ['a place that we are not in any more', { weAreIn: 'no' }, {}, 'workspace', CALL_LINES.weLeft, 'expired'],
  [
    'an asker who may not ask any more',
    { entry: (user) => (user === 'U1' ? { kind: 'refused', refusal: 'guest' } : { kind: 'open' }) },
    { by: 'U2' },
    'workspace',
    CALL_LINES.askerGone,
    'expired',
  ],
])('%s approves nothing', async (_what, rights, who, account, line, state) => {
  const stored = await openStored();
  const { propose, press, stateOf } = await waiting(stored, rights, account);
  const id = await propose();
  expect((await press('approve', id, who)).line).toBe(line);
  expect(await stateOf(id)).toMatchObject({ state });
});

it('a guest or a deactivated asker approves nothing, and may still say no', async () => {
  const stored = await openStored();
  const refused: Entry = { kind: 'refused', refusal: 'deactivated' };
  const { propose, press, stateOf } = await waiting(stored, { entry: () => refused });
  const id = await propose();
  expect((await press('approve', id)).reason).toBe('refused');
  expect(await stateOf(id)).toMatchObject({ state: 'proposed' });
  expect((await press('deny', id)).reason).toBeNull();
  expect(await stateOf(id)).toMatchObject({ state: 'denied' });
});

it('only the asker allows a tool for the whole thread, and takes that back', async () => {
  const stored = await openStored();
  const { propose, press } = await waiting(stored);
  const id = await propose();
  expect((await press('always', id, { by: 'UADMIN' })).line).toBe(CALL_LINES.onlyAsker);
  expect((await press('always', id)).reason).toBeNull();
  expect(await stored.rows('select server, person from skein.tool_grants')).toEqual([
    { server: 'tracker', person: 'U1' },
  ]);
  expect((await press('ask_again', id, { by: 'UADMIN' })).line).toBe(CALL_LINES.onlyAsker);
  expect((await press('ask_again', id)).line).toBe(CALL_LINES.asksAgain);
  expect((await press('ask_again', id)).line).toBe(CALL_LINES.asksAlready);
  expect(await stored.rows('select 1 from skein.tool_grants')).toEqual([]);
});

it('a withheld result is shared or kept by its owner alone, once', async () => {
  const stored = await openStored();
  const { propose, press, stateOf } = await waiting(stored, {}, 'person');
  const shared = await propose({ reads: true, state: 'done', sharing: 'withheld' });
  const kept = await propose({ state: 'done', sharing: 'withheld' });
  expect((await press('share', shared, { by: 'U2', channel: 'D1' })).line).toBe(CALL_LINES.unknown);
  expect((await press('show_result', shared, { channel: 'D1' })).shows?.text).toBe('secret');
  expect((await press('share', shared, { channel: 'D1' })).reason).toBeNull();
  expect(await stateOf(shared)).toMatchObject({ sharing: 'released' });
  // Made up: the button is not under what changes something.
  expect((await press('share_always', kept, { channel: 'D1' })).line).toBe(CALL_LINES.over);
  expect((await press('keep', kept, { channel: 'D1' })).reason).toBeNull();
  expect((await press('share', kept, { channel: 'D1' })).reason).toBe('decided');
  expect(await stateOf(kept)).toMatchObject({ sharing: 'kept', result: null });
});

/** What may happen to a call, in any order and at once. */
const STEPS = [
  'approve',
  'deny',
  'always',
  'other approves',
  'same press again',
  'run',
  'end',
  'day passes',
  'sweep',
  'close',
  'stop',
  'edit',
  'begin anew',
] as const;

it('whatever happens in whatever order, a call is decided about once, and runs at most once and only approved', async () => {
  const stored = await openStored();
  const { query } = stored.database;
  const step = fc.constantFrom(...STEPS);
  const plan = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(plan, async (batches) => {
      const reply = await waiting(stored);
      const id = await reply.propose();
      const tool = `tracker/use-${id}`;
      const key = randomUUID();
      let ran = 0;
      let owner: Promise<unknown> = Promise.resolve();
      const doing: Record<(typeof STEPS)[number], () => Promise<unknown>> = {
        approve: () => reply.press('approve', id),
        deny: () => reply.press('deny', id),
        always: () => reply.press('always', id),
        'other approves': () => reply.press('approve', id, { by: 'U2' }),
        'same press again': () => reply.press('approve', id, { key }),
        // One owner of the reply, who does one thing after the other, and begins what it has read as approved.
        run: () =>
          (owner = owner.then(async () => {
            const [call] = await stored.rows<{ state: string }>(
              'select state from skein.tool_calls where id = $1',
              [id],
            );
            if (call?.state === 'approved' && (await beginRun(query, reply.lease, id))) ran += 1;
          })),
        end: () => endRun(query, reply.lease, id, { state: 'done', result: '[]', sharing: null }),
        'day passes': () =>
          stored.rows(
            `with anew as (update skein.replies set begun_at = begun_at - interval '25 hours' where id = $1)
             update skein.tool_calls set created_at = created_at - interval '25 hours' where reply = $1`,
            [reply.reply],
          ),
        sweep: () => sweepCalls(stored.database, 0),
        close: () => cards.expireOf(query, reply.reply),
        stop: () => requestStop(query, reply.reply, 'U1'),
        edit: () =>
          stored.rows('update skein.messages set edited_at = clock_timestamp() where id = $1', [
            reply.question,
          ]),
        'begin anew': () => beginAnew(stored.database, reply.lease, reply.reply),
      };
      for (const batch of batches) await Promise.all(batch.map((one) => doing[one]()));
      const done = await stored.rows<{ what: string }>(
        'select what from skein.deeds where tool = $1 order by id',
        [tool],
      );
      const story = done.map(({ what }) => what).join(' ');
      // The grant is told besides, and is no decision of its own.
      const told = story.replace(/tool_granted ?/, '').trim();
      expect(['', 'tool_approved', 'tool_denied', 'tool_expired', 'tool_approved tool_called']).toContain(
        told,
      );
      expect(ran).toBe(told.includes('tool_called') ? 1 : 0);
    }),
    { numRuns: 60 },
  );
}, 120_000);

it('no answer of a thread that was stopped, edited, deleted or replaced lets a call be approved', async () => {
  const stored = await openStored();
  const ends: readonly ((of: Awaited<ReturnType<typeof waiting>>) => Promise<unknown>)[] = [
    ({ reply }) => requestStop(stored.database.query, reply, 'U1'),
    ({ question }) =>
      stored.rows('update skein.messages set edited_at = clock_timestamp() where id = $1', [question]),
    ({ question }) =>
      stored.rows('update skein.messages set deleted_at = clock_timestamp() where id = $1', [question]),
    ({ reply }) => stored.rows('update skein.replies set version = 2, versions = 2 where id = $1', [reply]),
    ({ reply }) => stored.rows(`update skein.replies set state = 'shown' where id = $1`, [reply]),
    ({ reply, lease }) => beginAnew(stored.database, lease, reply),
  ];
  for (const end of ends) {
    const reply = await waiting(stored);
    const id = await reply.propose();
    await end(reply);
    expect((await reply.press('approve', id)).line).toBe(CALL_LINES.over);
    expect(await reply.stateOf(id)).toMatchObject({ state: 'expired' });
  }
});
