import { expect, it } from 'vitest';
import {
  ana,
  dictation,
  finishedReply,
  general,
  query,
  set,
  settled,
  startWorld,
  type World,
  type WorldOptions,
} from './world.ts';

const TABLE = '| city | people |\n| --- | --- |\n| Kyiv | 3,000,000 |\n| Lviv | "717" |';
const CODE = `\`\`\`python\n${Array.from({ length: 80 }, (_, n) => `print(${n})`).join('\n')}\n\`\`\``;

function answering(text: string, options: WorldOptions = {}): Promise<World> {
  return startWorld({ ...options, script: () => ({ text }) });
}

/** The files that the bot shared so far, with their words. */
function shared(world: World) {
  return [...world.slack.workspace.allMessages()]
    .filter(({ user, files }) => user === world.slack.botUser && files.length > 0)
    .flatMap(({ channel, threadTs, files }) =>
      files.map((id) => {
        const file = world.slack.workspace.files.get(id);
        const text = Buffer.from(file?.base64 ?? '', 'base64').toString();
        return { channel, threadTs, name: file?.name, alt: file?.alt, text };
      }),
    );
}

const oneShared = (world: World) =>
  world.slack.waitForMessage(({ user, files }) => user === world.slack.botUser && files.length > 0);

it.each(['socket', 'http'] as const)(
  'a table that is asked for as CSV comes as one beside the answer (%s)',
  async (mode) => {
    const world = await answering(`Here:\n\n${TABLE}\n\nDone.`, { mode });
    const { ts } = world.slack.say(ana, general, '@skein the cities as CSV, please');
    await finishedReply(world, general, ts);
    await settled(world);
    expect(shared(world)).toEqual([
      {
        channel: general,
        threadTs: ts,
        name: 'table.csv',
        alt: 'table, 3 lines',
        text: '\ufeffcity,people\r\nKyiv,"3,000,000"\r\nLviv,"""717"""\r\n',
      },
    ]);
  },
);

it('an answer that comes only when it is tried again brings its file', async () => {
  const world = await answering(`Here:\n\n${TABLE}\n\nDone.`);
  world.model.fault({ kind: 'status', status: 401 });
  const { ts } = world.slack.say(ana, general, '@skein the cities as CSV, please');
  const failed = await finishedReply(world, general, ts);
  expect(failed.visible).toContain('MODEL_KEY_REJECTED');
  await world.slack.click(ana, { channel: general, ts: failed.ts, actionId: 'reply_retry' });
  await oneShared(world);
  expect(shared(world)).toMatchObject([{ channel: general, threadTs: ts, name: 'table.csv' }]);
});

it('a deleted answer takes its files along, also one that Slack gives up only at a later try', async () => {
  const world = await answering(`Here:\n\n${TABLE}\n\n${CODE}`);
  const { ts } = world.slack.say(ana, general, '@skein the cities as CSV, please');
  const answer = await finishedReply(world, general, ts);
  await settled(world);
  expect(shared(world)).toMatchObject([{ name: 'table.csv' }, { name: 'code.py' }]);
  world.slack.faults.add({
    method: 'files.delete',
    fault: { kind: 'error', error: 'internal_error', when: 'after' },
  });
  await world.slack.click(ana, { channel: general, ts: answer.ts, actionId: 'reply_delete' });
  await expect
    .poll(async () => query(world, 'select state from skein.replies'))
    .toEqual([{ state: 'deleted' }]);
  expect(shared(world)).toMatchObject([{ text: '' }, { text: '' }]);
  expect([...world.slack.workspace.files.values()].map(({ deleted }) => deleted)).toEqual([true, true]);
});

it('long code comes as a file too, a short table does not', async () => {
  const world = await answering(`${TABLE}\n\n${CODE}`);
  const { ts } = world.slack.say(ana, general, '@skein write it');
  await finishedReply(world, general, ts);
  await settled(world);
  expect(shared(world)).toMatchObject([{ name: 'code.py', alt: 'python, 80 lines' }]);
});

it('with files_out off nothing comes beside the answer', async () => {
  const world = await answering(CODE);
  await set(world, ['channel', general], ['files_out', 'off']);
  const { ts } = world.slack.say(ana, general, '@skein write it');
  await finishedReply(world, general, ts);
  world.slack.say(ana, general, '@skein again', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  await settled(world, 2);
  expect(shared(world)).toEqual([]);
});

it.each([
  ['an upload is refused', 'files.getUploadURLExternal', 'file_uploads_disabled'],
  ['the share is refused', 'files.completeUploadExternal', 'posting_to_channel_denied'],
])('where %s the answer is there all the same, and the thread goes on', async (_what, method, error) => {
  const world = await answering(CODE);
  world.slack.faults.add({ method, times: Number.POSITIVE_INFINITY, fault: { kind: 'error', error } });
  const { ts } = world.slack.say(ana, general, '@skein write it');
  await finishedReply(world, general, ts);
  world.slack.say(ana, general, '@skein again', { threadTs: ts });
  const next = await finishedReply(world, general, ts, 2);
  expect(next.visible).toContain('print(79)');
  await settled(world, 2);
  expect(shared(world)).toEqual([]);
});

it('a share whose answer got lost is not made twice', async () => {
  const world = await answering(CODE);
  world.slack.faults.add({ method: 'files.completeUploadExternal', fault: { kind: 'drop', when: 'after' } });
  const { ts } = world.slack.say(ana, general, '@skein write it');
  await finishedReply(world, general, ts);
  await oneShared(world);
  world.slack.say(ana, general, '@skein again', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  await settled(world, 2);
  expect(shared(world)).toHaveLength(2);
});

it('a file whose note finds the disk of the database full is noted when there is room, and comes once', async () => {
  const world = await answering(CODE);
  // A sequence counts also what is rolled back.
  await query(
    world,
    `create sequence tries;
     create function no_room() returns trigger language plpgsql as $$ begin
       if nextval('tries') = 1 then raise exception 'no space left' using errcode = '53100'; end if;
       return new;
     end $$;
     create trigger no_room before update on skein.sent_files for each row when (new.state = 'over')
       execute function no_room()`,
  );
  world.slack.say(ana, general, '@skein write it');
  await settled(world);
  await expect.poll(() => query(world, 'select state from skein.sent_files')).toEqual([{ state: 'over' }]);
  expect(shared(world)).toHaveLength(1);
});

it('a file that is being shared when its process is told to end is noted by the next one, and comes once', async () => {
  const world = await answering(`${CODE}\n\n${CODE.replaceAll('print', 'say')}`);
  const method = 'files.completeUploadExternal';
  world.slack.faults.add({ method, fault: { kind: 'delay', ms: 500, when: 'after' } });
  world.slack.say(ana, general, '@skein write both');
  await oneShared(world);
  await world.restart();
  await settled(world);
  const states = () => query(world, 'select state from skein.sent_files order by at');
  await expect.poll(states).toEqual([{ state: 'over' }, { state: 'over' }]);
  expect(shared(world)).toHaveLength(2);
});

it('an answer whose channel is archived meanwhile reaches its asker as a file', async () => {
  const words = dictation();
  const world = await startWorld({ script: () => ({ text: words.text }) });
  const { ts } = world.slack.say(ana, general, '@skein what is it?');
  await world.slack.waitForMessage(({ threadTs, user }) => threadTs === ts && user === world.slack.botUser);
  world.slack.people.archive(general);
  words.say('The answer to everything.');
  words.end();
  await oneShared(world);
  const [file] = shared(world);
  expect(file).toMatchObject({ name: 'answer.md', text: 'The answer to everything.' });
  expect(world.slack.workspace.channels.get(file?.channel ?? '')?.kind).toBe('im');
  await expect.poll(() => query(world, 'select state from skein.sent_files')).toEqual([{ state: 'over' }]);
});
