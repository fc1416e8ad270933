import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { ScriptTurn } from '../../playground/model/types.ts';
import type { SharedFile } from '../../playground/slack/people.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { READ_MS } from '../../src/files/limits.ts';
import { docx, openDocument, paragraph, pdf, pptx, xlsx } from '../support/office.ts';
import { zipOf } from '../support/zip.ts';
import { ana, finishedReply, general, startWorld } from './world.ts';

const picture = (side = 40) => sharp({ create: { width: side, height: 30, channels: 3, background: 'red' } });
const file = (name: string, content: Buffer | string, more: Partial<SharedFile> = {}): SharedFile => ({
  ...{ name, content, mimetype: 'application/octet-stream' },
  ...more,
});
const latin = (text: string) => Buffer.from(text, 'latin1');
/** What HEIC and broken images are, to whoever can't read them. */
const heic = latin('\0\0\0\x18ftypheic\0\0\0\0');
const clip = { transcript: 'Please call me back.', milliseconds: 4000 };
const mail = 'From: ben@example.com\r\nSubject: Plan\r\nMIME-Version: 1.0\r\n\r\nWe ship on Friday.';
/** A bitmap of one line of two pixels, as Windows writes it: head, red, green, and blanks up to four bytes. */
const bmp = () => {
  const head = Buffer.alloc(54);
  head.write('BM');
  for (const [at, value] of [
    [2, 62],
    [10, 54],
    [14, 40],
    [18, 2],
    [22, 1],
  ] as const)
    head.writeInt32LE(value, at);
  head.writeInt16LE(1, 26);
  head.writeInt16LE(24, 28);
  return Buffer.concat([head, Buffer.from([0, 0, 255, 0, 255, 0, 0, 0])]);
};

/** What people share, and what the model is given of it: words that it is told, or a picture or PDF of this form. */
const GIVEN: readonly (readonly [SharedFile, string | object])[] = [
  [file('a.png', await picture().png().toBuffer()), { kind: 'image', mediaType: 'image/png', width: 40 }],
  [file('a.jpg', await picture().jpeg().toBuffer()), { kind: 'image', mediaType: 'image/jpeg' }],
  [file('a.gif', await picture().gif().toBuffer()), { kind: 'image', mediaType: 'image/png' }],
  [file('a.webp', await picture().webp().toBuffer()), { kind: 'image', mediaType: 'image/jpeg' }],
  [file('a.tiff', await picture().tiff().toBuffer()), { kind: 'image', mediaType: 'image/jpeg' }],
  [
    file('a.avif', await picture().avif({ effort: 0 }).toBuffer()),
    { kind: 'image', mediaType: 'image/jpeg' },
  ],
  [file('a.bmp', bmp()), { kind: 'image', width: 2, height: 1 }],
  // Slack's own picture of what can't be read.
  [file('a.heic', heic, { thumb: await picture(64).png().toBuffer() }), { kind: 'image', width: 64 }],
  [file('lies.pdf', await picture().png().toBuffer()), { kind: 'image', mediaType: 'image/png' }],
  [file('a.pdf', pdf(7)), { kind: 'pdf', pages: 7, name: 'a.pdf' }],
  [file('a.txt', 'Buy milk.'), '[file "a.txt": text.'],
  [file('a.py', 'print(42)'), '[file "a.py": Python.'],
  [file('a.csv', 'a,b\n1,2'), '[file "a.csv": CSV.'],
  [file('a.json', '{"a": 1}'), '[file "a.json": JSON.'],
  [file('a.md', '# Title'), '[file "a.md": Markdown.'],
  [file('a.html', '<p>Hello</p>', { mimetype: 'text/html' }), '[file "a.html": HTML.'],
  [file('a.eml', mail), 'We ship on Friday.'],
  [file('a.rtf', '{\\rtf1 rich words}'), 'rich words'],
  [file('a.docx', docx(paragraph('Words of a document'))), 'Words of a document'],
  [file('a.xlsx', xlsx({ Sales: [['May', 12]] })), '| May | 12 |'],
  [file('a.pptx', pptx([{ text: 'Words of a slide' }])), 'Words of a slide'],
  [file('a.odt', openDocument('text', '<text:p>open words</text:p>')), 'open words'],
  [
    file(
      'a.ods',
      openDocument(
        'spreadsheet',
        '<table:table table:name="S"><table:table-row><table:table-cell><text:p>open cell</text:p></table:table-cell></table:table-row></table:table>',
      ),
    ),
    '| open cell |',
  ],
  [file('a.zip', zipOf({ 'inside.txt': 'x' })), 'inside.txt (1 bytes)'],
  [file('snippet', 'select 1;', { mimetype: 'text/plain' }), 'select 1;'],
  [file('audio_message.m4a', latin('xxxxftypM4A '), { clip }), 'Please call me back.'],
];

const png = await picture().png().toBuffer();
const tooManyPixels = await sharp({ create: { width: 9000, height: 9000, channels: 3, background: 'red' } })
  .png()
  .toBuffer();
const bomb = docx(`<w:p><w:r><w:t>${'0'.repeat(30_000_000)}</w:t></w:r></w:p>`);

/** What can't be read, and what is said of it: to people, and to the model. */
const NAMED: readonly (readonly [SharedFile, string, string])[] = [
  [file('a.key', Buffer.from('7f454c46020101', 'hex')), 'this kind of file I can’t read', 'of a kind'],
  [file('a.gz', gzipSync('words')), 'this kind of file I can’t read', 'of a kind'],
  [file('b.heic', heic), 'it could not be read', 'damaged'],
  [file('cut.png', png.subarray(0, 60)), 'it could not be read', 'damaged'],
  [file('cut.docx', docx(paragraph('x')).subarray(0, 90)), 'it could not be read', 'damaged'],
  [file('bomb.docx', bomb), 'it could not be read', 'damaged'],
  [file('bomb.png', tooManyPixels), 'it is too large for me', 'too large'],
  [file('large.txt', Buffer.alloc(25_000_001, 'a')), 'it is too large for me', 'too large'],
  [
    file('locked.pdf', Buffer.concat([pdf(1), latin('trailer << /Encrypt 9 0 R >>')])),
    'it has a password',
    'password',
  ],
  [
    file('a.doc', Buffer.from('d0cf11e0a1b11ae1', 'hex')),
    'an Office format from before 2007',
    'Office before 2007',
  ],
  [file('a.mp4', latin('\0\0\0\x18ftypmp42')), 'sound and video I can’t read', 'sound and moving pictures'],
  [file('empty.txt', ''), 'it is empty', 'it is empty'],
];

const FREE = { limit: 1500, windowMs: 60_000 };

it.each(['socket', 'http'] as const)(
  'each kind of file is given, or named with its reason; whatever Slack refuses is named too (%s)',
  async (mode) => {
    const asked = new Map<string, ScriptTurn>();
    let readMs = READ_MS;
    const clock: Clock = {
      ...systemClock,
      after: (ms, call) => systemClock.after(ms === READ_MS ? readMs : ms, call),
    };
    const world = await startWorld({
      mode,
      clock,
      // So many answers in one channel would wait for Slack's allowance.
      tuning: { pacer: { updateRule: FREE, postRule: FREE } },
      script: (_question, { turns }) => {
        const turn = turns.at(-1);
        const tag = /about (\S+)\?/.exec(turn?.text ?? '')?.[1];
        if (turn !== undefined && tag !== undefined) asked.set(tag, turn);
        return { text: 'Seen.' };
      },
    });
    let count = 0;
    const ask = async (files: readonly SharedFile[]) => {
      count += 1;
      const tag = `question-${count}`;
      const { ts } = world.slack.say(ana, general, `@skein what about ${tag}?`, { files });
      const { visible } = await finishedReply(world, general, ts);
      return { visible, turn: asked.get(tag) };
    };
    const given = GIVEN.map(async ([one, what]) => {
      const { visible, turn } = await ask([one]);
      expect(visible, one.name).toBe('Seen.');
      if (typeof what === 'string') expect(turn?.text, one.name).toContain(what);
      else expect(turn?.files, one.name).toMatchObject([what]);
    });
    const named = NAMED.map(async ([one, why, toModel]) => {
      const { visible, turn } = await ask([one]);
      expect(visible, one.name).toContain('Seen.');
      expect(visible, one.name).toContain(`${one.name} (${why}`);
      expect(turn?.text, one.name).toContain(`[file "${one.name}": you can not see it, because`);
      expect(turn?.text, one.name).toContain(toModel);
      expect(turn?.files ?? [], one.name).toEqual([]);
    });
    await Promise.all([...given, ...named]);

    const few = file('late.txt', 'words');
    const many = Array.from({ length: 21 }, (_, n) => file(`${n}.txt`, `words ${n}`));
    expect((await ask(many)).visible).toContain('20.txt (too many files at once)');
    world.slack.failDownloads(404);
    expect((await ask([few])).visible).toContain('late.txt (it was deleted)');
    world.slack.failDownloads(503);
    expect((await ask([few])).visible).toContain('late.txt (Slack didn’t give it to me');
    world.slack.failDownloads('hang');
    readMs = 800;
    expect((await ask([few])).visible).toContain('late.txt (reading it took too long');
    readMs = READ_MS;
    world.slack.failDownloads(undefined);
    world.slack.withdraw('files:read');
    for (const form of ['page', 'redirect'] as const) {
      world.slack.signInBy(form);
      expect((await ask([few])).visible).toContain('late.txt (Slack doesn’t let me read it');
    }
    expect(world.fatal).toEqual([]);
  },
  60_000,
);
