import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.ts';
import type { Turn, TurnBlock } from '../conversation/blocks.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import { givenBlocks, missingBlocks, withinRequest } from './blocks.ts';
import { createConverter } from './convert/converter.ts';
import { createImages } from './convert/images.ts';
import { kindOf } from './kinds.ts';
import { MOST_BYTES, MOST_OF_MESSAGE, MOST_READ, READ_MS } from './limits.ts';
import { isPassing, type Made, unread } from './made.ts';
import type { FileRef, FileSource } from './source.ts';
import {
  type Attachment,
  type Content,
  dropOldContents,
  dropRefused,
  keepAttachment,
  loadAttachments,
  loadContents,
} from './store.ts';
import { cutText } from './text.ts';

interface FilesOptions {
  readonly database: Database;
  readonly source: FileSource;
  /** Bytes that are kept of a workspace's files at most. */
  readonly mostKept: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly limitMs?: number;
}

/** A message whose files are wanted. */
interface WithFiles {
  readonly id: number;
  /** As Slack sent it, JSON text; null: there is nothing to read. */
  readonly raw: string | null;
}

/** What the model is given of the files of messages. */
export interface FilesGiven {
  /** By message; a message without files is not in it. */
  readonly blocks: ReadonlyMap<number, readonly TurnBlock[]>;
  /** Messages with a file that may be read in a moment: what was made of them is good for one answer only. */
  readonly partly: ReadonlySet<number>;
  /** Bytes of what was read now, by hash. */
  readonly fresh: ReadonlyMap<string, Uint8Array>;
  /** Keeps it; the call to the model need not wait for that. Rejects while the database is away. */
  save(): Promise<void>;
}

export interface Files {
  /** Whether a message (as Slack sent it, JSON text) has files. */
  has(raw: string): boolean;
  /**
   * Reads the files of messages (oldest first) for a reply, those of the newest message first, in at most half a minute; what was read
   * before is taken from the database. Never rejects because of a file or of Slack.
   */
  read(
    messages: readonly WithFiles[],
    how: {
      readonly team: string;
      readonly reply: string;
      readonly signal: AbortSignal;
      /** There is something to fetch, which takes a moment. */
      readonly onReading?: () => void;
    },
  ): Promise<FilesGiven>;
  /**
   * Bytes of the files in turns that a request has room for (`withinRequest`), in base64, by hash: those of `fresh`, and what
   * is kept of a workspace. What is not kept any more is missing.
   */
  bytesOf(
    team: string,
    turns: readonly Turn[],
    fresh: ReadonlyMap<string, Uint8Array>,
  ): Promise<ReadonlyMap<string, string>>;
  /** The model refused these contents: they are not given again, and the reply tells of it. */
  refused(team: string, reply: string, hashes: readonly string[]): Promise<void>;
  /** An image as the model takes it, of at most `most` bytes; null: it is none that can be read. Never rejects. */
  readonly fitImage: (
    bytes: Uint8Array,
    most: number,
  ) => Promise<{ readonly media: 'image/png' | 'image/jpeg'; readonly bytes: Uint8Array } | null>;
  close(): Promise<void>;
}

/** Files that a process has in its hands at once, for all replies together: each may be large. */
const AT_ONCE = 6;

const NOTHING: FilesGiven = { blocks: new Map(), partly: new Set(), fresh: new Map(), save: async () => {} };

interface Wanted {
  readonly message: WithFiles;
  readonly file: FileRef;
}

interface MadeFile {
  readonly made: Made;
  readonly name: string;
}

interface Result extends Wanted {
  readonly attachment: Attachment;
  readonly content: Content | null;
  /** False: it was known before, and nothing of it is new. */
  readonly isNew: boolean;
}

export function createFiles(options: FilesOptions): Files {
  const { database, source, clock, log, limitMs = READ_MS } = options;
  const inHand = createGate(AT_ONCE);
  const converter = createConverter({ clock, log });
  const images = createImages({ clock, log });

  /** What becomes of one file. Never rejects. */
  const make = async (team: string, file: FileRef, signal: AbortSignal): Promise<MadeFile> => {
    let made = await whole(team, file, false, signal);
    const { why } = made.made.kind === 'unread' ? made.made : { why: null };
    // An image in a format or of a size that can't be read: Slack has made a smaller picture of most.
    if (why === 'kind' || why === 'too_large' || why === 'broken') {
      const smaller = await whole(team, file, true, signal);
      if (smaller.made.kind === 'image') made = { made: smaller.made, name: made.name };
    }
    return made;
  };

  const whole = async (
    team: string,
    file: FileRef,
    smaller: boolean,
    signal: AbortSignal,
  ): Promise<MadeFile> => {
    const as = (made: Made, name = file.name) => ({ made, name });
    if (!smaller && file.size !== null && file.size > MOST_BYTES) return as(unread('too_large'));
    const fetched = await source.fetch(team, file, { smaller, signal });
    if (fetched.kind === 'unread') return as(fetched);
    if (fetched.kind === 'transcript') {
      const { text, cut } = cutText(fetched.words);
      const what = 'what is said in it, as Slack wrote it down; words may be wrong';
      return as({ kind: 'text', text, what, cut: cut || fetched.cut });
    }
    const { bytes, name } = fetched;
    if (signal.aborted) return as(unread('slow'), name);
    if (kindOf(bytes).kind === 'image') return as(await images.convert(bytes), name);
    const converted = await converter.convert(bytes, name);
    return as(converted.kind === 'pdf' ? { ...converted, bytes } : converted, name);
  };

  const read = async (wanted: Wanted, team: string, signal: AbortSignal): Promise<Result> => {
    const late = { made: unread('slow'), name: wanted.file.name };
    const { made, name } = await inHand(signal, () => make(team, wanted.file, signal), late);
    return resultOf({ ...wanted, file: { ...wanted.file, name } }, made);
  };

  return {
    has: (raw) => source.of(raw).length > 0,

    async read(messages, { team, reply, signal, onReading }) {
      const wanted = messages.flatMap((message) =>
        message.raw === null ? [] : source.of(message.raw).map((file) => ({ message, file })),
      );
      if (wanted.length === 0) return NOTHING;
      const known = await loadAttachments(database.query, [
        ...new Set(wanted.map(({ message }) => message.id)),
      ]);
      const texts = await loadContents(
        database.query,
        team,
        known.flatMap(({ content }) => (content?.media === 'text/plain' ? [content.hash] : [])),
      );
      const late = new AbortController();
      const cancelLate = clock.after(limitMs, () => late.abort());
      const until = AbortSignal.any([signal, late.signal]);
      // Each file listens; more than ten would be taken for a leak.
      setMaxListeners(0, until);
      let count = 0;
      const ofMessage = new Map<number, number>();
      // The newest message is what is asked about; of one message the first file comes first.
      const placeOf = new Map(messages.map(({ id }, at) => [id, at]));
      const order = wanted.toSorted(
        (a, b) => (placeOf.get(b.message.id) ?? 0) - (placeOf.get(a.message.id) ?? 0),
      );
      const started = new Map(
        order.map((one) => {
          const before = known.find(
            ({ message, file }) => message === one.message.id && file === one.file.id,
          );
          const again = before !== undefined && (before.why === null || !isPassing(before.why));
          if (again && before !== undefined)
            return [one, Promise.resolve({ ...one, attachment: before, content: null, isNew: false })];
          // What reads files starts while their bytes are on their way.
          if (count === 0) {
            converter.warm();
            images.warm();
          }
          onReading?.();
          const nth = (ofMessage.get(one.message.id) ?? 0) + 1;
          ofMessage.set(one.message.id, nth);
          count += 1;
          return [
            one,
            nth > MOST_OF_MESSAGE || count > MOST_READ
              ? Promise.resolve(resultOf(one, unread('too_many')))
              : read(one, team, until),
          ];
        }),
      );
      const results = await Promise.all(wanted.map((one) => started.get(one) as Promise<Result>));
      cancelLate();
      // Whatever still listens holds on to what was read.
      late.abort();
      const blocks = new Map<number, readonly TurnBlock[]>();
      const partly = new Set<number>();
      const fresh = new Map<string, Uint8Array>();
      for (const { message, attachment, content } of results) {
        blocks.set(message.id, [...(blocks.get(message.id) ?? []), ...blocksOf(attachment, content, texts)]);
        if (attachment.why !== null && isPassing(attachment.why)) partly.add(message.id);
        if (content !== null) fresh.set(content.hash, content.bytes);
      }
      const made = results.filter(({ isNew }) => isNew);
      log.info(
        {
          files: results.length,
          read: made.length,
          not: made.flatMap(({ attachment }) => attachment.why ?? []),
        },
        'files were read',
      );
      return {
        blocks,
        partly,
        fresh,
        async save() {
          for (const { message, attachment, content } of made)
            await keepAttachment(database, { team, reply, raw: message.raw }, attachment, content);
          if (fresh.size === 0) return;
          const dropped = await dropOldContents(database.query, team, options.mostKept);
          if (dropped > 0) log.warn({ team, files: dropped }, 'files of a workspace are not kept any more');
        },
      };
    },

    async bytesOf(team, turns, fresh) {
      const wanted = new Set(
        withinRequest(turns).flatMap(({ blocks }) =>
          blocks.flatMap((block) => (block.type === 'file' ? [block.hash] : [])),
        ),
      );
      const kept = await loadContents(
        database.query,
        team,
        [...wanted].filter((hash) => !fresh.has(hash)),
      );
      const found = new Map<string, string>();
      for (const hash of wanted) {
        const bytes = fresh.get(hash) ?? kept.get(hash);
        if (bytes !== undefined) found.set(hash, base64(bytes));
      }
      return found;
    },

    async refused(team, reply, hashes) {
      log.warn({ files: hashes.length }, 'the model refused a request with files; it is sent without them');
      await dropRefused(database.query, team, reply, hashes);
    },

    async fitImage(bytes, most) {
      const made = await images.convert(bytes, most);
      return made.kind === 'image' ? { media: made.mediaType, bytes: made.bytes } : null;
    },

    async close() {
      await Promise.all([converter.close(), images.close()]);
    },
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function resultOf({ message, file }: Wanted, made: Made): Result {
  const about = { message: message.id, file: file.id, name: file.name, size: file.size };
  const none = { ...about, what: null, cut: false, content: null };
  if (made.kind === 'unread')
    return { message, file, attachment: { ...none, why: made.why }, content: null, isNew: true };
  const content = contentOf(made);
  const what = made.kind === 'text' ? made.what : made.kind === 'pdf' ? 'PDF' : 'image';
  const cut = made.kind === 'text' && made.cut;
  return { message, file, attachment: { ...about, what, cut, why: null, content }, content, isNew: true };
}

function contentOf(made: Exclude<Made, { kind: 'unread' }>): Content {
  const bytes = made.kind === 'text' ? Buffer.from(made.text) : made.bytes;
  return {
    hash: createHash('sha256').update(bytes).digest('hex'),
    media: made.kind === 'text' ? 'text/plain' : made.kind === 'pdf' ? 'application/pdf' : made.mediaType,
    bytes,
    size: bytes.length,
    width: made.kind === 'image' ? made.width : 0,
    height: made.kind === 'image' ? made.height : 0,
    pages: made.kind === 'pdf' ? made.pages : 1,
  };
}

function blocksOf(
  { name, what, cut, why, content: facts }: Attachment,
  content: Content | null,
  texts: ReadonlyMap<string, Uint8Array>,
): readonly TurnBlock[] {
  if (facts === null || what === null) return missingBlocks(name, why ?? 'not_kept');
  const bytes = content?.bytes ?? texts.get(facts.hash);
  const text = facts.media === 'text/plain' && bytes !== undefined ? new TextDecoder().decode(bytes) : null;
  return givenBlocks({ name, what, cut }, facts, text);
}

/** Runs at most so many at once; who waits or works until `signal` aborts gets `late`. */
function createGate(most: number) {
  let running = 0;
  const waiting = new Set<() => void>();
  return async <T>(signal: AbortSignal, work: () => Promise<T>, late: T): Promise<T> => {
    const over = aborted(signal);
    while (running >= most && !signal.aborted) {
      let wake = () => {};
      const free = new Promise<void>((resolve) => {
        wake = resolve;
        waiting.add(wake);
      });
      await Promise.race([free, over]);
      waiting.delete(wake);
    }
    if (signal.aborted) return late;
    running += 1;
    // It stays in hand until it is really over.
    const done = work().finally(() => {
      running -= 1;
      const [next] = waiting;
      next?.();
    });
    return Promise.race([done, over.then(() => late)]);
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
