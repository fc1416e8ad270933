import { type Clock, LATE, within } from '../clock.ts';
import type { Ask } from '../commands/ports.ts';
import { toError } from '../errors.ts';
import type { Gesture, IncomingShortcut } from '../incoming.ts';
import { Later } from '../jobs/retry.ts';
import { enqueue, type LeaseToken } from '../jobs/store.ts';
import type { Handlers } from '../jobs/worker.ts';
import type { Log } from '../log.ts';
import type { Gate } from '../people/gate.ts';
import type { People } from '../people/person.ts';
import type { Database } from '../postgres/database.ts';
import type { GestureAnswer, Windows } from '../views/ports.ts';
import { withWords } from '../words/asides.ts';
import { LINES } from '../words/shortcuts.ts';
import {
  ABOUT_FORM,
  ANYWHERE,
  ANYWHERE_FORM,
  aboutForm,
  anywhereForm,
  ON_MESSAGE,
  QUESTION_BLOCK,
  type Question,
  readWish,
} from './forms.ts';
import { createPlanner, escaped, type Plan, quoted } from './plan.ts';
import type { Asking, Tell } from './ports.ts';
import { addWish, loadWish, type PendingWish, removeWish, wishJob } from './store.ts';

interface ShortcutOptions {
  readonly database: Database;
  readonly windows: Pick<Windows, 'open'>;
  readonly tell: Tell;
  readonly people: Pick<People, 'inChannel' | 'weAreIn'>;
  readonly asking: Asking;
  readonly gate: Gate;
  readonly ask: Ask;
  readonly newId: () => string;
  /** Id under which a job may be begun here at once; null: leave it to any worker. */
  readonly claimant: (team: string) => string | null;
  /** Starts a job whose lease was taken in the transaction that has just been committed. */
  readonly begin: (lease: LeaseToken) => void;
  readonly clock: Clock;
  readonly log: Log;
}

interface Shortcuts {
  /** Opens the form of a shortcut; where that can't be, the person is told. Never rejects. */
  open(shortcut: IncomingShortcut): Promise<void>;
  /** A gesture in one of our forms; null: it is somebody else's. Never rejects. */
  gesture(gesture: Gesture): Promise<GestureAnswer> | null;
  /** For the jobs named `WISH`: forms that could not be looked into in time. */
  readonly jobs: Handlers;
}

/** Slack waits for three seconds: so long a form is looked into, and so long it is stored afterwards. */
const LOOK_MS = 1800;
const STORE_MS = 700;
/** Once nobody looks at the form any more, what Slack does not say is asked for again: so often, and so long. */
const PAUSE_MS = 5000;
const PATIENCE_MS = 5 * 60_000;

/** Who asks by which form. */
type Asker = Pick<PendingWish, 'team' | 'user' | 'userTeam' | 'form'>;

/** Questions that are asked by a shortcut. A form is never trusted: all that it names is checked when it comes. */
export function createShortcuts(options: ShortcutOptions): Shortcuts {
  const { database, windows, tell, clock, log } = options;
  const plan = createPlanner(options);

  return {
    async open({ callbackId, team, user, channel, messageTs, threadTs, triggerId }) {
      const form =
        callbackId === ON_MESSAGE && channel !== null && messageTs !== null
          ? aboutForm({ channel, ts: messageTs })
          : callbackId === ANYWHERE
            ? anywhereForm()
            : null;
      if (form === null) return log.warn({ callbackId }, 'a shortcut that nobody knows');
      const opened = triggerId === null ? null : await windows.open(team, triggerId.reveal(), form);
      if (opened?.kind === 'done') return;
      const line = opened?.kind === 'failed' ? LINES.notOpened : LINES.late;
      await tell({ team, channel, threadTs: threadTs ?? messageTs }, user, line);
    },

    gesture(gesture) {
      const { callbackId } = gesture.view;
      if (callbackId !== ABOUT_FORM && callbackId !== ANYWHERE_FORM) return null;
      return gesture.kind === 'submitted' ? submit(gesture) : Promise.resolve({ kind: 'none' });
    },

    jobs: {
      async handle(job) {
        const wish = await loadWish(database.query, job.subject);
        if (wish !== null) await carryOut(wish);
      },
      async giveUp(job) {
        const wish = await loadWish(database.query, job.subject);
        if (wish !== null) await refuse(wish, LINES.failed);
      },
    },
  };

  async function submit({ team, user, userTeam, view }: Gesture): Promise<GestureAnswer> {
    const wish = readWish(view);
    if (wish.kind === 'no_question') return problem(QUESTION_BLOCK, LINES.noQuestion);
    if (wish.kind === 'unreadable') return problem(QUESTION_BLOCK, LINES.unreadable);
    const asker = { team, user, userTeam, form: view.id };
    const planned = await within(clock, LOOK_MS, plan(asker, wish));
    // The form stays as it is, with all that was typed.
    if (planned !== LATE && 'block' in planned) return problem(planned.block, planned.line);
    try {
      // From when on it is not lost: so before Slack is told that the form is done.
      const work = planned === LATE ? keep(asker, wish) : ask(asker, planned);
      if ((await within(clock, STORE_MS, work)) !== LATE) return { kind: 'none' };
      work.catch((err) => log.error({ err: toError(err) }, 'a question of a shortcut could not be stored'));
      return problem(QUESTION_BLOCK, LINES.slow);
    } catch (err) {
      log.error({ err: toError(err) }, 'a question of a shortcut could not be stored');
      return problem(QUESTION_BLOCK, LINES.failed);
    }
  }

  /** Stores the question. Its cause is the form, so that it is asked once, however often this is done. */
  async function ask({ form, ...asker }: Asker, planned: Plan): Promise<void> {
    await options.ask({ ...planned, ...asker, cause: `form:${form}` }, { quiet: true });
  }

  /** Stores what the form says, for a job that takes its time. */
  async function keep(asker: Asker, wish: Question): Promise<void> {
    const pending = { ...asker, id: options.newId(), wish };
    const lease = await database.transaction(async (tx) => {
      const added = await enqueue(tx, wishJob(pending), options.claimant(pending.team));
      if (added !== null) await addWish(tx, pending);
      return added?.lease ?? null;
    });
    if (lease !== null) options.begin(lease);
  }

  async function carryOut(pending: PendingWish & { readonly ageMs: number }): Promise<void> {
    const { team, user, userTeam, form } = pending;
    const planned = await plan(pending, pending.wish);
    if ('block' in planned) {
      if (planned.passing && pending.ageMs < PATIENCE_MS) throw new Later(PAUSE_MS, planned.line);
      return refuse(pending, planned.line);
    }
    await ask({ team, user, userTeam, form }, planned);
    await removeWish(database.query, pending.id);
  }

  /** The form is closed: the person is told in private, and has their words back. */
  async function refuse({ id, team, user, wish }: PendingWish, line: string): Promise<void> {
    await tell(
      { team, channel: null, threadTs: null },
      user,
      withWords(line, quoted(escaped(wish.question))),
    );
    await removeWish(database.query, id);
  }
}

function problem(block: string, line: string): GestureAnswer {
  return { kind: 'errors', errors: { [block]: line } };
}
