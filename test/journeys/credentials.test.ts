import { expect, it } from 'vitest';
import { ana, ben, finishedReply, general, query, startWorld, type World } from './world.ts';

/** Slack refuses the bot's token from now on, until the returned function is called. */
function refuseToken(world: World, word = 'token_revoked'): () => void {
  return world.slack.faults.add({
    method: '*',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'error', error: word },
  });
}

const readyz = async (world: World) => {
  const answer = await fetch(`http://127.0.0.1:${world.bot.port}/readyz`);
  return { status: answer.status, body: await answer.json() };
};

/** Every job was begun and waits for its time, uncounted. */
async function waitingJobs(world: World, count: number): Promise<void> {
  const waiting = () =>
    query(
      world,
      `select j.attempts, j.failures from skein.jobs j join skein.mailboxes m on m.key = j.mailbox
           where j.done_at is null and m.next_at > now() + interval '30 seconds'`,
    );
  await expect.poll(waiting).toEqual(Array.from({ length: count }, () => ({ attempts: 0, failures: 0 })));
}

/** A minute later. */
async function dueNow(world: World): Promise<void> {
  await query(world, 'update skein.mailboxes set next_at = now() where next_at is not null');
}

it.each(['token_revoked', 'invalid_auth', 'account_inactive', 'token_expired', 'not_authed'])(
  'a token that dies (%s) fails no question: the process says so and asks to end, and the next one answers',
  async (word) => {
    const world = await startWorld({ script: () => ({ text: 'Better late.' }) });
    const mended = refuseToken(world, word);
    const first = world.slack.say(ana, general, '@skein are you there?');
    await waitingJobs(world, 1);
    const second = world.slack.say(ben, general, '@skein and for me?');
    await waitingJobs(world, 2);

    await expect
      .poll(() => world.fatal.map(({ code, facts }) => ({ code, word: facts['word'] })))
      .toEqual([{ code: 'SLACK_AUTH_FAILED', word }]);
    await expect
      .poll(() => readyz(world))
      .toMatchObject({ status: 503, body: { checks: { slack: 'SLACK_AUTH_FAILED' } } });
    await expect
      .poll(() => world.log.filter((line) => line['word'] === word && line['level'] === 'error'))
      .toHaveLength(1);
    const states = await query<{ state: string }>(world, 'select state from skein.replies');
    expect(states.filter(({ state }) => state === 'failed')).toEqual([]);
    expect(world.model.calls()).toEqual([]);

    mended();
    await dueNow(world);
    await world.restart();
    for (const { ts } of [first, second])
      expect((await finishedReply(world, general, ts)).visible).toContain('Better late.');
  },
);

it.each([
  ['edit', ['chat.update']],
  ['native', ['chat.startStream']],
  ['native', ['chat.appendStream', 'chat.stopStream', 'chat.update']],
])(
  'a token that dies while an answer is shown by %s (%j) keeps what was received, and the answer is finished later',
  async (streaming, refused) => {
    const world = await startWorld({
      // Slowly: an answer that is complete before its stream began would be one post.
      script: () => ({ text: 'One two three four five six seven eight.', tokensPerSecond: 3 }),
      env: { DEFAULT_STREAMING: streaming },
    });
    for (const method of [...refused, 'auth.test'])
      world.slack.faults.add({
        method,
        times: Number.POSITIVE_INFINITY,
        fault: { kind: 'error', error: 'token_revoked' },
      });
    const { ts } = world.slack.say(ana, general, '@skein count');
    await waitingJobs(world, 1);
    await expect.poll(() => world.fatal).toHaveLength(1);
    const paid = world.model.calls().length;
    world.slack.faults.clear();
    await dueNow(world);
    await world.restart();
    await world.slack.waitForMessage(
      ({ threadTs, visible }) =>
        threadTs === ts && visible.trim() === 'One two three four five six seven eight.',
    );
    expect(world.slack.thread(general, ts)).toHaveLength(2);
    // What was received is not asked for again.
    expect(world.model.calls().length).toBeLessThanOrEqual(paid + 1);
  },
);

it('a call that Slack refuses with such a word ends no process whose token it takes, and is tried again', async () => {
  const world = await startWorld({ script: () => ({ text: 'Still here.' }) });
  world.slack.faults.add({
    method: 'chat.postMessage',
    times: 2,
    fault: { kind: 'error', error: 'invalid_auth' },
  });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  expect((await finishedReply(world, general, ts)).visible).toContain('Still here.');
  expect(world.fatal).toEqual([]);
  expect(world.model.calls()).toHaveLength(1);
});

it.each(['socket', 'http'] as const)(
  'over %s, the app being taken out of the workspace ends the process with its reason',
  async (mode) => {
    const world = await startWorld({ mode });
    world.slack.uninstall();
    await expect.poll(() => world.fatal.map(({ code }) => code)).toEqual(['SLACK_AUTH_FAILED']);
    await expect.poll(() => readyz(world)).toMatchObject({ status: 503 });
  },
);

it('tokens of other people being revoked end nothing', async () => {
  const world = await startWorld({ script: () => ({ text: 'Not mine.' }) });
  const before = world.slack.calls('auth.test').length;
  world.slack.emit({ type: 'tokens_revoked', tokens: { oauth: [ana], bot: [] } });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  expect((await finishedReply(world, general, ts)).visible).toContain('Not mine.');
  expect(world.slack.calls('auth.test')).toHaveLength(before);
  expect(world.fatal).toEqual([]);
});

it('a question by command is kept while the token is dead, and posted and answered with the next one', async () => {
  const world = await startWorld({ script: () => ({ text: 'Asked in the end.' }) });
  for (const method of ['chat.postMessage', 'auth.test'])
    world.slack.faults.add({
      method,
      times: Number.POSITIVE_INFINITY,
      fault: { kind: 'error', error: 'token_revoked' },
    });
  await world.slack.slash(ana, general, '/skein', 'ask is this kept?');
  await waitingJobs(world, 1);
  expect(await query(world, 'select channel from skein.pending_questions')).toEqual([{ channel: general }]);
  world.slack.faults.clear();
  await dueNow(world);
  await world.restart();
  await world.slack.waitForMessage(({ visible }) => visible.includes('Asked in the end.'));
});
