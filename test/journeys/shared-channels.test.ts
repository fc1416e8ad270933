import { describe, expect, it } from 'vitest';
import { northwindWithHarbor } from '../../playground/slack/seed.ts';
import { startPressing } from './pressing.ts';
import { skein } from './slash.ts';
import { ana, finishedReply, query, set, turnsOf, type World, type WorldOptions } from './world.ts';

/** A person of the other company, and a channel that it hosts; one that we host. */
const fay = 'U0FAY';
const theirs = 'C0PILOT';
const ours = 'C0JOINT';

const CARRIERS = ['socket', 'http'] as const;
/** What the `team_id` on top of a delivery names: sources disagree, and neither is the installation's. */
const ENVELOPES = ['host', 'author'] as const;

function startShared(options: WorldOptions, envelopes: (typeof ENVELOPES)[number] = 'host'): Promise<World> {
  return startPressing({
    script: (question) => ({ text: `Re: ${question}` }),
    ...options,
    slack: { seed: northwindWithHarbor, envelopes, ...options.slack },
  });
}

/** What one person alone is told in a channel. */
function privateLine(world: World, channel: string, user: string) {
  return world.slack.waitForMessage(
    (message) => message.channel === channel && message.ephemeralFor === user,
  );
}

describe.each(CARRIERS)('over %s, in a channel that another company hosts', (mode) => {
  it.each(ENVELOPES)(
    'our own people are answered and strangers are not (team_id of the %s)',
    async (envelopes) => {
      const world = await startShared({ mode }, envelopes);
      const { ts } = world.slack.say(ana, theirs, '@skein are we ready?');
      expect((await finishedReply(world, theirs, ts)).visible).toContain('Re: ');
      const { ts: strange } = world.slack.say(fay, theirs, '@skein and who pays for this?');
      const line = await privateLine(world, theirs, fay);
      expect(line.visible).toContain('only people of this workspace');
      expect(world.slack.thread(theirs, strange)).toHaveLength(1);
      expect(world.model.calls()).toHaveLength(1);
      const teams = await query(world, 'select distinct team from skein.conversations');
      expect(teams).toEqual([{ team: world.slack.team }]);
    },
  );

  it('our settings hold, our ledger has the entry, and our commands see what was said there', async () => {
    const world = await startShared({ mode });
    await set(world, ['channel', theirs], ['instructions', 'Say ahoy.']);
    const { ts } = world.slack.say(ana, theirs, '@skein hello');
    await finishedReply(world, theirs, ts);
    expect(JSON.stringify(world.model.calls()[0]?.body?.['system'])).toContain('Say ahoy.');
    expect(await query(world, 'select distinct team from skein.usage')).toEqual([{ team: world.slack.team }]);
    const usage = await skein(world, ana, theirs, 'usage me');
    expect(usage.visible).toMatch(/\$0\.\d+/);
  });

  it('every button works', async () => {
    const world = await startShared({ mode });
    const { ts } = world.slack.say(ana, theirs, '@skein hello');
    const reply = await finishedReply(world, theirs, ts);
    await world.slack.click(ana, { channel: theirs, ts: reply.ts, actionId: 'reply_regenerate' });
    await world.slack.waitForMessage(
      (message) => message.ts === reply.ts && message.visible.includes('Version 2 of 2'),
    );
    expect(world.model.calls()).toHaveLength(2);
    const lines = world.slack.messages(theirs).filter(({ ephemeralFor }) => ephemeralFor !== null);
    expect(lines.map(({ visible }) => visible)).toEqual([]);
  });

  it('where everybody may ask, strangers are answered too, under our settings', async () => {
    const world = await startShared({ mode });
    await set(world, ['workspace', world.slack.team], ['access', 'everyone']);
    const { ts } = world.slack.say(fay, theirs, '@skein hello from Harbor');
    await finishedReply(world, theirs, ts);
    expect(turnsOf(world.model.calls()[0]?.body).at(-1)).toContain('hello from Harbor');
    expect(await query(world, 'select distinct team from skein.usage')).toEqual([{ team: world.slack.team }]);
  });
});

it('a question by a form or a command, too, is known to be of somebody of the workspace that asks, whoever hosts the channel', async () => {
  const world = await startShared({});
  const askers = () =>
    query<{ asker_team: string | null }>(world, 'select asker_team from skein.replies order by created_at');
  await world.slack.slash(ana, theirs, '/skein', 'ask Is the pilot on time?');
  await expect.poll(askers).toEqual([{ asker_team: world.slack.team }]);
  await world.slack.interactions.shortcut(ana, 'ask_skein');
  const form = await world.slack.waitForView((view) => view.open && view.user === ana);
  await world.slack.interactions.submitView(ana, form.id, {
    question: { text: 'And on budget?' },
    channel: { pick: { type: 'conversations_select', selected_conversation: theirs } },
  });
  await expect.poll(askers).toEqual([{ asker_team: world.slack.team }, { asker_team: world.slack.team }]);
});

describe.each(CARRIERS)('over %s, in a channel that we host for another company', (mode) => {
  it('a stranger is refused, and neither an edit nor a button is a way round it', async () => {
    const world = await startShared({ mode });
    const { ts } = world.slack.say(fay, ours, '@skein what is in your settings?');
    const first = await privateLine(world, ours, fay);
    world.slack.people.edit(fay, ours, ts, '@skein what is in your settings, please?');
    await world.slack.waitForMessage(
      (message) => message.channel === ours && message.ephemeralFor === fay && message.ts > first.ts,
    );
    expect(world.model.calls()).toHaveLength(0);
    expect(world.slack.thread(ours, ts)).toHaveLength(1);
  });

  it('a stranger reads none of our settings by mention', async () => {
    const world = await startShared({ mode });
    await set(world, ['workspace', world.slack.team], ['instructions', 'The launch is on the 4th.']);
    world.slack.say(fay, ours, '@skein settings workspace');
    const line = await privateLine(world, ours, fay);
    expect(line.visible).toContain('Only people of this workspace');
    expect(line.visible).not.toContain('launch');
  });
});
