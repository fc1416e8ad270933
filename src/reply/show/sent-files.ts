import type { Clock } from '../../clock.ts';
import { questionText } from '../../conversation/store.ts';
import type { Defaults } from '../../defaults.ts';
import { toError } from '../../errors.ts';
import { type OutFile, outFiles } from '../../files/out.ts';
import type { Lease } from '../../jobs/worker.ts';
import type { Log } from '../../log.ts';
import { type Database, isConnectionLoss } from '../../postgres/database.ts';
import { resolve } from '../../settings/resolve.ts';
import { readSettings } from '../../settings/store.ts';
import { LOST_ANSWER } from '../../words/files.ts';
import type { Place } from '../ports.ts';
import { sendOnce } from '../sent-files/once.ts';
import type { Outlet } from '../sent-files/ports.ts';
import * as store from '../sent-files/store.ts';
import type { StoredReply } from '../store.ts';

export interface SendFilesOptions {
  readonly database: Database;
  /** Absent: answers come as text alone. */
  readonly outlet?: Outlet;
  /** Absent: setting `files_out` is `auto` everywhere. */
  readonly defaults?: Defaults;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The files that go with a finished answer: parts of it that are better kept as files (`files/out.ts`). `cut`: it may go on
 * later. `gone`: it could not be put where it belongs; then all of it goes to its asker as a file. Each is noted before it is sent, and one
 * that may have been shared is looked for first, so that it comes once, whoever has the reply by then. Throws while the
 * database is away: the job that shows the answer waits for it. Else never: an answer is done without its files, and its text
 * says all that is in them.
 */
export async function sendFiles(
  options: SendFilesOptions,
  reply: StoredReply,
  {
    answer,
    cut,
    gone,
    lease,
  }: { readonly answer: string; readonly cut: boolean; readonly gone: boolean; readonly lease: Lease },
): Promise<void> {
  const { database, outlet, log } = options;
  if (outlet === undefined || answer.trim() === '') return;
  try {
    if (gone) {
      // Whoever deleted the question, or the answer, does not want it; an app has no direct messages.
      if (reply.asker === '' || reply.byApp || !(await store.isWanted(database.query, reply.id))) return;
      const file = { name: 'answer.md', alt: 'the answer as text', text: answer };
      return await once(options, reply, lease, -1, file, (id) =>
        outlet.shareWith(
          { team: reply.team, user: reply.asker },
          id,
          { title: file.name, line: LOST_ANSWER },
          () => lease.held(),
        ),
      );
    }
    // Nearly every answer has nothing of the kind, whatever was asked.
    if (!/```|~~~|\|/.test(answer)) return;
    const files = outFiles((await questionText(database.query, reply.question)) ?? '', answer, {
      cut,
    });
    if (
      files.length === 0 ||
      !(await store.isFirstShown(database.query, reply.id)) ||
      !(await mayCome(options, reply))
    )
      return;
    const place: Place = { team: reply.team, channel: reply.channel, threadTs: reply.threadTs };
    for (const [at, file] of files.entries())
      await once(options, reply, lease, at, file, (id) =>
        outlet.share(place, id, file.name, () => lease.held()),
      );
  } catch (thrown) {
    if (lease.signal.aborted || isConnectionLoss(thrown)) throw thrown;
    log.warn({ err: toError(thrown), reply: reply.id }, 'the files of an answer were not sent');
  }
}

/** Setting `files_out` at the place of a reply, as it is now. */
async function mayCome(
  { database, defaults }: SendFilesOptions,
  { team, channel, asker, kind }: StoredReply,
): Promise<boolean> {
  if (defaults === undefined) return true;
  const set = await readSettings(database.query, { team, channel, person: asker });
  return resolve(defaults, set, { direct: kind === 'im' }).files_out.value === 'auto';
}

async function once(
  { database, outlet, clock }: SendFilesOptions,
  { id: reply, version, team }: StoredReply,
  lease: Lease,
  at: number,
  file: OutFile,
  share: (id: string) => Promise<'done' | 'refused' | 'unclear'>,
): Promise<void> {
  const key = { reply, version, at };
  const known = await store.intend(database.query, lease.token, key);
  if (known.state === 'over' || outlet === undefined) return;
  await sendOnce(
    { outlet, clock },
    {
      team,
      file: { name: file.name, alt: file.alt, pieces: [file.text] },
      // The owner before us may have shared it.
      begun: known.state === 'sharing' ? known.file : null,
      note: (id) => store.sharing(database.query, lease.token, key, id),
      share,
      allowed: () => lease.held(),
      signal: lease.signal,
    },
  );
  // Whoever has the reply next looks for it, and sends the others.
  if (lease.signal.aborted) throw new Error('the reply was handed over before its end');
  await store.over(database.query, lease.token, key);
}
