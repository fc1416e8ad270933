import type { Queryable } from '../postgres/database.ts';
import { noteDeed } from '../record/store.ts';
import { exportAnswer } from '../words/commands.ts';
import { contextAnswer } from '../words/reports.ts';
import { demandHere } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';
import { sendToAsker } from './sending.ts';
import { type ExportedPlace, exportedMessages, exportedPlaces } from './store.ts';

/** What one file holds at most. It is in memory as a whole while it is sent. */
interface ExportLimits {
  readonly conversations: number;
  readonly messages: number;
  readonly bytes: number;
}

const LIMITS: ExportLimits = { conversations: 200, messages: 20_000, bytes: 10_000_000 };
/** Messages that are read and written at a time; between two pages the process does other work. */
const PAGE = 100;

/** The conversations of this place as a file in the person's direct messages. */
export async function exportAll(ports: CommandPorts, asked: Asked): Promise<Answer> {
  await demandHere(ports, asked);
  const at = new Date(ports.clock.now()).toISOString();
  const file = await exportFile(ports.database.query, asked, at, LIMITS);
  if (file.conversations === 0) return { markdown: contextAnswer.none };
  await sendToAsker(ports, asked, {
    name: `skein-${asked.channel}-${at.slice(0, 10)}.json`,
    title: exportAnswer.fileTitle,
    pieces: file.pieces,
  });
  await noteDeed(ports.database.query, {
    team: asked.team,
    person: asked.user,
    what: 'exported',
    scope: asked.direct ? 'person' : 'channel',
    scopeId: asked.direct ? asked.user : asked.channel,
    amount: file.conversations,
  });
  return { markdown: exportAnswer.sent(file.conversations, file.complete) };
}

interface ExportFile {
  /** JSON, in pieces that are to be joined. */
  readonly pieces: readonly string[];
  readonly conversations: number;
  /** False: a limit was reached, and earlier conversations are missing. The file says so too. */
  readonly complete: boolean;
}

/**
 * The latest conversations of a place as JSON, earliest first, as far as they fit. A conversation that does not fit
 * as a whole has its beginning, and `complete: false`.
 */
export async function exportFile(
  db: Queryable,
  { team, channel, threadTs }: Pick<Asked, 'team' | 'channel' | 'threadTs'>,
  at: string,
  limits: ExportLimits,
): Promise<ExportFile> {
  // One more than may be: then there is more.
  const found = await exportedPlaces(
    db,
    { team, channel, threadTs },
    { conversations: limits.conversations + 1, messages: limits.messages + 1 },
  );
  // Latest first; its pieces are one conversation's messages, each as JSON.
  const threads: { readonly threadTs: string; readonly said: string[]; complete: boolean }[] = [];
  let [bytes, messages, complete] = [0, 0, true];
  for (let from = 0; from < found.length && complete; from += PAGE) {
    const page = found.slice(from, from + PAGE);
    const read = await exportedMessages(
      db,
      page.map(({ id }) => id),
    );
    for (const place of page) {
      const message = read.get(place.id);
      if (message === undefined) continue;
      const piece = JSON.stringify(message, null, 2);
      const size = Buffer.byteLength(piece);
      const thread = threadOf(threads, place);
      if (thread === null && threads.length === limits.conversations) complete = false;
      else if (messages === limits.messages || bytes + size > limits.bytes) {
        complete = false;
        if (thread !== null) thread.complete = false;
      }
      if (!complete) break;
      [bytes, messages] = [bytes + size, messages + 1];
      if (thread !== null) thread.said.push(piece);
      else threads.push({ threadTs: place.threadTs, said: [piece], complete: true });
    }
  }
  const head = JSON.stringify({ exported_at: at, team, channel, complete, limits });
  const pieces = [`${head.slice(0, -1)},"conversations":[`];
  for (const [index, thread] of threads.reverse().entries()) {
    const { said, complete: whole } = thread;
    const opening = JSON.stringify({ thread_ts: thread.threadTs, complete: whole }).slice(0, -1);
    pieces.push(`${index === 0 ? '' : ','}\n${opening},"messages":[\n`);
    for (const [nth, piece] of said.entries()) pieces.push(nth === 0 ? piece : `,\n${piece}`);
    pieces.push(']}');
  }
  pieces.push(']}\n');
  return { pieces, conversations: threads.length, complete };
}

/** The conversation being collected, if the message is of it. */
function threadOf<T extends { readonly threadTs: string }>(
  threads: readonly T[],
  { threadTs }: ExportedPlace,
): T | null {
  const last = threads.at(-1);
  return last?.threadTs === threadTs ? last : null;
}
