import type { Trouble } from '../bots.ts';
import { repeatedFrom } from '../script.ts';
import { repliesTo } from './answered.ts';
import { isHarm, wasHarmed } from './disturbed.ts';
import type { Evidence, QuestionCall, Violation } from './evidence.ts';

const PROMISE = 'no token bought twice';
/**
 * The log is written 200 ms after a token at the latest. The rest is for a process that has just taken over all
 * that two others had, on a machine that is busy with their deaths.
 */
const LOGGED_WITHIN_MS = 200 + 2_300;
/** Where even the supervisor's timers are late, a token passes this many queues that are as late. */
const QUEUES = 4;
/** Text on its way when a connection is reset is lost with it. */
const ON_ITS_WAY_MS = 400;
/** Blanks at the end are not repeated to the model. */
const BLANKS = 4;
/** A trouble ends a call, or the call ends and its process has trouble before commit 2. */
const AROUND_MS = 3_000;

const AFTER_THAW_MS = 500;

/** Most tokens of an answer, as the processes are configured: a call with fewer had no more money. */
const MOST_TOKENS = 16_000;

export interface TokenFigures {
  /** Characters that the model said and said again, over all cut calls. */
  readonly saidAgain: number;
  readonly said: number;
  /** Calls that followed a cut. */
  readonly continuations: number;
}

/**
 * After a cut the model is asked for no more than what was not received or could not be made durable in time;
 * an answer that is complete is not asked for again. The words that the seam repeats are not counted.
 */
export function boughtOnce(evidence: Evidence): { violations: Violation[]; figures: TokenFigures } {
  const violations: Violation[] = [];
  let saidAgain = 0;
  let continuations = 0;
  for (const question of evidence.questions) {
    const say = (what: string) => violations.push({ promise: PROMISE, question: question.number, what });
    const calls = evidence.calls.filter(({ asked }) => asked.question === question.number);
    for (const { asked, call } of calls)
      if (asked.strange !== null)
        say(`call ${call.id} claims text that was never said: …${asked.strange.slice(-80)}`);
    // An edit of the question while it is being answered begins the answer anew.
    let anew = question.edits;
    for (const problem of afterCommit(evidence, question, calls)) say(problem);
    for (const one of calls) {
      const problem = hungUpProblem(evidence, question, one);
      if (problem !== null) say(problem);
    }
    for (const [at, next] of calls.entries()) {
      const cut = calls[at - 1];
      if (cut === undefined) continue;
      const opened = openedBetween(evidence, question, cut, next);
      if (opened !== null) {
        const problem = openedProblem(opened, next);
        if (problem !== null && anew-- <= 0) say(problem);
        continue;
      }
      const start = startOf(cut);
      if (endedRound(cut)) {
        const problem = roundProblem(evidence, cut, next, start);
        if (problem !== null && (next.asked.from > 0 || anew-- <= 0)) say(problem);
        continue;
      }
      if (cut.call.text === '') continue;
      continuations += 1;
      const again = start + cut.call.text.length - next.asked.from;
      saidAgain += Math.max(0, again);
      const problem = cutProblem(evidence, calls.slice(0, at), next);
      if (problem === null) continue;
      if (next.asked.from > 0 || anew-- <= 0) say(problem);
    }
  }
  const said = evidence.calls.reduce((sum, { call }) => sum + call.text.length, 0);
  return { violations, figures: { saidAgain, said, continuations } };
}

interface Opened {
  readonly version: number;
  /** Characters that were there already. */
  readonly units: number;
}

/** A person's press between two calls that wants more of an answer that was over; each is worth one call. */
function openedBetween(
  evidence: Evidence,
  question: Evidence['questions'][number],
  cut: QuestionCall,
  next: QuestionCall,
): Opened | null {
  for (const { states } of repliesTo(evidence, question))
    for (const [at, opened] of states.entries()) {
      const before = states[at - 1]?.state ?? 'waiting';
      if (opened.state !== 'writing' || before === 'waiting' || before === 'writing') continue;
      if (opened.at > cut.call.receivedAt && opened.at <= next.call.receivedAt) return opened;
    }
  return null;
}

/** Whoever goes on after a press goes on after all that was there. */
function openedProblem({ version, units }: Opened, { asked, call }: QuestionCall): string | null {
  if (asked.from + BLANKS >= units) return null;
  return `call ${call.id} goes on after ${asked.from} characters; version ${version} had ${units} when it was opened again`;
}

/** Where in its draft a call begins to write. */
const startOf = ({ asked, text }: QuestionCall) =>
  asked.exact ? asked.from : repeatedFrom(text, asked.from);

/** `calls`: those of the answer up to the one that was cut. */
function cutProblem(evidence: Evidence, calls: readonly QuestionCall[], next: QuestionCall): string | null {
  const cut = calls.at(-1);
  if (cut === undefined) return null;
  const { call } = cut;
  // Not one byte of it reached the process: it stopped waiting, or was gone.
  if (cut.who === null) return null;
  const ended = call.endedAt ?? next.call.receivedAt;
  const late = QUEUES * evidence.lateAround(ended);
  const around = AROUND_MS + late;
  const near = troublesNear(evidence, cut, ended, around);
  const trouble = near.some(({ what }) => isHarm(what)) ? (near[0] ?? null) : null;
  if (call.outcome === 'complete' && trouble === null && !endedForMoney(call))
    return `call ${call.id} was complete, and call ${next.call.id} asks again`;
  const durableAt = trouble === null ? ended - ON_ITS_WAY_MS - late : trouble.from - LOGGED_WITHIN_MS - late;
  const durable = wholeWords(cut.text, lengthBy(calls, durableAt));
  const kept = next.asked.from;
  if (kept > 0 && next.draft !== cut.draft)
    return `call ${next.call.id} goes on with draft ${next.draft}; call ${call.id} wrote draft ${cut.draft}`;
  if (kept + BLANKS >= durable) return null;
  const why =
    trouble === null ? `outcome ${call.outcome}, fault ${call.fault}` : `${trouble.what} at ${trouble.from}`;
  return `call ${next.call.id} goes on after ${kept} characters; of call ${call.id} (${cut.who}, ${why}) ${durable} were long received`;
}

/** The model called something, or paused: what follows goes on with its next word. */
function endedRound({ call }: QuestionCall): boolean {
  return call.outcome === 'complete' && ['tool_use', 'pause_turn'].includes(call.stopReason ?? '');
}

/** After a round that was received the model is asked for nothing of it again, if its process had no trouble then. */
function roundProblem(
  evidence: Evidence,
  round: QuestionCall,
  { asked, call: next }: QuestionCall,
  start: number,
): string | null {
  const { call, who } = round;
  if (who === null) return null;
  const ended = call.endedAt ?? next.receivedAt;
  const around = AROUND_MS + QUEUES * evidence.lateAround(ended);
  // A round that paused is stored nowhere: whoever has the answer next asks for it anew.
  const near =
    call.stopReason === 'pause_turn'
      ? troublesOf(evidence.troubles, who, call.receivedAt - around, next.receivedAt)
      : troublesNear(evidence, round, ended, around);
  if (near.some(({ what }) => isHarm(what))) return null;
  const isSame = asked.exact && asked.from + BLANKS >= start + call.text.length;
  return isSame ? null : `call ${call.id} ended as ${call.stopReason}, and call ${next.id} asks for it again`;
}

/** What is kept of an answer that is being written ends where a word does; the rest of the word is asked for again. */
const wholeWords = (text: string, length: number) => text.slice(0, length).search(/\S*$/);

/** How much of its draft the last of these calls had received at a moment, or before it the calls of the same process before it. */
export function lengthBy(calls: readonly QuestionCall[], at: number): number {
  const last = calls.at(-1);
  if (last === undefined) return 0;
  const { length = 0 } = last.growth.points.findLast((point) => point.at <= at) ?? {};
  const before = calls.at(-2);
  // What another process received was stored, or this one would not have gone on behind it.
  const is = length > 0 || before?.who !== last.who || before.draft !== last.draft;
  return is ? startOf(last) + length : lengthBy(calls.slice(0, -1), at);
}

/**
 * Troubles of a call's process around it. What merely hinders costs nothing, unless more comes while it lasts or before what
 * waited for it is stored.
 */
function troublesNear(
  { troubles }: Evidence,
  { who, call }: QuestionCall,
  ended: number,
  around: number,
): Trouble[] {
  const until = (to: number) => troublesOf(troubles, who, call.receivedAt - around, to + around);
  const hindered = until(ended).filter(({ what }) => !isHarm(what));
  return until(Math.max(ended, ...hindered.map(({ to }) => to)));
}

/** Troubles of the process that made a call in this time, the first one first. */
function troublesOf(troubles: readonly Trouble[], who: string | null, from: number, to: number): Trouble[] {
  return troubles
    .filter((trouble) => trouble.who === who && trouble.to >= from && trouble.from <= to)
    .toSorted((a, b) => a.from - b.from);
}

/** It was allowed fewer tokens than an answer may have, and used them up: what follows is another call. */
function endedForMoney({ stopReason, body }: QuestionCall['call']): boolean {
  return stopReason === 'max_tokens' && Number(body?.['max_tokens']) < MOST_TOKENS;
}

/**
 * A process that lives and has its lease goes on receiving while its database is merely hindered. It hangs up only where
 * somebody wanted that, or where the model said nothing any more.
 */
function hungUpProblem(
  evidence: Evidence,
  question: Evidence['questions'][number],
  one: QuestionCall,
): string | null {
  const { call, who } = one;
  if (call.outcome !== 'left' || call.fault !== null || who === null) return null;
  const ended = call.endedAt ?? call.receivedAt;
  const hindered = troublesOf(evidence.troubles, who, call.receivedAt, ended + LOGGED_WITHIN_MS).find(
    ({ what }) => !isHarm(what),
  );
  if (hindered === undefined || wasHarmed(evidence, who, call.receivedAt, ended)) return null;
  const wanted =
    question.edits > 0 ||
    question.deletedAt !== null ||
    repliesTo(evidence, question).some(({ id, state }) => evidence.stopped.has(id) || state === 'deleted');
  return wanted
    ? null
    : `call ${call.id} was hung up by ${who}, which lived and had its lease, ${ended - hindered.from} ms after ${hindered.what}`;
}

/**
 * A request that was about to leave when its process was frozen arrives after the thaw, and is hung up at once: the
 * process finds its lease gone. Not a word of it is bought.
 */
function wasFrozen({ troubles }: Evidence, who: string | null, call: QuestionCall['call']): boolean {
  return (
    call.text === '' &&
    troubles.some(
      ({ what, who: frozen, from, to }) =>
        what === 'frozen' && frozen === who && from < call.receivedAt && call.receivedAt < to + AFTER_THAW_MS,
    )
  );
}

/** Between commit 2 and a person's "Try again" the model is not called. */
function afterCommit(
  evidence: Evidence,
  question: Evidence['questions'][number],
  calls: readonly QuestionCall[],
) {
  const problems: string[] = [];
  for (const { states } of repliesTo(evidence, question))
    for (const [at, { state, at: since }] of states.entries()) {
      if (state !== 'answered' && state !== 'shown') continue;
      const until = states[at + 1]?.at ?? Number.POSITIVE_INFINITY;
      // Requests of the old owner may be on their way when a new one commits.
      for (const { call, who } of calls)
        if (call.receivedAt > since + 100 && call.receivedAt < until && !wasFrozen(evidence, who, call))
          problems.push(`call ${call.id} was made although the reply was ${state}`);
    }
  return problems;
}
