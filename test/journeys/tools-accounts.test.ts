import { expect } from 'vitest';
import type { ScriptedPart, ScriptRequest } from '../../playground/model/types.ts';
import { answered, cardWith, lastGiven, press, rests, rounds, says } from './cards.ts';
import { it } from './carriers.ts';
import {
  enters,
  linkIn,
  modal,
  press as pressView,
  signIn,
  startToolWorld,
  toolServer,
  typed,
} from './connecting.ts';
import { skein } from './slash.ts';
import { ana, ben, general, query, type World } from './world.ts';

const PUBLIC = { PUBLIC_URL: 'http://127.0.0.1:3000' };
const ANA = { name: 'Ana', account: 'ana' };

let count = 0;
const call = (name: string, input: unknown = {}): ScriptedPart => ({
  call: { type: 'tool_use', id: `toolu_${++count}`, name: `desk__${name}`, input },
});

/** The last word that a person wrote. */
function lastWord({ turns }: ScriptRequest): string {
  return (
    turns
      .findLast(({ role, text }) => role === 'user' && text.trim() !== '')
      ?.text.split(' ')
      .at(-1) ?? ''
  );
}

/** A world with a server where each person has an account of their own; the admin has linked theirs and accepted its tools. */
async function startAccounts(mode: 'socket' | 'http') {
  const server = await toolServer({ auth: 'oauth' });
  const world = await startToolWorld({
    mode,
    env: PUBLIC,
    script: (question, request) =>
      rounds([call('who_am_i')], [{ text: `That was ${lastWord(request)}.` }])(question, request),
  });
  const form = await typed(world, ana, 'tools connect', 'Test and connect');
  await enters(world, ana, form, { name: 'desk', url: server.url, account: 'person', where: 'channel' });
  const view = await modal(world, ana, 'desk is connected');
  const [row] = await query<{ id: string }>(world, 'select id from skein.tool_servers');
  await pressView(world, ana, view, `tools_link_${row?.id}`);
  const link = await modal(world, ana, 'Link your account at desk');
  await signIn(world, server, linkIn(link.content), ANA);
  await pressView(world, ana, link, `tools_linked_${row?.id}`);
  const linked = await modal(world, ana, '✓ your account is linked');
  await pressView(world, ana, linked, 'tools_test');
  await pressView(world, ana, await modal(world, ana, 'These are its tools.'), 'tools_accept');
  await modal(world, ana, 'The list of now is accepted.');
  return { world, server, view: linked };
}

const whispered = (world: World, user: string, words: string) =>
  world.slack.waitForMessage(
    ({ ephemeralFor, visible }) => ephemeralFor === user && visible.includes(words),
    { timeoutMs: 30_000 },
  );

const sharing = (world: World, wanted: readonly (string | null)[]) =>
  expect
    .poll(async () =>
      (
        await query<{ sharing: string | null }>(
          world,
          'select sharing from skein.tool_calls order by created_at',
        )
      ).map((one) => one.sharing),
    )
    .toEqual(wanted);

it('an answer goes on by itself when its account is linked in a browser; what is always shared in a thread is listed by context, and asked about again when that is taken back', async (mode) => {
  const { world, server } = await startAccounts(mode);
  const { ts } = world.slack.say(ben, general, '@skein who first');
  const link = await whispered(world, ben, 'I need your own account at desk');
  await rests(world);
  expect(server.calls()).toEqual([]);
  // Nothing wakes the answer but the browser that comes back.
  await signIn(world, server, linkIn(link.blocks));
  const card = await cardWith(world, 'share_always', ({ visible }) => visible.includes('You are ben'));
  expect(card.channel).toMatch(/^D/);
  await press(world, ben, card, 'share_always');
  await answered(world, ts, 'That was first.');
  expect(lastGiven(world)).toContain('You are ben');
  const shared = await says(world, card, 'not asked again in this thread');
  expect(shared.visible).toContain('shared with the thread');
  expect(shared.visible).not.toContain('You are ben');

  world.slack.say(ben, general, '@skein who other', { threadTs: ts });
  await answered(world, ts, 'That was other.');
  await sharing(world, ['released', null]);

  // Others read what holds for whom, and have nothing to take back.
  const [mine, others] = [await contextFor(world, ben, ts), await contextFor(world, ana, ts)];
  expect(mine.visible).toMatch(
    /Tools of desk: .*Find tickets.* at once; .*Create a ticket.* after somebody agreed/,
  );
  expect(mine.visible).toContain('Who is signed in of desk, for your questions');
  expect(others.visible).toContain('Who is signed in of desk, for questions of Ben Okafor');
  expect(JSON.stringify(others.blocks)).not.toContain('command_ask_again');
  await world.slack.click(ben, { channel: general, ts: mine.ts, actionId: 'command_ask_again' });
  await whispered(world, ben, 'From now on I ask you again before I use this tool');
  expect(await query(world, 'select 1 from skein.tool_grants')).toEqual([]);
  world.slack.say(ben, general, '@skein who third', { threadTs: ts });
  await cardWith(world, 'keep', ({ ts: at, visible }) => at !== card.ts && visible.includes('You are ben'));
  await sharing(world, ['released', null, 'withheld']);
  expect((await skein(world, ben, general, 'context')).visible).not.toContain('without asking again');
});

it('the private card of what is always shared takes that back as well; who unlinks, and a server that is removed, has accounts revoked at the provider', async (mode) => {
  const { world, server } = await startAccounts(mode);
  const { ts } = world.slack.say(ben, general, '@skein who first');
  await signIn(
    world,
    server,
    linkIn((await whispered(world, ben, 'I need your own account at desk')).blocks),
  );
  const card = await cardWith(world, 'share_always', ({ visible }) => visible.includes('You are ben'));
  await press(world, ben, card, 'share_always');
  await answered(world, ts, 'That was first.');
  const shared = await cardWith(world, 'ask_again', (message) => message.ts === card.ts);
  await press(world, ben, shared, 'ask_again');
  await expect.poll(() => query(world, 'select 1 from skein.tool_grants')).toEqual([]);
  await says(world, card, 'shared with the thread');

  expect((await skein(world, ana, general, 'doctor')).visible).toMatch(
    /Accounts at desk\W+it says how people link their accounts/,
  );
  // Unlinking and removing revoke at the provider; nobody waits for that.
  expect(server.oauth.grants().map(({ account }) => account)).toEqual(['ana', 'ben']);
  expect((await skein(world, ben, general, 'tools unlink desk')).visible).toContain('is unlinked');
  await expect.poll(() => server.oauth.grants().map(({ account }) => account)).toEqual(['ana']);
  await pressView(world, ana, await typed(world, ana, 'tools', 'desk'), `tools_details_${await only(world)}`);
  await pressView(world, ana, await modal(world, ana, 'What it can do'), 'tools_remove');
  await modal(world, ana, 'desk is removed');
  await expect.poll(() => server.oauth.grants()).toEqual([]);
});

async function only(world: World): Promise<string> {
  const [row] = await query<{ id: string }>(world, 'select id from skein.tool_servers');
  return row?.id ?? '';
}

/** What `@skein context` answers in a thread, to one person alone. */
async function contextFor(world: World, user: string, threadTs: string) {
  const seen = new Set(world.slack.messages(general).map(({ ts }) => ts));
  world.slack.say(user, general, '@skein context', { threadTs });
  const answer = await world.slack.waitForMessage(
    ({ ts, ephemeralFor, visible }) =>
      ephemeralFor === user && !seen.has(ts) && visible.includes('What Claude is given of this thread'),
    { timeoutMs: 30_000 },
  );
  return { ...answer, visible: answer.visible.replaceAll('`', '') };
}
