import sharp from 'sharp';
import type { SharedFile } from '../../playground/slack/people.ts';
import { pdf, xlsx } from '../support/office.ts';
import { createRandom } from './random.ts';
import { answerTo, kindOf } from './texts.ts';

/** A file that goes with a question, and what the model must be told of it. */
export interface AskedFile {
  readonly shared: SharedFile;
  /** A picture or PDF, words, or nothing that anybody could read. */
  readonly kind: 'image' | 'pdf' | 'words' | 'unreadable';
  /** Of `words`: words that stand in it. */
  readonly says: string;
}

/** Share of questions that come with files, and of those whose answer shall come as a file too. */
const WITH_FILES = 0.25;
const AS_CSV = 0.3;

/** Each of another size, so that one is not taken for another. */
const pictures = await Promise.all(
  Array.from({ length: 12 }, (_, at) =>
    sharp({ create: { width: 60 + at, height: 40, channels: 3, background: 'red' } })
      .png()
      .toBuffer(),
  ),
);

/** What a person shares with question `number`, mostly nothing. Names are of this question alone. */
export function filesOf(seed: number, number: number): readonly AskedFile[] {
  const random = createRandom(seed * 6007 + number);
  if (!random.chance(WITH_FILES)) return [];
  const makers = [
    (name: string): AskedFile => ({
      shared: {
        name: `${name}.png`,
        mimetype: 'image/png',
        content: pictures[number % pictures.length] ?? '',
      },
      ...{ kind: 'image', says: '' },
    }),
    (name: string): AskedFile => ({
      shared: { name: `${name}.pdf`, mimetype: 'application/pdf', content: pdf(1 + (number % 5)) },
      ...{ kind: 'pdf', says: '' },
    }),
    (name: string): AskedFile => ({
      shared: {
        name: `${name}.xlsx`,
        mimetype: 'application/octet-stream',
        content: xlsx({ Sales: [['count', number]] }),
      },
      ...{ kind: 'words', says: `| count | ${number} |` },
    }),
    (name: string): AskedFile => ({
      shared: { name: `${name}.txt`, mimetype: 'text/plain', content: `note ${number} says so` },
      ...{ kind: 'words', says: `note ${number} says so` },
    }),
    (name: string): AskedFile => ({
      shared: {
        name: `${name}.key`,
        mimetype: 'application/octet-stream',
        content: Buffer.from('7f454c46020101', 'hex'),
      },
      ...{ kind: 'unreadable', says: '' },
    }),
  ];
  return random
    .shuffle(makers)
    .slice(0, random.int(1, 3))
    .map((make, at) => make(`f${number}-${at}`));
}

/** Whether the answer to question `number` is asked for as CSV too: a plain one that has a table. */
export function wantsCsv(seed: number, number: number): boolean {
  if (kindOf(seed, number) !== 'whole') return false;
  const { text } = answerTo(seed, number);
  return tablesIn(text).length > 0 && createRandom(seed * 3571 + number).chance(AS_CSV);
}

/** What is typed at the end of a question. */
export const wishOf = (seed: number, number: number) => (wantsCsv(seed, number) ? ' as CSV' : '');

/** The tables of an answer (`texts.ts`) as files of comma-separated values, in order. */
export function tablesIn(text: string): string[] {
  return text
    .split('\n\n')
    .filter((part) => part.startsWith('| '))
    .map((part) => {
      const rows = part.split('\n').filter((line) => !line.startsWith('| ---'));
      const lines = rows.map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim())
          .join(','),
      );
      return `\ufeff${lines.join('\r\n')}\r\n`;
    });
}
