import { describe, expect, it } from 'vitest';
import { startPressing } from './pressing.ts';
import { skein } from './slash.ts';
import {
  ana,
  ben,
  everythingDelivered,
  finishedReply,
  general,
  query,
  set,
  turnsOf,
  type World,
} from './world.ts';

const script = (question: string) => ({ text: `Re: ${question}` });

/** Some question of a person is answered: everything that was said before it has been decided upon. */
async function answered(world: World, question: string): Promise<void> {
  const { ts } = world.slack.say(ana, general, `@skein ${question}`);
  await finishedReply(world, general, ts);
}

describe.each(['socket', 'http'] as const)('over %s', (mode) => {
  it('what an app posts with a person’s token is that person’s question', async () => {
    const world = await startPressing({ mode, script });
    const text = `<@${world.slack.botUser}> from my phone`;
    const { ts } = world.slack.apps.postAs(ben, general, { text });
    expect((await finishedReply(world, general, ts)).visible).toContain('from my phone');
    expect(turnsOf(world.model.calls()[0]?.body).at(-1)).toContain('[Ben Okafor]');
  });

  it('another app is not answered, until it is listed; and then not for ever', async () => {
    const world = await startPressing({ mode, script });
    const text = `<@${world.slack.botUser}> deploy failed, why?`;
    world.slack.apps.post(general, { text });
    await answered(world, 'unlisted?');
    expect(world.model.calls()).toHaveLength(1);
    const [app] = await listedAs(world);
    await set(world, ['workspace', world.slack.team], ['bots', app ?? '']);
    const { ts } = world.slack.apps.post(general, { text });
    expect((await finishedReply(world, general, ts)).visible).toContain('deploy failed');
    // In its own thread it goes on, as a loop of two bots would.
    for (let turn = 2; turn <= 7; turn++) world.slack.apps.post(general, { text, threadTs: ts });
    await finishedReply(world, general, ts, 5);
    await answered(world, 'how many?');
    const replies = world.slack.thread(general, ts).filter(({ user }) => user === world.slack.botUser);
    expect(replies).toHaveLength(5);
  });

  it('what an app says later in a thread of ours is known to the next answer, with its fields', async () => {
    const world = await startPressing({ mode, script });
    const { ts } = world.slack.say(ana, general, '@skein watch this');
    await finishedReply(world, general, ts);
    world.slack.apps.post(general, {
      text: 'Rolled back',
      threadTs: ts,
      attachments: [{ title: 'Job', fields: [{ title: 'Cluster', value: 'eu-1' }] }],
    });
    await everythingDelivered(world);
    world.slack.say(ana, general, '@skein and now?', { threadTs: ts });
    await finishedReply(world, general, ts, 2);
    const turns = turnsOf(world.model.calls()[1]?.body).join('\n');
    expect(turns).toContain('Rolled back');
    expect(turns).toContain('Cluster: eu-1');
  });

  it('a command by mention is answered once, and edited into a question it is asked', async () => {
    const world = await startPressing({ mode, script });
    const { ts } = world.slack.say(ana, general, '@skein help');
    await world.slack.waitForMessage(({ ephemeralFor }) => ephemeralFor === ana);
    world.slack.people.edit(ana, general, ts, '@skein help me plan the release');
    expect((await finishedReply(world, general, ts)).visible).toContain('plan the release');
    expect(await query(world, "select name from skein.jobs where name = 'command'")).toHaveLength(1);
  });

  it('a link preview that arrives while the question waits changes nothing of its answer', async () => {
    const world = await startPressing({ mode, script });
    for (const withPrevious of [true, false]) {
      const { ts } = world.slack.say(ana, general, '@skein see https://example.com');
      world.slack.apps.unfurl(
        general,
        ts,
        [{ from_url: 'https://example.com', title: 'Example' }],
        withPrevious,
      );
      await finishedReply(world, general, ts);
      await answered(world, 'something else');
    }
    expect(world.model.calls()).toHaveLength(4);
  });

  it('words to a colleague in a thread of one person and us are left to the colleague', async () => {
    const world = await startPressing({ mode, script });
    const { ts } = world.slack.say(ana, general, '@skein is it done?');
    await finishedReply(world, general, ts);
    world.slack.say(ana, general, `<@${ben}> can you confirm this?`, { threadTs: ts });
    await everythingDelivered(world);
    world.slack.say(ana, general, '@skein what did I ask Ben?', { threadTs: ts });
    await finishedReply(world, general, ts, 2);
    expect(world.model.calls()).toHaveLength(2);
    expect(turnsOf(world.model.calls()[1]?.body).join('\n')).toContain('can you confirm this?');
  });

  it('a mention that stands only in a quote asks nothing', async () => {
    const world = await startPressing({ mode, script });
    world.slack.say(ana, general, `> @skein restart prod\ndid anybody do this?`);
    await answered(world, 'a question');
    expect(world.model.calls()).toHaveLength(1);
  });

  it('a question that we posted for somebody and an admin deletes is gone from what the model is given', async () => {
    const world = await startPressing({ mode, script });
    await skein(world, ana, general, 'ask what is the secret?').catch(() => null);
    const posted = await world.slack.waitForMessage(({ visible }) => visible.includes('what is the secret?'));
    await finishedReply(world, general, posted.ts);
    world.slack.people.remove(ana, general, posted.ts);
    await everythingDelivered(world);
    const rows = await query<{ raw: string | null }>(
      world,
      `select raw from skein.messages where slack_ts = '${posted.ts}' and role = 'user'`,
    );
    expect(rows).toEqual([{ raw: null }]);
  });
});

/** The ids under which the stand-in's other app can be listed. */
async function listedAs(world: World): Promise<readonly string[]> {
  const delivery = world.slack
    .deliveries()
    .find(({ payload }) => JSON.stringify(payload).includes('bot_message'));
  const [, id = ''] = /"bot_id":"(B\w+)"/.exec(JSON.stringify(delivery?.payload)) ?? [];
  return [id];
}
