import type { Clock } from '../clock.ts';
import type { Ask, Posted } from '../commands/ports.ts';
import { toError } from '../errors.ts';
import type { Gesture, IncomingShortcut } from '../incoming.ts';
import type { Log } from '../log.ts';
import type { People } from '../people/person.ts';
import type { GestureAnswer, Windows } from '../views/ports.ts';
import { aboutMessage, askedAbout, askedAround, LINES, shownQuestion } from '../words/shortcuts.ts';
import {
  ABOUT_FORM,
  ANYWHERE,
  ANYWHERE_FORM,
  aboutForm,
  anywhereForm,
  CHANNEL_BLOCK,
  ON_MESSAGE,
  QUESTION_BLOCK,
  readWish,
  type Wish,
} from './forms.ts';
import type { Asking, Tell } from './ports.ts';

export interface ShortcutOptions {
  readonly windows: Pick<Windows, 'open'>;
  readonly tell: Tell;
  readonly people: Pick<People, 'inChannel'>;
  readonly asking: Asking;
  readonly ask: Ask;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Shortcuts {
  /** Opens the form of a shortcut; where that can't be, the person is told. Never rejects. */
  open(shortcut: IncomingShortcut): Promise<void>;
  /** A gesture in one of our forms; null: it is somebody else's. Never rejects. */
  gesture(gesture: Gesture): Promise<GestureAnswer> | null;
  /** Resolves when every question that was submitted has been asked. */
  idle(): Promise<void>;
}

/** Slack waits for three seconds; what takes longer is done afterwards, and failures are told beside. */
const LIMIT_MS = 2000;
/** Characters of a thread that go along with a private question. */
const MOST_THREAD = 30_000;

type Problem = { readonly block: string; readonly line: string };
/** What is to be asked, after everything about it was checked. */
type Plan = {
  readonly channel: string;
  readonly threadTs: string | null;
  readonly shown: string;
  readonly text: string;
};

type Asked = { readonly plan: Plan; readonly posted: Promise<Posted> };

/** Questions that are asked by a shortcut. A form is never trusted: all that it names is checked when it comes. */
export function createShortcuts(options: ShortcutOptions): Shortcuts {
  const { windows, tell, people, clock, log } = options;
  const underWay = new Set<Promise<unknown>>();

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
      await tell({ team, channel, threadTs: threadTs ?? messageTs }, user, LINES.late);
    },

    gesture(gesture) {
      const { callbackId } = gesture.view;
      if (callbackId !== ABOUT_FORM && callbackId !== ANYWHERE_FORM) return null;
      return gesture.kind === 'submitted' ? submit(gesture) : Promise.resolve({ kind: 'none' });
    },

    idle: async () => {
      await Promise.allSettled([...underWay]);
    },
  };

  async function submit(gesture: Gesture): Promise<GestureAnswer> {
    const { team, user, view } = gesture;
    const wish = readWish(view);
    const asking = planOf(team, user, wish).then((plan) => ('block' in plan ? plan : ask(gesture, plan)));
    const over = new AbortController();
    const late = clock.sleep(LIMIT_MS, over.signal).then(() => 'late' as const);
    const found = await Promise.race([asking, late]).finally(() => over.abort());
    // The form stays as it is, with all that was typed.
    if (found !== 'late' && 'block' in found)
      return { kind: 'errors', errors: { [found.block]: found.line } };
    const work = asking.then((asked) => tellOf(gesture, asked)).finally(() => underWay.delete(work));
    underWay.add(work);
    return { kind: 'none' };
  }

  /** Never rejects: what fails is a problem that the person can read. */
  async function planOf(team: string, user: string, wish: Wish): Promise<Plan | Problem> {
    try {
      switch (wish.kind) {
        case 'no_question':
          return { block: QUESTION_BLOCK, line: LINES.noQuestion };
        case 'unreadable':
          return { block: QUESTION_BLOCK, line: LINES.unreadable };
        case 'anywhere':
          return await planAnywhere(team, user, wish.channel, wish.question);
        case 'about':
          return await planAbout(team, user, wish);
      }
    } catch (err) {
      log.warn({ err: toError(err) }, 'a question of a shortcut could not be checked');
      return { block: QUESTION_BLOCK, line: LINES.failed };
    }
  }

  async function planAnywhere(
    team: string,
    user: string,
    channel: string | null,
    question: string,
  ): Promise<Plan | Problem> {
    const text = escaped(question);
    if (channel !== null) {
      if ((await people.inChannel(team, channel, user)) !== 'yes')
        return { block: CHANNEL_BLOCK, line: LINES.notYours };
      return { channel, threadTs: null, shown: shownQuestion(`<@${user}>`, null, quoted(text)), text };
    }
    const direct = await options.asking.direct(team, user);
    if (direct === null) return { block: QUESTION_BLOCK, line: LINES.failed };
    return { channel: direct, threadTs: null, shown: shownQuestion(null, null, quoted(text)), text };
  }

  async function planAbout(
    team: string,
    user: string,
    { about, question, privately }: Wish & { kind: 'about' },
  ): Promise<Plan | Problem> {
    const { channel, ts } = about;
    // First of all: who is not there must not learn whether there is such a message.
    const [inside, message] = await Promise.all([
      people.inChannel(team, channel, user),
      options.asking.message(team, channel, ts),
    ]);
    if (message === 'unreadable') return { block: QUESTION_BLOCK, line: LINES.notThere };
    if (inside !== 'yes') return { block: QUESTION_BLOCK, line: LINES.notYours };
    if (message === 'gone') return { block: QUESTION_BLOCK, line: LINES.gone };
    const [link, direct, thread] = await Promise.all([
      options.asking.link(team, channel, ts),
      privately ? options.asking.direct(team, user) : null,
      privately ? options.asking.thread(team, channel, message.threadTs) : '',
    ]);
    const what = aboutMessage(link);
    const asked = escaped(question);
    const text = askedAbout(asked, quoted(message.text));
    if (!privately)
      return {
        channel,
        threadTs: message.threadTs,
        shown: shownQuestion(`<@${user}>`, what, quoted(asked)),
        text,
      };
    if (direct === null) return { block: QUESTION_BLOCK, line: LINES.failed };
    const around = thread === '' ? '' : askedAround(quoted(escaped(thread.slice(-MOST_THREAD))));
    return {
      channel: direct,
      threadTs: null,
      shown: shownQuestion(null, what, quoted(asked)),
      text: `${text}${around}`,
    };
  }

  /** Stores the question, from when on it is not lost: so before Slack is told that the form is done. */
  async function ask({ team, user, view }: Gesture, plan: Plan): Promise<Asked | Problem> {
    try {
      const direct = plan.channel.startsWith('D');
      const { posted } = await options.ask({ ...plan, team, user, direct, cause: `form:${view.id}` });
      return { plan, posted };
    } catch (err) {
      log.error({ err: toError(err) }, 'a question of a shortcut could not be stored');
      return { block: QUESTION_BLOCK, line: LINES.failed };
    }
  }

  /** What went wrong after the form was closed. */
  async function tellOf({ team, user }: Gesture, asked: Asked | Problem): Promise<void> {
    if ('block' in asked) return tell({ team, channel: null, threadTs: null }, user, asked.line);
    const { channel, threadTs } = asked.plan;
    const { kind } = await asked.posted;
    if (kind !== 'done')
      await tell({ team, channel, threadTs }, user, kind === 'not_there' ? LINES.notThere : LINES.failed);
  }
}

/** Typed text as Slack words it: without control sequences, so that it pings nobody. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function quoted(text: string): string {
  return text.replace(/^/gm, '>');
}
