import type { PressMade } from '../presses.ts';
import { repliesTo } from './answered.ts';
import { CARRIED_OUT_WITHIN_MS, wasDisturbed } from './disturbed.ts';
import type { Evidence, Violation } from './evidence.ts';
import type { ReplyRow, StateRow } from './rows.ts';

type Question = Evidence['questions'][number];

const PROMISE = 'a press counts once';
const DONE = 'a press is carried out';
const KEPT = 'no version is lost';
const DELETED = 'what is deleted is gone';

/**
 * Each button does what it says once, however often and by whomever it is pressed: no more versions, changes of
 * version and further texts than buttons that were pressed, and no more beginnings than edits. What a version said stays stored as it was, until its
 * asker deletes the answer; then nothing of it is left.
 */
export function pressedOnce(evidence: Evidence): Violation[] {
  return evidence.questions.flatMap((question) =>
    repliesTo(evidence, question).flatMap((reply) => {
      const say = (promise: string) => (what: string) => ({ promise, question: question.number, what });
      const undone = undoneProblems(evidence, question, reply).map(say(DONE));
      if (undone.length > 0) return undone;
      if (reply.state === 'deleted') return deletedProblems(evidence, question.user, reply).map(say(DELETED));
      return [
        ...countProblems(evidence, question, reply).map(say(PROMISE)),
        ...keptProblems(reply).map(say(KEPT)),
      ];
    }),
  );
}

/** More versions are not made. */
const MOST_VERSIONS = 10;

/** Whoever asked pressed a button as it was drawn last, nothing was in the way, and nothing came of it. */
function undoneProblems(evidence: Evidence, { user, deletedAt }: Question, reply: ReplyRow): string[] {
  if (deletedAt !== null || reply.versions >= MOST_VERSIONS) return [];
  return evidence.presses.flatMap((press) => {
    if (
      press.reply !== reply.id ||
      press.user !== user ||
      press.control === 'rate' ||
      press.control === 'raise' ||
      !press.acked
    )
      return [];
    const changes = Number(press.value.split(':')[1]);
    const before = reply.states.findLast(({ at }) => at <= press.at);
    if (before === undefined || before.changes !== changes || wasDisturbed(evidence, press.at)) return [];
    if (before.state !== 'shown' && before.state !== 'failed') return [];
    const latest = press.at + CARRIED_OUT_WITHIN_MS;
    if (reply.states.some((state) => state.changes > changes && state.at <= latest)) return [];
    return [`${press.control} ${press.value} was pressed, and nothing came of it`];
  });
}

function countProblems(evidence: Evidence, { edits }: Question, reply: ReplyRow): string[] {
  const opened = reply.states.filter((state, at) => isOpened(state, reply.states[at - 1]));
  const another = reply.moves.filter(({ what }) => what === 'another version').length;
  const back = reply.moves.filter(({ what }) => what === 'shown again').length;
  const anew = reply.moves.filter(({ what }) => what === 'begun anew').length;
  const rows = [
    ['texts were begun anew', anew, edits],
    ['versions were begun', another, buttons(evidence, reply, ['regenerate'])],
    ['versions were brought back', back, buttons(evidence, reply, ['show'])],
    ['texts were gone on with', opened.length - another, buttons(evidence, reply, ['retry', 'continue'])],
  ] as const;
  return rows
    .filter(([, done, pressed]) => done > pressed)
    .map(([what, done, pressed]) => `${done} ${what}, and that was asked for ${pressed} times`);
}

/** Different buttons of a reply that somebody pressed: a second press of one has the same value. */
function buttons({ presses }: Evidence, { id }: ReplyRow, controls: readonly PressMade['control'][]): number {
  const values = presses
    .filter(({ reply, control }) => reply === id && controls.includes(control))
    .map(({ control, value }) => `${control} ${value}`);
  return new Set(values).size;
}

function isOpened({ state }: StateRow, before: StateRow | undefined): boolean {
  return state === 'writing' && before !== undefined && !['waiting', 'writing'].includes(before.state);
}

function keptProblems(reply: ReplyRow): string[] {
  const problems: string[] = [];
  const rows = [reply, ...reply.others];
  for (let version = 1; version <= reply.versions; version++) {
    const row = rows.find((one) => one.version === version);
    if (row === undefined) problems.push(`version ${version} of ${reply.versions} is not there any more`);
    // A version that was gone on with since has more.
    for (const left of reply.moves.filter((move) => move.what !== 'begun anew' && move.version === version))
      if (row !== undefined && !row.log.startsWith(left.log))
        problems.push(
          `version ${version} had ${left.log.length} characters when it was left, and has ${row.log.length} others`,
        );
  }
  if (rows.length > reply.versions) problems.push(`has ${rows.length} versions, and says ${reply.versions}`);
  return [...problems, ...anewProblems(reply)];
}

/** A text that was finished is not begun anew: its question must have been edited while more was written. */
function anewProblems({ states, moves, edits }: ReplyRow): string[] {
  return moves.flatMap(({ what, at, version, log }) => {
    if (what !== 'begun anew') return [];
    const before = states.filter((state) => state.at < at && state.version === version);
    const over = before.findLast(
      ({ state }) => state === 'answered' || state === 'shown' || state === 'failed',
    );
    if (over === undefined || over.failed || over.units === 0) return [];
    const since = before.find((state) => state.at > over.at)?.at ?? at;
    if (edits.some((edit) => edit >= since && edit <= at)) return [];
    return [`version ${version} was over, and its ${log.length} characters were thrown away`];
  });
}

function deletedProblems(evidence: Evidence, asker: string, reply: ReplyRow): string[] {
  const { presses, messages, shares } = evidence;
  const asked = presses.some(
    ({ reply: id, control, user }) => id === reply.id && control === 'delete' && user === asker,
  );
  const left = messages.filter((message) => message.reply === reply.id).length;
  return [
    ...(asked ? [] : ['was deleted, and its asker had not asked for that']),
    ...(left > 0 ? [`${left} of its messages are there`] : []),
    ...shares.filter((share) => share.reply === reply.id).map(({ name }) => `its file ${name} is there`),
    ...(reply.log === '' && reply.others.length === 0 ? [] : ['its text is stored']),
    ...(reply.remembered === null ? [] : ['the model is given its answer']),
  ];
}
