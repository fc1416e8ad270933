import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { expect, it, onTestFinished } from 'vitest';
import type { ScriptTurn } from '../../playground/model/types.ts';
import { northwindWithHarbor } from '../../playground/slack/seed.ts';
import { docx, paragraph, pdf, xlsx } from '../support/office.ts';
import {
  ana,
  ben,
  dictation,
  finishedReply,
  general,
  query,
  startWorld,
  type World,
  type WorldOptions,
} from './world.ts';

const png = (width = 300, height = 200) =>
  sharp({ create: { width, height, channels: 3, background: 'red' } })
    .png()
    .toBuffer();

/** A world whose model notes the turns of its requests. */
async function reading(
  options: WorldOptions = {},
): Promise<{ world: World; asked: (readonly ScriptTurn[])[] }> {
  const asked: (readonly ScriptTurn[])[] = [];
  const world = await startWorld({
    ...options,
    script: (_question, { turns }) => {
      asked.push(turns);
      return { text: 'Seen.' };
    },
  });
  return { world, asked };
}

const file = (name: string, content: Buffer | string, mimetype = 'application/octet-stream') => ({
  name,
  mimetype,
  content,
});

it.each(['socket', 'http'] as const)(
  'pictures, a PDF, a sheet, a document and code are given to the model with the question (%s)',
  async (mode) => {
    const { world, asked } = await reading({ mode });
    const { ts } = world.slack.say(ana, general, '@skein what is this?', {
      files: [
        file('shot.png', await png(), 'image/png'),
        file('plan.pdf', pdf(3), 'application/pdf'),
        file('sales.xlsx', xlsx({ Sales: [['May', 12]] })),
        file('plan.docx', docx(paragraph('We ship on Friday.'))),
        file('a.py', 'print(1)'),
      ],
    });
    const reply = await finishedReply(world, general, ts);
    expect(reply.visible).not.toContain('Not read');
    const turn = asked[0]?.at(-1);
    expect(turn?.files).toMatchObject([
      { kind: 'image', width: 300, height: 200 },
      { kind: 'pdf', pages: 3, name: 'plan.pdf' },
    ]);
    expect(turn?.text).toContain('[file "shot.png": image, 300×200.');
    expect(turn?.text).toContain('[file "sales.xlsx": Excel workbook. ');
    expect(turn?.text).toContain('| May | 12 |');
    expect(turn?.text).toContain('We ship on Friday.');
    expect(turn?.text).toContain('[file "a.py": Python.');
    expect(turn?.text).toContain('[Ana Ruiz]: what is this?');
    // What a question of words alone has is sent as before, and files are known in later turns without Slack.
    const calls = world.slack.calls('files.info').length;
    world.slack.say(ana, general, '@skein and more?', { threadTs: ts });
    await finishedReply(world, general, ts, 2);
    expect(asked[1]?.[0]).toEqual(turn);
    expect(world.slack.calls('files.info')).toHaveLength(calls);
  },
);

it('a question that is only a file is a question', async () => {
  const { world, asked } = await reading();
  const { channel, ts } = world.slack.dm(ana, '', { files: [file('notes.txt', 'Buy milk.', 'text/plain')] });
  const reply = await finishedReply(world, channel, ts);
  expect(reply.visible).toBe('Seen.');
  expect(asked[0]?.at(-1)?.text).toContain('Buy milk.');
});

it.each(['socket', 'http'] as const)(
  'what can not be read is named under the answer with its reason, and told to the model (%s)',
  async (mode) => {
    const { world, asked } = await reading({ mode });
    const { ts } = world.slack.say(ana, general, '@skein and these?', {
      files: [
        file('report.key', Buffer.from('7f454c460201', 'hex')),
        file('secret.pdf', Buffer.concat([pdf(1), Buffer.from('trailer << /Encrypt 9 0 R >>')])),
        file('old.doc', Buffer.from('d0cf11e0a1b11ae1', 'hex')),
        file('fine.txt', 'All is well.'),
        file('cut.png', (await png()).subarray(0, 60), 'image/png'),
        file('many.pdf', pdf(101), 'application/pdf'),
      ],
    });
    const reply = await finishedReply(world, general, ts);
    expect(reply.visible).toContain('Seen.');
    expect(reply.visible).toContain('report.key (this kind of file I can’t read)');
    expect(reply.visible).toContain('secret.pdf (it has a password)');
    expect(reply.visible).toContain('old.doc (an Office format from before 2007');
    expect(reply.visible).toContain('cut.png (it could not be read)');
    expect(reply.visible).toContain('many.pdf (it has more pages than I can read)');
    expect(reply.visible).not.toContain('fine.txt');
    const text = asked[0]?.at(-1)?.text;
    expect(text).toContain(
      '[file "report.key": you can not see it, because it is of a kind that can not be read]',
    );
    expect(text).toContain('All is well.');
  },
);

it('files of others from above in the thread are read when the thread is', async () => {
  const { world, asked } = await reading();
  const { ts } = world.slack.say(ben, general, 'The plan:', { files: [file('plan.pdf', pdf(2))] });
  world.slack.say(ana, general, '@skein what does it say?', { threadTs: ts });
  await finishedReply(world, general, ts);
  expect(asked[0]?.[0]?.files).toMatchObject([{ kind: 'pdf', pages: 2 }]);
  expect(asked[0]?.[0]?.text).toContain('[Ben Okafor]: The plan:');
});

it('a screenshot sent as a message of its own right before the question is seen', async () => {
  const { world, asked } = await reading();
  world.slack.dm(ana, '', { files: [file('shot.png', await png(), 'image/png')] });
  await world.slack.waitForMessage(({ visible }) => visible.includes('Seen.'));
  world.slack.dm(ana, 'What is wrong here?');
  await world.slack.waitForMessage(
    ({ visible, ts }) => visible.includes('Seen.') && asked.length === 2 && ts !== '',
  );
  expect(asked[1]?.[0]).toMatchObject({ files: [{ kind: 'image', width: 300 }] });
});

it.each([
  ['a page', 'page'],
  ['the way to one', 'redirect'],
] as const)(
  'without the right to files Slack answers %s: it is told, and the answer comes',
  async (_what, form) => {
    const { world } = await reading();
    world.slack.withdraw('files:read');
    world.slack.signInBy(form);
    const { ts } = world.slack.say(ana, general, '@skein what is this?', { files: [file('a.txt', 'words')] });
    const reply = await finishedReply(world, general, ts);
    expect(reply.visible).toContain('Seen.');
    expect(reply.visible).toContain('a.txt (Slack doesn’t let me read it');
  },
);

it('a file of another company is asked for first', async () => {
  const { world, asked } = await reading({ slack: { seed: northwindWithHarbor } });
  const shared = [...world.slack.workspace.channels.values()].find((channel) => channel.shared !== null);
  const guest = shared?.members.find((id) => world.slack.workspace.people.get(id)?.team !== null);
  if (shared === undefined || guest === undefined) throw new Error('the seed has no shared channel');
  const { ts } = world.slack.say(guest, shared.id, 'Look:', { files: [file('theirs.csv', 'a,b\n1,2')] });
  world.slack.say(ana, shared.id, '@skein what is in it?', { threadTs: ts });
  await finishedReply(world, shared.id, ts);
  expect(world.slack.calls('files.info').length).toBeGreaterThan(0);
  expect(asked[0]?.[0]?.text).toContain('[file "theirs.csv": CSV.');
});

it('an image that can not be read itself is seen as the picture that Slack made of it', async () => {
  const { world, asked } = await reading();
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0', 'latin1');
  const { ts } = world.slack.say(ana, general, '@skein what is this?', {
    files: [{ ...file('photo.heic', heic, 'image/heic'), thumb: await png(200, 100) }],
  });
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toBe('Seen.');
  expect(asked[0]?.[0]?.files).toMatchObject([{ kind: 'image', width: 200, height: 100 }]);
});

it('of a clip the words that Slack wrote down are given, also when they come a moment later', async () => {
  const { world, asked } = await reading();
  const clip = { transcript: null, milliseconds: 4000 };
  const { channel, ts } = world.slack.dm(ana, '', {
    files: [{ ...file('audio_message.m4a', Buffer.from('xxxxftypM4A '), 'audio/mp4'), clip }],
  });
  await world.slack.waitForCall(({ method }) => method === 'files.info');
  const [id] = [...world.slack.workspace.files.keys()];
  const stored = world.slack.workspace.files.get(id ?? '');
  if (stored === undefined) throw new Error('no file');
  const value = { ...stored, clip: { ...clip, transcript: 'Please call me back.' } };
  world.slack.workspace.put({ table: 'file', key: value.id, value });
  const reply = await finishedReply(world, channel, ts);
  expect(reply.visible).toBe('Seen.');
  expect(asked[0]?.[0]?.text).toContain('what is said in it, as Slack wrote it down');
  expect(asked[0]?.[0]?.text).toContain('Please call me back.');
});

it('a long file is given in part, and both are told', async () => {
  const { world, asked } = await reading();
  const log = Array.from({ length: 30_000 }, (_, n) => `line ${n}`).join('\n');
  const { ts } = world.slack.say(ana, general, '@skein what went wrong?', { files: [file('a.log', log)] });
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('a.log (only a part of it, it is long)');
  expect(asked[0]?.at(-1)?.text).toContain('only a part of it, the rest was left out because it is too long');
  expect(asked[0]?.at(-1)?.text).toContain('line 29999');
});

it('what a file says is kept once for a workspace, and goes with the last message that has it', async () => {
  const { world } = await reading();
  const shared = [file('a.txt', 'the same words')];
  const first = world.slack.dm(ana, 'one', { files: shared });
  await finishedReply(world, first.channel, first.ts);
  const second = world.slack.dm(ana, 'two', { files: shared });
  await finishedReply(world, second.channel, second.ts);
  const kept = () => query<{ n: string }>(world, 'select count(*) as n from skein.contents');
  expect(await kept()).toEqual([{ n: '1' }]);
  for (const { channel, ts } of [first, second]) {
    world.slack.people.remove(ana, channel, ts);
    await world.slack.waitForDelivery(
      ({ payload, state }) =>
        state === 'acked' &&
        /tombstone/.test(JSON.stringify(payload)) &&
        JSON.stringify(payload).includes(ts),
    );
  }
  expect(await kept()).toEqual([{ n: '0' }]);
  expect(await query(world, 'select 1 from skein.attachments')).toEqual([]);
});

it('a file that Slack had no time for is tried again with the next question', async () => {
  const { world, asked } = await reading();
  world.slack.failDownloads(503);
  const { ts } = world.slack.say(ana, general, '@skein what is this?', { files: [file('a.txt', 'words')] });
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('a.txt (Slack didn’t give it to me: ask again in a moment)');
  world.slack.failDownloads(undefined);
  world.slack.say(ana, general, '@skein and now?', { threadTs: ts });
  const next = await finishedReply(world, general, ts, 2);
  expect(next.visible).toBe('Seen.');
  expect(asked[1]?.[0]?.text).toContain('words');
});

it('files that only one of the two events of a mention carries are read', async () => {
  const silent = dictation();
  const world = await startWorld({
    slack: { mentionFiles: false },
    script: (question) => ({ text: question.includes('```\nwords') ? 'Seen.' : silent.text }),
  });
  world.slack.disturb({ matches: ({ type }) => type === 'message', delayMs: 400 });
  const { ts } = world.slack.say(ana, general, '@skein what is this?', { files: [file('a.txt', 'words')] });
  await world.slack.waitForMessage((message) => message.threadTs === ts && message.visible.includes('Seen.'));
});

it('the token goes to no other host, whatever Slack redirects to', async () => {
  const { world } = await reading();
  const heard: string[] = [];
  const elsewhere = createServer((request, response) => {
    heard.push(request.headers.authorization ?? '');
    response.end('words');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void elsewhere.close());
  world.slack.withdraw('files:read');
  world.slack.signInBy({ elsewhere: `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/` });
  const { ts } = world.slack.say(ana, general, '@skein what is this?', { files: [file('a.txt', 'words')] });
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('a.txt (Slack doesn’t let me read it');
  expect(heard).toEqual([]);
});

it('a mention that is only a file is one, also where its event does not carry the file', async () => {
  const { world, asked } = await reading({ slack: { mentionFiles: false } });
  world.slack.disturb({ matches: ({ type }) => type === 'message', lost: true, times: 3 });
  const { ts } = world.slack.say(ana, general, '@skein', { files: [file('a.txt', 'words')] });
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toBe('Seen.');
  expect(asked[0]?.at(-1)?.text).toContain('```\nwords');
});

it('a request that the model refuses for a PDF is made again without it, and that is told', async () => {
  const { world, asked } = await reading();
  world.model.fault({ kind: 'status', status: 400, message: 'The PDF specified was not valid.' });
  const { ts } = world.slack.say(ana, general, '@skein what are these?', {
    files: [file('plan.pdf', pdf(2)), file('shot.png', await png(), 'image/png')],
  });
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('Seen.');
  expect(reply.visible).toContain('plan.pdf (Claude could not read it)');
  expect(asked.at(-1)?.at(-1)?.files).toMatchObject([{ kind: 'image' }]);
  expect(asked.at(-1)?.at(-1)?.text).toContain('[file "plan.pdf": you can not see it');
});

it('a file of a message that somebody forwarded is read', async () => {
  const { world, asked } = await reading();
  world.slack.say(ben, general, 'The plan:', { files: [file('plan.csv', 'when,what\nFriday,ship')] });
  const { payload } = await world.slack.waitForDelivery((one) =>
    JSON.stringify(one.payload).includes('plan.csv'),
  );
  const { files } = (payload as { event: { files: unknown[] } }).event;
  const { ts } = world.slack.say(ben, general, 'See this:');
  const message = world.slack.workspace.message(general, ts);
  if (message === undefined) throw new Error('no message');
  const forwarded = { is_share: true, author_name: 'Ben Okafor', text: 'The plan:', files };
  world.slack.workspace.putMessage({ ...message, attachments: [forwarded] });
  world.slack.say(ana, general, '@skein when do we ship?', { threadTs: ts });
  await finishedReply(world, general, ts);
  expect(asked[0]?.[0]?.text).toContain('[file "plan.csv": CSV.');
  expect(asked[0]?.[0]?.text).toContain('Friday,ship');
});

it('a file that is deleted in Slack is not kept, and later answers do not know it', async () => {
  const { world, asked } = await reading();
  const { channel, ts } = world.slack.dm(ana, 'What is this?', { files: [file('a.txt', 'secret words')] });
  await finishedReply(world, channel, ts);
  const [stored] = world.slack.workspace.files.values();
  if (stored === undefined) throw new Error('no file');
  const value = { ...stored, base64: null, deleted: true };
  world.slack.workspace.put({ table: 'file', key: value.id, value });
  world.slack.people.edit(ana, channel, ts, 'What is that?');
  await world.slack.waitForMessage(({ threadTs, visible }) => threadTs === ts && visible.includes('edited'));
  await expect.poll(() => query(world, 'select 1 from skein.contents')).toEqual([]);
  world.slack.dm(ana, 'And now?', { threadTs: ts });
  await finishedReply(world, channel, ts, 2);
  const text = asked[1]?.map((turn) => turn.text).join('\n');
  expect(text).not.toContain('secret words');
  expect(text).toContain('you can not see it, because it was deleted');
});

it('another version of an answer and another process are given the same files, without Slack', async () => {
  const { world, asked } = await reading();
  const { channel, ts } = world.slack.dm(ana, 'What is this?', {
    files: [file('shot.png', await png(), 'image/png')],
  });
  const reply = await finishedReply(world, channel, ts);
  world.slack.failDownloads(503);
  await world.restart();
  await world.slack.click(ana, { channel, ts: reply.ts, actionId: 'reply_regenerate' });
  await world.slack.waitForMessage(({ visible }) => visible.includes('Version 2 of 2'));
  await expect.poll(() => asked[1]?.at(-1)).toEqual(asked[0]?.at(-1));
  expect(asked[1]?.at(-1)?.files).toHaveLength(1);
});
