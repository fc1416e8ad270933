import type { Turn } from '../../conversation/blocks.ts';
import { replaceRaw } from '../../conversation/files/store.ts';
import {
  addEarlier,
  historyUpTo,
  type StoredMessage,
  saidBeforeThread,
  saveMade,
} from '../../conversation/store.ts';
import { loadSummary } from '../../conversation/summaries/store.ts';
import { buildTranscript } from '../../conversation/transcript.ts';
import { justBeforeTurn, type Placed, type Summary, summaryTurn } from '../../conversation/window.ts';
import type { Files, FilesGiven } from '../../files/reading.ts';
import type { Database } from '../../postgres/database.ts';
import { READING_FILES } from '../../words/files.ts';
import type { Keep, Links, Place, Reader } from '../ports.ts';
import type { StoredReply } from '../store.ts';
import { keepOf } from './keep.ts';
import { shownTs } from './store.ts';

export interface Prepared {
  readonly turns: readonly Turn[];
  /** What of them the provider's prompt cache should hold. */
  readonly keep: Keep;
  /** What the turns are made of besides the summary, oldest first. */
  readonly said: readonly Placed[];
  /** Stands for everything before that. */
  readonly summary: Summary | null;
  /** The question has no words in it: only a mention, or nothing. */
  readonly empty: boolean;
  /** Slack would not show what was said in the thread before us: it is in none of this. */
  readonly unread: boolean;
  /** Bytes of the files in the turns, in base64, by hash. */
  readonly media: ReadonlyMap<string, string>;
  /** Stores what was read and made; the call to the model need not wait for it. */
  save(): Promise<unknown>;
}

interface PrepareOptions {
  readonly database: Database;
  readonly reader: Reader;
  /** Absent: links stay links. */
  readonly links?: Links;
  /** Absent: of files only the names are told. */
  readonly files?: Files;
  readonly signal: AbortSignal;
  /** What the answer waits for; null: for nothing any more. */
  readonly onBusy?: (notice: string | null) => void;
}

/** A thread is waited for as long: a placeholder is shown meanwhile, and Slack's pauses are mostly shorter. */
const READ_MS = 10_000;
/** A message without words is read once more in so long, before it is told that there are none. */
const AGAIN_MS = 3_000;

/** Time to look up and paste a text; what was said longer ago is another matter. */
const JUST_BEFORE_SECONDS = 120;
const MOST_BEFORE = 4;

/**
 * The transcript for one reply: the whole history of its thread up to the question, its earlier part as a summary if
 * that was once too long. Where we are new in a thread, the thread is read from Slack once. Messages that nobody has
 * read yet get their words and names; where a name could not be found out, they are read again for the next reply.
 */
export async function prepare(options: PrepareOptions, reply: StoredReply): Promise<Prepared> {
  const { database, reader, links, signal } = options;
  const place: Place = { team: reply.team, channel: reply.channel, threadTs: reply.threadTs };
  let unread = false;
  if (reply.threadReadAt === null) {
    const earlier = await reader.earlier(place, reply.questionTs, { mostMs: READ_MS, signal });
    // This answer goes on without, and says so; the next question tries again.
    unread = earlier === null;
    if (earlier !== null) {
      // Read late, the thread holds answers of ours that are stored with their questions.
      const ours = await shownTs(database.query, reply.conversation);
      const others = earlier.filter(({ slackTs }) => !ours.has(slackTs));
      await database.transaction((tx) => addEarlier(tx, reply.conversation, others));
    }
  }
  // Nothing stands before the message that a thread begins with.
  const begins = reply.questionTs === reply.threadTs;
  const known = begins ? null : await loadSummary(database.query, reply.conversation);
  // One that reaches beyond the question knows what came later.
  const summary = known !== null && known.until < reply.questionTs ? known : null;
  const historyNow = () => historyUpTo(database.query, reply.conversation, reply.questionTs, summary?.until);
  const [history, before] = await Promise.all([
    historyNow(),
    reply.kind === 'im' ? justBefore(database, reply) : [],
  ]);
  const first = await readAll(reader, place, [...before, ...history]);
  const late = await filesCameLate(options, reply, place, first.read);
  const {
    read: all,
    readings,
    partly,
  } = late ? await readAll(reader, place, [...before, ...(await historyNow())]) : first;
  const read = all.slice(before.length);
  const direct = reply.kind === 'im';
  const question = read.find((message) => message.id === reply.question);
  // What was sent before is sent again as it was: links are followed when a question is asked for the first time.
  const behind =
    question === undefined || question.blocks !== null
      ? undefined
      : await links?.behind(question.text, { place, direct, asker: reply.asker, signal });
  if (behind?.complete === false) partly.add(reply.question);
  const given = await readFiles(options, reply, all);
  for (const id of given?.partly ?? []) partly.add(id);
  const said = read.map((message) => {
    const added = message.id === reply.question && behind !== undefined ? behind.text : '';
    return {
      ...message,
      text: added === '' ? message.text : `${message.text}\n\n${added}`,
      files: given?.blocks.get(message.id) ?? [],
    };
  });
  const { turns, made } = buildTranscript(said, { named: !direct });
  const blocksOf = new Map(made.filter(({ id }) => !partly.has(id)).map(({ id, blocks }) => [id, blocks]));
  const readNow = new Set(readings.map(({ id }) => id));
  const fresh = all.flatMap(({ id, raw, text, speakerName }) => {
    const blocks = blocksOf.get(id);
    if (blocks === undefined && !readNow.has(id)) return [];
    const reading = readNow.has(id) ? { reading: { text, speakerName } } : {};
    return [{ id, raw, ...reading, ...(blocks !== undefined && { blocks }) }];
  });
  const lead = all
    .slice(0, before.length)
    .flatMap(({ id, text }) =>
      text.trim() === '' ? [] : [justBeforeTurn(text, given?.blocks.get(id) ?? [])],
    );
  const ahead = summary === null ? lead : [summaryTurn(summary)];
  const fixed = reply.instructions.length + (summary?.text.length ?? 0);
  const keep = keepOf(said, reply.questionTs, !direct, fixed);
  const further = (count: number) => (count === 0 ? 0 : ahead.length + count);
  const whole = [...ahead, ...turns];
  return {
    turns: whole,
    media: (await options.files?.bytesOf(reply.team, whole, given?.fresh ?? new Map())) ?? new Map(),
    keep: { ...keep, sentBefore: further(keep.sentBefore), keptBefore: further(keep.keptBefore) },
    said,
    summary,
    unread,
    empty: question === undefined || question.text.trim() === '',
    async save() {
      // What blocks refer to is there before them.
      await given?.save();
      await saveMade(database.query, fresh);
    },
  };
}

/**
 * People break one thought into several messages ("Please shorten this:" and then the text). In a direct message each of
 * them begins a thread, so the first messages of the same person's threads shortly before are given along.
 */
function justBefore({ query }: Database, reply: StoredReply): Promise<StoredMessage[]> {
  const { team, channel, asker: speaker, threadTs: until } = reply;
  const [seconds = '', fraction = ''] = until.split('.');
  const since = `${String(Number(seconds) - JUST_BEFORE_SECONDS).padStart(seconds.length, '0')}.${fraction}`;
  return saidBeforeThread(query, { team, channel, speaker, since, until }, MOST_BEFORE);
}

/**
 * Whether a mention without a word has files that its event did not carry (sources disagree whether Slack's `app_mention`
 * does): the message is read once more, and stored with them.
 */
async function filesCameLate(
  { database, reader, files, signal }: PrepareOptions,
  { kind, question: id, questionTs, byApp }: StoredReply,
  place: Place,
  read: readonly StoredMessage[],
): Promise<boolean> {
  const question = read.find((message) => message.id === id);
  const empty = question !== undefined && question.raw !== null && (question.text ?? '').trim() === '';
  if (!empty || files === undefined || kind === 'im' || byApp || question.raw === null) return false;
  const raw = await reader.again(place, questionTs, { mostMs: AGAIN_MS, signal });
  return raw !== null && files.has(raw) && (await replaceRaw(database.query, id, question.raw, raw));
}

/** Files of messages that were not sent to the model before; of those they are in its blocks. */
async function readFiles(
  { files, signal, onBusy }: PrepareOptions,
  { id: reply, team, threadTs }: StoredReply,
  all: readonly StoredMessage[],
): Promise<FilesGiven | undefined> {
  const wanted = all.filter(
    ({ role, blocks, slackTs }) => role === 'user' && (blocks === null || slackTs < threadTs),
  );
  let reading = false;
  const onReading = () => {
    if (!reading) onBusy?.(READING_FILES);
    reading = true;
  };
  const given = await files?.read(wanted, { team, reply, signal, onReading });
  if (reading) onBusy?.(null);
  return given;
}

/** `readings`: what may be stored of what was read now; `partly`: the messages of which nothing may be stored. */
async function readAll(reader: Reader, place: Place, history: readonly StoredMessage[]) {
  const unread = history.filter((message) => message.text === null && message.raw !== null);
  const words = await reader.read(
    place,
    unread.map((message) => ({ speaker: message.speaker, raw: message.raw ?? '' })),
  );
  const byId = new Map(unread.map((message, at) => [message.id, words[at]] as const));
  const read = history.map((message) => {
    const fresh = byId.get(message.id);
    return {
      ...message,
      text: message.text ?? fresh?.text ?? '',
      speakerName: message.speakerName ?? fresh?.speakerName ?? null,
    };
  });
  const partly = new Set(unread.filter(({ id }) => byId.get(id)?.complete === false).map(({ id }) => id));
  const readings = read.filter(({ id }) => byId.has(id) && !partly.has(id));
  return { read, readings, partly };
}
