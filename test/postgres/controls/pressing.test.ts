import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createPress } from '../../../src/controls/press.ts';
import { createPressing } from '../../../src/controls/pressing.ts';
import { createLog } from '../../../src/log.ts';
import { createGate } from '../../../src/people/gate.ts';
import type { Person } from '../../../src/people/person.ts';
import { action } from '../../spec/admission/make.ts';
import { DEFAULTS, openStored } from '../../support/stored.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

/** Budgets are raised in journeys, with people and settings. */
const NOT_RAISED = { reason: 'not_here', line: null };

/** A shown answer to a question of U1, and what people are told. `people`: what Slack says of those that differ. */
async function setUp(people: Record<string, Partial<Person> | 'unreachable'> = {}) {
  const stored = await openStored();
  const asked = await stored.ask();
  await stored.answer(asked);
  await stored.rows(`update skein.replies set state = 'shown'`);
  await stored.say(asked.conversation, '1.500000', 'me too', 'U2');
  const state = { failures: [] as Error[] };
  const told: string[] = [];
  const clock = createVirtualClock();
  const log = createLog('error', { write: () => {} });
  const database = {
    ...stored.database,
    async transaction<T>(work: Parameters<typeof stored.database.transaction<T>>[0]): Promise<T> {
      const done = await stored.database.transaction(work);
      const failure = state.failures.shift();
      if (failure !== undefined) throw failure;
      return done;
    },
  };
  const gate = createGate({
    database: stored.database,
    defaults: DEFAULTS,
    people: {
      of: async (team, id) => {
        const more = people[id] ?? {};
        const person = { team, id, name: null, kind: 'member' as const, admin: false, deactivated: false };
        return more === 'unreachable' ? more : { ...person, ...more };
      },
    },
  });
  const hands = { newId: randomUUID, claimant: () => null, begin: () => {} };
  const pressing = createPressing({
    press: createPress({ ...hands, database, defaults: DEFAULTS, gate, raise: async () => NOT_RAISED }),
    tell: async (_at, user, line) => told.push(`${user}: ${line}`) > 0,
    reasons: { ask: async (_at, user) => void told.push(`${user} gets the form`) },
    calls: async () => ({ reason: 'no_call', line: null }),
    whole: { show: async () => {} },
    clock,
    log,
  });
  let presses = 0;
  /** A press of its own each time, by U1 unless told; `trigger` says which one it is. */
  const press = (
    control: string,
    rest: string,
    more: Parameters<typeof action>[0] = {},
    trigger = `t${++presses}`,
  ) =>
    pressing.take(
      action({
        actionId: `reply_${control}`,
        value: `${asked.reply}${rest}`,
        triggerId: { reveal: () => trigger },
        ...more,
      }),
    );
  const restrict = () =>
    stored.rows(
      `insert into skein.settings (team, scope, scope_id, key, value, set_by) values ('T1', 'workspace', 'T1', 'access', 'members', 'U0')`,
    );
  const one = async () => (await stored.rows('select state, version, stopped_by from skein.replies'))[0];
  const jobs = async () => (await stored.rows('select 1 from skein.jobs')).length;
  return { ...stored, asked, state, told, clock, pressing, press, restrict, one, jobs };
}
const cut = () => Object.assign(new Error('terminated by the administrator'), { code: '57P01' });

it('“Try again” makes one job a press, however often and at once it is pressed, also if no call was ever made', async () => {
  const { press, rows, jobs } = await setUp();
  for (let round = 1; round <= 3; round++) {
    await rows(
      `update skein.replies set state = 'failed', stop_reason = 'failed', error_code = 'REPLY_GIVEN_UP'`,
    );
    const pressed = await Promise.all(Array.from({ length: 6 }, () => press('retry', '')));
    expect(pressed.filter((one) => one?.reason === null)).toHaveLength(1);
    expect(await jobs()).toBe(1 + round);
  }
});

it('Stop is kept for whoever writes the reply, and is nobody’s from outside the thread or the workspace', async () => {
  const { press, rows, one } = await setUp();
  await rows(`update skein.replies set state = 'writing'`);
  expect(await press('stop', '', { user: 'U9' })).toMatchObject({ reason: 'not_in_thread' });
  expect(await press('stop', '', { team: 'T2' })).toMatchObject({ reason: 'unknown_reply' });
  expect(await one()).toMatchObject({ stopped_by: null });
  expect(await press('stop', '')).toMatchObject({ reason: null });
  expect(await one()).toMatchObject({ stopped_by: 'U1' });
  expect(await press('stop', '', { value: randomUUID() })).toMatchObject({ reason: 'unknown_reply' });
  expect(await press('stop', '', { value: 'anything' })).toBeNull();
});

it('an opinion whose commit was not heard of stands after the next try, and a new press takes it back', async () => {
  const { press, rows, state, told, clock } = await setUp();
  const opinions = () => rows('select verdict from skein.feedback');
  for (const expected of [[{ verdict: 'good' }], []]) {
    state.failures = [cut()];
    const pressed = press('rate', ':1:good');
    await expect.poll(() => told.filter((line) => line.includes('database'))).toHaveLength(1);
    await clock.advance(500);
    expect(await pressed).toMatchObject({ reason: null });
    expect(await opinions()).toEqual(expected);
    expect(told.pop()).toMatch(expected.length === 1 ? /Noted: this answer is good/ : /Taken back/);
    told.length = 0;
  }
});

it('a press whose commit was not heard of is carried out once, without a word about an old button', async () => {
  const { press, state, told, clock, one, jobs } = await setUp();
  state.failures = [cut()];
  const pressed = press('regenerate', ':0');
  await expect.poll(() => told).toHaveLength(1);
  await clock.advance(500);
  expect(await pressed).toEqual({ reason: null, line: null });
  expect(await one()).toMatchObject({ state: 'writing', version: 2 });
  expect(await jobs()).toBe(2);
  expect(told).toEqual(['U1: My database is away at the moment. I do this as soon as it is back.']);
});

describe('a press that could not be carried out is told', () => {
  const notDone = 'U1: I could not do that just now. Please press again in a moment.';

  it('when the database stays away, and when it refuses for another reason', async () => {
    const { press, state, told, clock, rows } = await setUp();
    state.failures = [Object.assign(new Error('violates a rule'), { code: '23514' })];
    expect(await press('rate', ':1:good')).toMatchObject({ reason: 'failed' });
    expect(told).toEqual([notDone]);

    await rows('alter table skein.feedback rename to gone');
    await press('rate', ':1:good');
    expect(told).toEqual([notDone, notDone]);
    await rows('alter table skein.gone rename to feedback');

    state.failures = [cut(), cut()];
    const pressed = press('rate', ':1:bad', { triggerId: null });
    await expect.poll(() => told.length).toBe(3);
    await clock.advance(61_000);
    expect(await pressed).toMatchObject({ reason: 'failed' });
    expect(told.at(-1)).toBe(notDone);
  });

  it('when the process ends while it waits', async () => {
    const { press, pressing, state, told } = await setUp();
    state.failures = [cut(), cut()];
    void press('rate', ':1:good', { triggerId: null });
    await expect.poll(() => told).toHaveLength(1);
    await pressing.stop();
    expect(told.at(-1)).toBe(notDone);
  });
});

describe('the gate', () => {
  const OPENING = [
    ['Regenerate', 'regenerate', ':0', {}],
    ['Try again', 'retry', ':0', { state: 'failed', error_code: 'REPLY_GIVEN_UP' }],
    ['Continue', 'continue', ':0', { stop_reason: 'max_tokens' }],
  ] as const;

  describe.each(OPENING)('is asked again by %s', (_name, control, rest, facts) => {
    async function opened(people: Parameters<typeof setUp>[0], by = 'U1') {
      const world = await setUp(people);
      for (const [column, value] of Object.entries(facts))
        await world.rows(`update skein.replies set ${column} = $1`, [value]);
      const before = await world.one();
      const pressed = await world.press(control, rest, { user: by });
      return { ...world, pressed, unchanged: async () => expect(await world.one()).toEqual(before) };
    }

    it('and lets in who may', async () => {
      const { pressed, one, jobs } = await opened({});
      expect(pressed).toEqual({ reason: null, line: null });
      expect(await one()).toMatchObject({ state: 'writing' });
      expect(await jobs()).toBe(2);
    });

    it.each<[string, Partial<Person>, string]>([
      ['became a guest', { kind: 'guest' }, 'I do not answer guests of the workspace here.'],
      ['is of another company', { kind: 'stranger' }, 'I answer only people of this workspace here.'],
      ['was deactivated', { deactivated: true }, 'This account is deactivated'],
    ])('and not who %s', async (_what, more, line) => {
      const { pressed, told, unchanged, jobs } = await opened({ U1: more });
      expect(pressed).toMatchObject({ reason: 'refused' });
      expect(told).toEqual([expect.stringContaining(`U1: ${line}`)]);
      await unchanged();
      expect(await jobs()).toBe(1);
    });

    it('and not a colleague for somebody who lost the right', async () => {
      const { pressed, told, unchanged } = await opened({ U1: { deactivated: true } }, 'U2');
      expect(pressed).toMatchObject({ reason: 'asker_refused' });
      expect(told).toEqual([
        expect.stringMatching(/^U2: The person who asked this may not ask here any more/),
      ]);
      await unchanged();
    });

    it('and not an outsider for somebody who has the right', async () => {
      const { told, unchanged } = await opened({ U2: { kind: 'stranger' } }, 'U2');
      expect(told).toEqual([expect.stringContaining('U2: I answer only people of this workspace')]);
      await unchanged();
    });
  });

  it('waits for Slack only where a rule was made', async () => {
    const { press, restrict, told, one } = await setUp({ U1: 'unreachable' });
    await restrict();
    expect(await press('regenerate', ':0')).toMatchObject({ reason: 'cannot_check' });
    expect(told).toEqual(['U1: I could not check with Slack who you are. Please try again in a moment.']);
    expect(await one()).toMatchObject({ state: 'shown' });
  });

  it('lets nobody in whom Slack does not tell of where a rule was made, and anybody of ours where none was', async () => {
    const { press, restrict, rows } = await setUp({ U1: { kind: 'unknown' } });
    expect(await press('regenerate', ':0')).toMatchObject({ reason: null });
    await rows(`update skein.replies set state = 'shown'`);
    expect(await press('regenerate', ':1', { userTeam: 'T2' })).toMatchObject({ reason: 'refused' });
    await restrict();
    expect(await press('regenerate', ':1')).toMatchObject({ reason: 'refused' });
  });

  it('is not asked for what makes no answer', async () => {
    const { press, rows, one } = await setUp({ U1: { kind: 'guest' } });
    expect(await press('rate', ':1:good')).toMatchObject({ reason: null });
    await rows(`update skein.replies set state = 'writing'`);
    expect(await press('stop', '')).toMatchObject({ reason: null });
    await rows(`update skein.replies set state = 'shown'`);
    expect(await press('delete', ':0')).toMatchObject({ reason: null });
    expect(await one()).toMatchObject({ state: 'removing' });
  });
});
