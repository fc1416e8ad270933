import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Gate } from '../people/gate.ts';
import type { People, Presence } from '../people/person.ts';
import { CANNOT_CHECK, wordsOf } from '../words/people.ts';
import { aboutMessage, askedAbout, askedAround, LINES, shownQuestion } from '../words/shortcuts.ts';
import { CHANNEL_BLOCK, QUESTION_BLOCK, type Question } from './forms.ts';
import type { Asking } from './ports.ts';

/** Why a question can't be asked: a line at a field of the form. */
interface Problem {
  readonly block: string;
  readonly line: string;
  /** It may be otherwise in a moment: Slack did not say what has to be known. */
  readonly passing: boolean;
}

/** What is to be asked, after everything about it was checked. */
export interface Plan {
  readonly channel: string;
  readonly threadTs: string | null;
  readonly direct: boolean;
  readonly shown: string;
  readonly text: string;
}

/** Who sent the form. */
interface Asker {
  /** The installation. */
  readonly team: string;
  readonly user: string;
  /** The person's own workspace, where Slack named it; it may differ from `team`. */
  readonly userTeam: string | null;
}

/** Characters of a thread that go along with a private question. */
const MOST_THREAD = 30_000;

/**
 * Checks all that a form names, anew each time: the form was in somebody's hands. Both people are in the channel (the one
 * who asks, and we), the message is there, and the gate lets the one who asks in where the answer will stand. Nothing is
 * posted before. Never rejects: what fails is a problem that the person can read.
 */
export function createPlanner({
  people,
  asking,
  gate,
  log,
}: {
  readonly people: Pick<People, 'inChannel' | 'weAreIn'>;
  readonly asking: Asking;
  readonly gate: Gate;
  readonly log: Log;
}): (asker: Asker, question: Question) => Promise<Plan | Problem> {
  return async (asker, question) => {
    const { team, user } = asker;
    try {
      const plan = await (question.kind === 'anywhere'
        ? planAnywhere(team, user, question)
        : planAbout(team, user, question));
      if ('block' in plan) return plan;
      const block = question.kind === 'anywhere' && !plan.direct ? CHANNEL_BLOCK : QUESTION_BLOCK;
      return (await keptOut(asker, plan, block)) ?? plan;
    } catch (err) {
      log.warn({ err: toError(err) }, 'a question of a shortcut could not be checked');
      return NOT_NOW;
    }
  };

  async function keptOut(
    { team, user, userTeam }: Asker,
    { channel, direct }: Plan,
    block: string,
  ): Promise<Problem | null> {
    const entry = await gate({ team, channel, direct, user, userTeam }, { maxAgeMs: 0 });
    if (entry.kind === 'refused') return { block, line: wordsOf(entry.refusal), passing: false };
    const unsure = entry.kind === 'unreachable' && entry.ruled;
    return unsure ? { block, line: CANNOT_CHECK, passing: true } : null;
  }

  async function planAnywhere(
    team: string,
    user: string,
    { channel, question }: Question & { kind: 'anywhere' },
  ): Promise<Plan | Problem> {
    const text = escaped(question);
    if (channel === null) return privately(team, user, shownQuestion(null, null, quoted(text)), text);
    const [inside, here] = await Promise.all([
      people.inChannel(team, channel, user),
      people.weAreIn(team, channel),
    ]);
    const problem = absence(CHANNEL_BLOCK, inside, here);
    if (problem !== null) return problem;
    return inPublic(channel, null, shownQuestion(`<@${user}>`, null, quoted(text)), text);
  }

  async function planAbout(
    team: string,
    user: string,
    { about: { channel, ts }, question, privately: onlyToMe }: Question & { kind: 'about' },
  ): Promise<Plan | Problem> {
    const [inside, here, message] = await Promise.all([
      people.inChannel(team, channel, user),
      people.weAreIn(team, channel),
      asking.message(team, channel, ts),
    ]);
    // First of all: who is not there must not learn whether there is such a message.
    const readable = message !== 'unreadable' && message !== 'gone';
    const problem = absence(QUESTION_BLOCK, inside, readable ? 'yes' : here);
    if (problem !== null) return problem;
    if (message === 'gone') return { block: QUESTION_BLOCK, line: LINES.gone, passing: false };
    if (message === 'unreadable') return NOT_NOW;
    const [link, thread] = await Promise.all([
      asking.link(team, channel, ts),
      onlyToMe ? asking.thread(team, channel, message.threadTs) : '',
    ]);
    const what = aboutMessage(link);
    const asked = escaped(question);
    const text = askedAbout(asked, quoted(message.text));
    if (!onlyToMe)
      return inPublic(channel, message.threadTs, shownQuestion(`<@${user}>`, what, quoted(asked)), text);
    const around = thread === '' ? '' : askedAround(quoted(escaped(thread.slice(-MOST_THREAD))));
    return privately(team, user, shownQuestion(null, what, quoted(asked)), `${text}${around}`);
  }

  async function privately(team: string, user: string, shown: string, text: string): Promise<Plan | Problem> {
    const channel = await asking.direct(team, user);
    return channel === null ? NOT_NOW : { channel, threadTs: null, direct: true, shown, text };
  }
}

const NOT_NOW: Problem = { block: QUESTION_BLOCK, line: LINES.failed, passing: true };

function inPublic(channel: string, threadTs: string | null, shown: string, text: string): Plan {
  return { channel, threadTs, direct: channel.startsWith('D'), shown, text };
}

/** Why nobody can be asked in a channel for this person; null: they are there, and so are we. */
function absence(block: string, inside: Presence, here: Presence): Problem | null {
  // Of a private channel without us Slack does not even say that it is there, nor who is in it.
  if (inside !== 'no' && here === 'no') return { block, line: LINES.notThere, passing: false };
  if (inside === 'no') return { block, line: LINES.notYours, passing: false };
  if (inside === 'unknown') return { block, line: wordsOf('presence_unknown'), passing: true };
  return here === 'unknown' ? NOT_NOW : null;
}

/** Typed text as Slack words it: without control sequences, so that it pings nobody. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function quoted(text: string): string {
  return text.replace(/^/gm, '>');
}
