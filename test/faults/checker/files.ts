import { filesOf, tablesIn, wantsCsv } from '../files.ts';
import { repliesTo } from './answered.ts';
import { isHarm } from './disturbed.ts';
import type { Evidence, Violation } from './evidence.ts';
import type { SentFileRow } from './rows.ts';

const IN = 'files reach the model as they are kept';
const OUT = 'a file comes once';
/** Files of one answer. */
const MOST = 5;

/**
 * Every file of a question is in each request for its answer, once, exactly as it is kept in the end, or named there as one
 * that can't be read; what was not read is told under the answer. Files of answers are shared once, and are what the answer says.
 */
export function filesHold(evidence: Evidence): Violation[] {
  const unknown = evidence.shares.filter(({ reply }) => reply === null);
  return [
    ...unknown.map(({ name, file }) => ({
      ...{ promise: OUT, question: null },
      what: `${name} (${file}) was shared and no reply has noted it`,
    })),
    ...evidence.questions.flatMap((question) => ofQuestion(evidence, question)),
  ];
}

type Asked = Evidence['questions'][number];

function ofQuestion(evidence: Evidence, question: Asked): Violation[] {
  return [
    ...filesIn(evidence, question).map((what) => ({ promise: IN, question: question.number, what })),
    ...filesOut(evidence, question).map((what) => ({ promise: OUT, question: question.number, what })),
  ];
}

function filesIn(evidence: Evidence, question: Asked): string[] {
  if (question.via !== 'message' || question.deletedAt !== null) return [];
  const files = filesOf(evidence.seed, question.number);
  const [reply] = repliesTo(evidence, question);
  if (files.length === 0 || reply === undefined || reply.state === 'deleted') return [];
  const problems: string[] = [];
  const rows = evidence.attachments.filter(
    ({ channel, ts }) => channel === question.channel && ts === question.ts,
  );
  const calls = evidence.calls.filter(({ asked }) => asked.question === question.number);
  // What can't be stored while the database is away is read again for the next question.
  const away = evidence.troubles.some(({ what }) => what === 'database' || !isHarm(what));
  for (const { shared, kind, says } of files) {
    const called = `[file ${JSON.stringify(shared.name)}: `;
    const mine = rows.filter(({ name }) => name === shared.name);
    const [row] = mine;
    if (mine.length > 1 || (mine.length === 0 && calls.length > 0 && !away))
      problems.push(`${shared.name} is kept ${mine.length} times`);
    for (const one of calls) {
      const { blocks } = one;
      const places = blocks.flatMap(({ text }, at) => (text.includes(called) ? [at] : []));
      const [place] = places;
      const by = `call ${one.call.id}`;
      if (place === undefined || places.length > 1) {
        problems.push(`${shared.name} is told ${places.length} times in ${by}`);
        continue;
      }
      const text = blocks[place]?.text ?? '';
      const missing = text.startsWith(`${called}you can not see it`);
      if (missing) {
        if (kind !== 'unreadable' && !evidence.disturbedSlack)
          problems.push(`${shared.name} is missing in ${by}`);
      } else if (kind === 'unreadable') problems.push(`${shared.name} is given in ${by}`);
      else if (kind === 'words') {
        if (!text.includes(says)) problems.push(`${shared.name} says something else in ${by}`);
      } else {
        const given = blocks[place + 1]?.hash ?? null;
        if (given === null) problems.push(`${shared.name} is told and not given in ${by}`);
        else if (row !== undefined && row.hash !== null && row.hash !== given)
          problems.push(`${shared.name} is not given in ${by} as it is kept`);
      }
    }
    const told = evidence.messages.some(
      ({ reply: id, around }) => id === reply.id && around.includes(`${shared.name} (`),
    );
    // Stopped before the model was asked, it may have read no file.
    const asked = reply.state === 'shown' && reply.versions === 1 && calls.length > 0;
    if (kind === 'unreadable' && asked && !told)
      problems.push(`nobody is told that ${shared.name} was not read`);
  }
  return problems;
}

function filesOut(evidence: Evidence, question: Asked): string[] {
  const replies = repliesTo(evidence, question);
  const shares = evidence.shares.filter(
    ({ channel, threadTs, reply }) =>
      channel === question.channel &&
      threadTs === question.threadTs &&
      replies.some(({ id, state }) => id === reply && state !== 'deleted'),
  );
  const problems: string[] = [];
  const texts = replies.flatMap((reply) => [reply, ...reply.others].map(({ log }) => log));
  const wanted = question.via === 'message' && wantsCsv(evidence.seed, question.number);
  for (const { name, text, file } of shares) {
    if (shares.filter((other) => other.text === text).length > 1)
      problems.push(`${name} (${file}) is there more than once`);
    if (!wanted) problems.push(`${name} was not asked for`);
    else if (question.edits === 0 && !texts.some((log) => tablesIn(log).includes(text)))
      problems.push(`${name} (${file}) is no table of the answer`);
  }
  for (const reply of replies) {
    const rows = evidence.sentFiles.filter(({ reply: id }) => id === reply.id);
    problems.push(...openFiles(rows, reply));
    if (!wanted || question.edits > 0 || evidence.disturbedSlack) continue;
    if (reply.state !== 'shown' || reply.stopReason !== 'end' || reply.versions > 1) continue;
    for (const table of tablesIn(reply.log).slice(0, MOST))
      if (!shares.some(({ text }) => text === table))
        problems.push('a table of the answer did not come as a file');
  }
  return problems;
}

/**
 * Files of the version that is shown, in the end, that are neither there nor given up. One of another version stays as it was
 * when somebody went to this one, and comes when that version is shown; of a deleted answer none comes.
 */
export function openFiles(
  rows: readonly Pick<SentFileRow, 'at' | 'version' | 'state'>[],
  reply: Pick<Evidence['replies'][number], 'state' | 'version'>,
): string[] {
  return rows.flatMap(({ at, version, state }) =>
    state === 'over' || version !== reply.version || reply.state === 'deleted'
      ? []
      : [`file ${at} of version ${version} is ${state}`],
  );
}
