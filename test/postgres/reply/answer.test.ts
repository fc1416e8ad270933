import { drizzle } from 'drizzle-orm/node-postgres';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPurse } from '../../../src/budgets/purse.ts';
import { systemClock } from '../../../src/clock.ts';
import { beginVersion, continueReply, lockPressed, reopenReply } from '../../../src/controls/store.ts';
import { deleteMessage } from '../../../src/conversation/store.ts';
import { wordsOf } from '../../../src/conversation/transcript.ts';
import { enter } from '../../../src/ledger/store.ts';
import { NO_USAGE } from '../../../src/ledger/usage.ts';
import { type AnswerOptions, createAnswer } from '../../../src/reply/answer.ts';
import { createGiveUp } from '../../../src/reply/give-up.ts';
import { createPacer } from '../../../src/reply/pace/pacer.ts';
import { createPermit } from '../../../src/reply/permit.ts';
import type {
  EarlierMessage,
  Model,
  ModelEvent,
  Reader,
  SegmentContent,
  Surface,
  WriteOutcome,
} from '../../../src/reply/ports.ts';
import { isFirstShown } from '../../../src/reply/sent-files/store.ts';
import { lastLook, storedEnd } from '../../../src/reply/show/final-appearance.ts';
import { createStops } from '../../../src/reply/stops.ts';
import {
  beginCall,
  intendSegment,
  loadReply,
  markShown,
  placeSegment,
  requestStop,
} from '../../../src/reply/store.ts';
import { appendLog } from '../../../src/reply/write/store.ts';
import { broken, counted, scripted, started, stopped, text } from '../../spec/reply/model.ts';
import { DEFAULTS, openStored } from '../../support/stored.ts';

/** The real answering on a real database, with a model and a surface that the test sees. */
async function setUp(...calls: (readonly ModelEvent[])[]) {
  const stored = await openStored();
  const model = scripted(...calls);
  const shown: SegmentContent[] = [];
  const state = {
    /** Whether Slack tells names now. */
    names: true,
    earlier: null as readonly EarlierMessage[] | null,
    write: (_content: SegmentContent): Promise<WriteOutcome> | null => null,
  };
  const write = async (content: SegmentContent): Promise<WriteOutcome> => {
    const special = state.write(content);
    if (special !== null) return special;
    shown.push(content);
    return { kind: 'done', ts: '99.000000' };
  };
  const surface: Surface = {
    post: (_place, content) => write(content),
    update: (_place, _ts, content) => write(content),
    remove: async (_place, ts) => ({ kind: 'done', ts }),
    find: async () => null,
  };
  const reader: Reader = {
    again: async () => null,
    read: async (_team, messages) =>
      messages.map(({ raw }) => ({
        text: String(JSON.parse(raw).text),
        speakerName: state.names ? 'Ana' : null,
        complete: state.names,
      })),
    name: async () => 'Ana Ruiz',
    earlier: async () => state.earlier,
  };
  const options = (asked: Model) => ({
    database: stored.database,
    model: asked,
    surface,
    reader,
    pacer: createPacer({ clock: systemClock, updateRule: { limit: 1000, windowMs: 1000 } }),
    stops: createStops(),
    clock: systemClock,
    log: stored.log,
    pseudonym: () => 'someone',
  });
  type Asked = Awaited<ReturnType<typeof stored.ask>>;
  const leaseOf = ({ lease }: Asked, stop = new AbortController()) => ({
    stop,
    lease: {
      token: lease,
      signal: stop.signal,
      held: () => !stop.signal.aborted,
      confirm: async () => !stop.signal.aborted,
      offline: () => false,
    },
  });
  const jobOf = ({ lease, reply }: Asked) => ({
    mailbox: lease.mailbox,
    seq: 1,
    team: lease.team,
    name: 'answer',
    subject: reply,
    attempt: 1,
    failures: 0,
  });
  return {
    ...stored,
    model,
    reader,
    shown,
    state,
    last: () => shown.at(-1),
    turns: (call: number) =>
      model.requests[call]?.turns.map(({ role, blocks }) => `${role}: ${wordsOf(blocks, '')}`),
    answer: (asked: Asked, stop?: AbortController, more: Partial<AnswerOptions> = {}) => {
      const { lease } = leaseOf(asked, stop);
      return createAnswer({ ...options(model), ...more })(jobOf(asked), lease);
    },
    giveUp: (asked: Asked) =>
      createGiveUp(options(model))(jobOf(asked), leaseOf(asked).lease, new Error('as always')),
  };
}

const ANSWER = [started, text('An answer.'), counted(3), stopped()];
const REFUSED = broken('rejected', { code: 'MODEL_KEY_REJECTED', retryable: false });

it('a question that begins a thread costs four statements before the model has it, and a look at what is shown', async () => {
  const { database, ask, answer, model, log } = await setUp(ANSWER);
  const made: string[] = [];
  const query = drizzle(database.pool, { logger: { logQuery: (text) => made.push(text) } });
  const noted = { ...database, query };
  let before: string[] = [];
  const asks: Model = {
    ...model,
    stream(request, signal) {
      before = [...made];
      return model.stream(request, signal);
    },
  };
  const permit = createPermit({
    ...{ database: noted, defaults: DEFAULTS, clock: systemClock, bot: () => null, installed: () => true },
    gate: async () => ({ kind: 'open' }),
    aside: { whisper: async () => true, title: async () => true, ping: async () => true },
    purse: createPurse({ database: noted, clock: systemClock, log }),
  });
  await answer(await ask(), undefined, { database: noted, model: asks, permit });
  const tables = before.map((text) => {
    const [, table] = /(?:from|into|update) "skein"\."(\w+)"/.exec(text) ?? [];
    return table ?? /(?:from|into|update) skein\.(\w+)/.exec(text)?.[1];
  });
  // What is shown meanwhile: the intent of a message, and where it is.
  expect(tables.filter((table) => table !== 'segments')).toEqual([
    'replies',
    'settings',
    'messages',
    'replies',
  ]);
});

it('a budget that is set or raised after the settings were read holds for the first call already', async () => {
  for (const [before, during, calls] of [
    [null, '$0.00', 0],
    ['$0.01', '$50.00', 1],
  ] as const) {
    const { database, ask, answer, model, log, rows } = await setUp(ANSWER);
    const set = (value: string) =>
      rows(
        `insert into skein.settings (team, scope, scope_id, key, value, set_by)
         values ('T1', 'workspace', 'T1', 'budget_day', $1, 'U1')
         on conflict (team, scope, scope_id, key) do update set value = excluded.value`,
        [value],
      );
    if (before !== null) await set(before);
    const purse = createPurse({ database, clock: systemClock, log });
    const permit = createPermit({
      ...{ database, purse, defaults: DEFAULTS, clock: systemClock, bot: () => null, installed: () => true },
      async gate() {
        await set(during);
        return { kind: 'open' };
      },
      aside: { whisper: async () => true, title: async () => true, ping: async () => true },
    });
    await answer(await ask(), undefined, { permit, purse });
    expect(model.requests).toHaveLength(calls);
    expect(await rows('select error_code as code from skein.replies')).toEqual([
      { code: calls === 0 ? 'BUDGET_WORKSPACE_DAY' : null },
    ]);
  }
});

it('an answer is shown, stored behind its question, entered into the ledger, and never asked for again', async () => {
  const { database, ask, answer, last, model, rows } = await setUp(ANSWER);
  const asked = await ask();
  await answer(asked);
  expect(last()?.markdown).toBe('An answer.');
  expect(await loadReply(database.query, asked.reply)).toMatchObject({ state: 'shown', log: 'An answer.' });
  expect(await rows('select role, text from skein.messages order by id')).toMatchObject([
    { role: 'user' },
    { role: 'assistant', text: 'An answer.' },
  ]);
  expect(await rows('select estimated, output_tokens from skein.usage')).toEqual([
    { estimated: false, output_tokens: 3 },
  ]);
  await answer(asked);
  expect(model.requests).toHaveLength(1);
});

it.each(['is handed over', 'can not be read'])(
  'a last look that %s while nobody shows it fails its job and not the process',
  async (why) => {
    const { ask, answer, rows } = await setUp(ANSWER);
    const asked = await ask();
    await answer(asked);
    await rows(`update skein.replies set state = 'answered'`);
    const unhandled: unknown[] = [];
    const note = (thrown: unknown) => void unhandled.push(thrown);
    process.on('unhandledRejection', note);
    onTestFinished(() => void process.off('unhandledRejection', note));
    const stop = new AbortController();
    if (why === 'is handed over') stop.abort();
    else await rows('alter table skein.attachments rename to away');
    await expect(answer(asked, stop)).rejects.toThrow();
    // What nobody handles is told after the promises of this turn.
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  },
);

it('a press between the loading of a reply and its last look is not written over by that look, and its files still come', async () => {
  const { database, ask, answer, reader, rows } = await setUp(ANSWER);
  const asked = await ask();
  await answer(asked);
  await rows(`update skein.replies set state = 'answered'`);
  // Whoever takes the reply over has loaded it; the last look of the owner before is there to be pressed.
  const loaded = await loadReply(database.query, asked.reply);
  if (loaded === null) throw new Error('the reply is gone');
  await database.transaction(async (tx) => {
    const pressed = await lockPressed(tx, asked.reply, { team: 'T1', by: 'U1' });
    if (pressed !== null) await beginVersion(tx, pressed, loaded);
  });
  const { signal } = new AbortController();
  const parts = { database, reader, clock: systemClock };
  const { look, changes } = await lastLook(parts, loaded, storedEnd(loaded), loaded.log, signal);
  expect(JSON.stringify(look)).not.toContain('Version');
  await markShown(database.query, asked.lease, asked.reply, 'shown', changes);
  expect(await loadReply(database.query, asked.reply)).toMatchObject({
    state: 'writing',
    version: 2,
    log: '',
  });
  // The version that was asked for has not been shown: its files are still to come.
  expect(await isFirstShown(database.query, asked.reply)).toBe(true);
  await markShown(database.query, asked.lease, asked.reply, 'shown');
  expect(await isFirstShown(database.query, asked.reply)).toBe(false);
});

it('an answer that is over is shown as it ended, never as one that is being written', async () => {
  const { database, ask, answer, shown, rows } = await setUp([
    started,
    text('| a | b |\n| --- | --- |\n| 1 | 2'),
    counted(3),
    stopped('max_tokens'),
  ]);
  const asked = await ask();
  await answer(asked);
  const end = shown.at(-1);
  for (let time = 0; time < 2; time++) {
    const before = shown.length;
    await rows(`update skein.replies set state = 'answered'`);
    await answer(asked);
    expect(shown.slice(before)).toEqual([end]);
    expect(await loadReply(database.query, asked.reply)).toMatchObject({ state: 'shown' });
  }
});

it('an answer that is gone on with keeps all that was read of it, also half a table row at its end', async () => {
  const table = '| name | count |\n| --- | --- |\n| amber | 1 |\n| basin | 2';
  const { database, ask, answer, shown } = await setUp(
    [started, text(table), counted(9), stopped('max_tokens')],
    [
      started,
      text('name | count |\n| --- | --- |\n| amber | 1 |\n| basin | 2'),
      text('00 | '),
      text('\n'),
      counted(9),
      stopped(),
    ],
  );
  const asked = await ask();
  await answer(asked);
  const read = shown.length;
  expect(shown.at(-1)?.markdown).toContain('basin');
  await continueReply(database.query, asked.reply);
  await answer(asked);
  expect(shown.length).toBeGreaterThan(read);
  for (const { markdown } of shown.slice(read)) expect(markdown).toContain('basin');
  expect(shown.at(-1)?.markdown).toContain('200');
});

it('“Continue” after a failure shows the model its own half answer once', async () => {
  const { database, ask, answer, last, turns } = await setUp(
    [started, text('One two three four '), REFUSED],
    [started, text('three four five.'), counted(3), stopped()],
  );
  const asked = await ask();
  await answer(asked);
  expect(last()?.buttons[0]).toMatchObject({ label: 'Continue' });
  await reopenReply(database.query, asked.reply);
  await answer(asked);
  expect(turns(1)?.slice(0, 2)).toEqual(['user: [Ana]: words', 'assistant: One two three four']);
  expect(turns(1)).toHaveLength(3);
  expect(last()?.markdown).toBe('One two three four five.');
});

describe('an owner that comes after another', () => {
  it('which died while it wrote goes on after the log, and enters the cut call', async () => {
    const { database, ask, answer, last, rows } = await setUp([
      started,
      text('seen by all and more.'),
      counted(3),
      stopped(),
    ]);
    const asked = await ask();
    await beginCall(database.query, asked.lease, asked.reply, { from: 0, prompt: 12 });
    await appendLog(database.query, asked.lease, asked.reply, { at: 0, text: 'What was seen by all' });
    await answer(asked);
    expect(last()?.markdown).toBe('What was seen by all and more.');
    expect(
      await rows('select call, estimated, input_tokens, output_tokens from skein.usage order by call'),
    ).toEqual([
      // Its start was not heard of either: the prompt counts as it was estimated when it began.
      { call: 1, estimated: true, input_tokens: 12, output_tokens: 8 },
      { call: 2, estimated: false, input_tokens: 100, output_tokens: 3 },
    ]);
  });

  it('of a reply that was stopped meanwhile keeps the text and enters the cut call, and asks nothing', async () => {
    const { database, ask, answer, last, model, rows } = await setUp(ANSWER);
    const asked = await ask();
    await beginCall(database.query, asked.lease, asked.reply, { from: 0, prompt: 12 });
    await appendLog(database.query, asked.lease, asked.reply, { at: 0, text: 'What was seen' });
    await requestStop(database.query, asked.reply, 'U1');
    await answer(asked);
    expect(last()).toMatchObject({ markdown: 'What was seen' });
    expect(last()?.notice).toContain('Stopped by Ana Ruiz.');
    expect(model.requests).toHaveLength(0);
    expect(await rows('select call, estimated, output_tokens from skein.usage')).toEqual([
      { call: 1, estimated: true, output_tokens: 6 },
    ]);
  });

  it('of an answer that is complete shows it without asking', async () => {
    const { database, ask, answer, last, model, state } = await setUp(ANSWER);
    const asked = await ask();
    const stop = new AbortController();
    // The process is told to let go at the last edit.
    state.write = ({ buttons }) => {
      if (JSON.stringify(buttons).includes('reply_stop')) return null;
      stop.abort();
      return Promise.resolve({ kind: 'failed', code: 'SLACK_FAILED', message: 'the lease is lost' });
    };
    await expect(answer(asked, stop)).rejects.toThrow();
    // Not "shown": the last look was not.
    expect((await loadReply(database.query, asked.reply))?.state).toBe('answered');
    state.write = () => null;
    await answer(asked);
    expect(last()?.markdown).toBe('An answer.');
    expect(JSON.stringify(last()?.buttons)).not.toContain('reply_stop');
    expect((await loadReply(database.query, asked.reply))?.state).toBe('shown');
    expect(model.requests).toHaveLength(1);
  });
});

describe('a question that was deleted', () => {
  it('before anything was written is not answered', async () => {
    const { database, ask, answer, shown, model } = await setUp(ANSWER);
    const asked = await ask();
    await deleteMessage(database.query, asked.question);
    await answer(asked);
    expect(shown).toEqual([]);
    expect(model.requests).toEqual([]);
  });

  it('while it was being answered ends the answer as it stands, without a placeholder left behind', async () => {
    for (const log of ['', 'Half an']) {
      const { database, ask, answer, last, model } = await setUp(ANSWER);
      const asked = await ask();
      await intendSegment(database.query, asked.lease, asked.reply, 0);
      await placeSegment(database.query, asked.reply, 0, '99.000000');
      if (log !== '') {
        await beginCall(database.query, asked.lease, asked.reply, { from: 0, prompt: 12 });
        await appendLog(database.query, asked.lease, asked.reply, { at: 0, text: log });
      }
      await deleteMessage(database.query, asked.question);
      await answer(asked);
      expect(last()?.markdown).toBe(log);
      expect(last()?.notice).toContain('Stopped');
      expect(last()?.buttons.filter(({ action }) => action !== 'reply_rate')).toMatchObject([
        { label: 'Delete this answer' },
      ]);
      expect(model.requests).toEqual([]);
    }
  });
});

it('a thread that could be read only later brings no answer of ours a second time', async () => {
  const { ask, answer, turns, state, conversation, database } = await setUp(ANSWER);
  const id = await conversation({}, false);
  const asked = await ask('5.000000', id);
  await answer(asked);
  state.earlier = [
    { slackTs: '1.000000', role: 'user', speaker: 'U2', raw: '{"text":"before us"}' },
    {
      slackTs: '99.000000',
      role: 'assistant',
      speaker: null,
      raw: '{"text":"An answer. (as Slack has it)"}',
    },
  ];
  await database.pool.query('update skein.mailboxes set lease_owner = null, pending = 0');
  await answer(await ask('99.500000', id));
  expect(turns(1)).toEqual([
    'user: [Ana]: before us',
    'user: [Ana]: words',
    'assistant: An answer.',
    'user: [Ana]: words',
  ]);
});

it('a thread that can not be read is answered with a line that says so, and tried again at the next question', async () => {
  const { ask, answer, turns, state, conversation, database, last } = await setUp(ANSWER, ANSWER);
  const id = await conversation({}, false);
  await answer(await ask('5.000000', id));
  expect(last()?.notice).toContain('Slack did not let me read what was said in this thread before');
  state.earlier = [{ slackTs: '1.000000', role: 'user', speaker: 'U2', raw: '{"text":"before us"}' }];
  await database.pool.query('update skein.mailboxes set lease_owner = null, pending = 0');
  await answer(await ask('9.000000', id));
  expect(turns(1)?.[0]).toBe('user: [Ana]: before us');
  expect(last()?.notice ?? '').not.toContain('Slack did not let me read');
});

it('words whose names Slack did not tell are used once, and read again for the next question', async () => {
  const { ask, answer, turns, state, database, rows } = await setUp(ANSWER, ANSWER);
  state.names = false;
  await answer(await ask('5.000000'));
  expect(turns(0)).toEqual(['user: [Someone]: words']);
  expect(await rows("select text, blocks, speaker_name from skein.messages where role = 'user'")).toEqual([
    { text: null, blocks: null, speaker_name: null },
  ]);
  state.names = true;
  await database.pool.query('update skein.mailboxes set lease_owner = null, pending = 0');
  await answer(await ask('9.000000'));
  expect(turns(1)).toEqual(['user: [Ana]: words', 'assistant: An answer.', 'user: [Ana]: words']);
  expect(await rows("select speaker_name from skein.messages where role = 'user'")).toEqual([
    { speaker_name: 'Ana' },
    { speaker_name: 'Ana' },
  ]);
});

it('a reply that is given up keeps what people have read, on screen and for later questions', async () => {
  const { database, ask, giveUp, last, rows } = await setUp(ANSWER);
  const asked = await ask();
  await beginCall(database.query, asked.lease, asked.reply, { from: 0, prompt: 12 });
  const usage = { ...NO_USAGE, inputTokens: 10, outputTokens: 1 };
  const entry = {
    reply: asked.reply,
    call: 1,
    team: 'T1',
    channel: 'C1',
    person: 'U1',
    model: 'm',
    requestId: null,
  };
  await enter(database.query, { ...entry, usage, estimated: true, open: true }, '2026-11-22');
  await appendLog(database.query, asked.lease, asked.reply, { at: 0, text: 'What was seen by all' });
  await giveUp(asked);
  expect(last()?.markdown).toBe('What was seen by all');
  expect(last()?.notice).toContain('REPLY_GIVEN_UP');
  expect((await loadReply(database.query, asked.reply))?.state).toBe('failed');
  expect(await rows("select text from skein.messages where role = 'assistant'")).toEqual([
    { text: 'What was seen by all' },
  ]);
  expect(await rows('select input_tokens, output_tokens, estimated from skein.usage')).toEqual([
    { input_tokens: 10, output_tokens: 8, estimated: true },
  ]);
});

it('an answer with a character that Postgres cannot hold is stored without it', async () => {
  const { database, ask, answer } = await setUp([started, text('nul\0l and void'), counted(3), stopped()]);
  const asked = await ask();
  await answer(asked);
  expect(await loadReply(database.query, asked.reply)).toMatchObject({
    state: 'shown',
    log: 'null and void',
  });
});

it.each([
  ['of the words that came in it alone', 0, 12, 4000, 8],
  ['not of the words before it, which another call was paid for', 20, 5120, 4000, 8],
])(
  'a cut call is entered %s, however many tokens other calls of the answer had',
  async (_what, from, before, prompt, output) => {
    const { database, ask, answer, rows } = await setUp(ANSWER);
    const asked = await ask();
    const call = { team: 'T1', channel: 'C1', person: 'U1', model: 'claude-sonnet-4-6', requestId: null };
    await beginCall(database.query, asked.lease, asked.reply, { from: 0, prompt: 1 });
    const usage = { ...NO_USAGE, inputTokens: 10, outputTokens: before };
    await enter(
      database.query,
      { ...call, reply: asked.reply, call: 1, usage, estimated: false },
      '2026-11-22',
    );
    if (from > 0)
      await appendLog(database.query, asked.lease, asked.reply, { at: 0, text: 'x'.repeat(from) });
    await beginCall(database.query, asked.lease, asked.reply, { from, prompt });
    await appendLog(database.query, asked.lease, asked.reply, { at: from, text: 'What was seen by all' });
    await requestStop(database.query, asked.reply, 'U1');
    await answer(asked);
    expect(
      await rows('select estimated, input_tokens, output_tokens from skein.usage where call = 2'),
    ).toEqual([{ estimated: true, input_tokens: prompt, output_tokens: output }]);
  },
);
