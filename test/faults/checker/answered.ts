import { type BotMessage, type Evidence, keyOf, type Violation } from './evidence.ts';
import type { ReplyRow, VersionRow } from './rows.ts';

const PROMISE = 'one complete answer';

/** Each acknowledged question has one reply, complete, in its thread, in order; nothing else was posted. */
export function answered(evidence: Evidence): Violation[] {
  const found: Violation[] = [];
  const known = new Set(evidence.replies.map(({ id }) => id));
  for (const { reply, seen } of evidence.messages)
    if (reply === null || !known.has(reply))
      found.push({ promise: PROMISE, question: null, what: `message ${seen.ts} belongs to no reply` });
  for (const question of evidence.questions) {
    const say = (what: string) => found.push({ promise: PROMISE, question: question.number, what });
    const replies = repliesTo(evidence, question);
    if (replies.length > 1) say(`has ${replies.length} replies`);
    const [reply] = replies;
    if (question.deletedAt === null && reply === undefined && isAcknowledged(evidence, question))
      say('was acknowledged and has no reply');
    // What was deleted by its asker is looked at in `pressed.ts`.
    if (reply === undefined || reply.state === 'deleted') continue;
    for (const problem of question.deletedAt === null ? textProblems(evidence, question, reply) : [])
      say(problem);
    for (const problem of messageProblems(evidence, reply, question.deletedAt !== null)) say(problem);
  }
  return [...found, ...orderProblems(evidence)];
}

type Asked = Evidence['questions'][number];

export function repliesTo({ replies }: Evidence, { channel, ts }: Asked): ReplyRow[] {
  return replies.filter((reply) => reply.channel === channel && reply.questionTs === ts);
}

function isAcknowledged({ acknowledged }: Evidence, { channel, ts }: Asked): boolean {
  return acknowledged.has(keyOf(channel, ts));
}

function textProblems(evidence: Evidence, question: Asked, reply: ReplyRow): string[] {
  const { stopReason, state } = reply;
  // In the end somebody pressed Try again and Continue wherever they were offered.
  const open = stopReason !== 'stopped' && (state !== 'shown' || stopReason === 'max_tokens');
  if (open && !(stopReason === 'max_tokens' && question.edits > 0)) return [`ended as ${endOf(reply)}`];
  return [reply, ...reply.others].flatMap((row) =>
    versionProblems(evidence, question, reply, row).map((what) => `version ${row.version} ${what}`),
  );
}

const endOf = ({ stopReason, errorCode }: VersionRow) => `${stopReason}, ${errorCode}`;

/** One version: one of the texts that were said, and as long as its end says. */
function versionProblems(
  { stopped }: Evidence,
  { expected: { kind, drafts }, edits }: Asked,
  { id }: ReplyRow,
  row: VersionRow,
): string[] {
  const { log, stopReason, errorCode } = row;
  const draft = drafts.findLast(({ text }) => text.startsWith(log));
  if (draft === undefined) {
    const [nearest = ''] = drafts.map(({ text }) => text).toSorted((a, b) => alike(b, log) - alike(a, log));
    return [`${difference(log, nearest)} (${edits} edits, ${drafts.length} drafts)`];
  }
  if (errorCode !== null) return [];
  const whole = log === draft.text;
  switch (stopReason) {
    case 'stopped':
      return stopped.has(id) ? [] : ['was stopped and nobody had asked for that'];
    case 'refusal':
      return kind === 'refused' ? [] : ['was refused'];
    case 'context_full':
      return kind === 'full' && whole ? [] : [`${difference(log, draft.text)}, ended as ${endOf(row)}`];
    case 'max_tokens':
      return draft.cuts.includes(log.length) ? [] : [`was cut at ${log.length} (${draft.cuts.join(', ')})`];
    case 'end': {
      const may = kind !== 'refused' && kind !== 'full';
      return may && whole ? [] : [`${difference(log, draft.text)}, ended as ${endOf(row)}`];
    }
    default:
      return [`ended as ${endOf(row)}`];
  }
}

/** Length of their common beginning. */
function alike(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}

function difference(is: string, should: string): string {
  const at = alike(is, should);
  const cut = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 30), at + 40));
  return `its text differs at ${at} of ${should.length} (has ${is.length}): ${cut(is)}, should be ${cut(should)}`;
}

/** What stands in Slack is what the log says, line by line, in as many messages as it takes, each posted once. */
function messageProblems(evidence: Evidence, reply: ReplyRow, mayBeUnshown: boolean): string[] {
  const messages = evidence.messages.filter((message) => message.reply === reply.id);
  if (messages.length === 0) return mayBeUnshown ? [] : ['has no message'];
  const problems: string[] = [];
  const text = reply.stopReason === 'refusal' ? '' : reply.log;
  const last = Math.max(...messages.map(({ segment }) => segment));
  const shown: string[] = [];
  for (let index = 0; index <= last; index++) {
    const [only, another] = messages.filter(({ segment }) => segment === index);
    if (only === undefined) problems.push(`segment ${index} is missing`);
    else if (another !== undefined) problems.push(`segment ${index} was posted twice`);
    else {
      problems.push(...placeProblems(only, reply));
      shown.push(only.texts.at(-1) ?? '');
    }
  }
  if (problems.length > 0) return problems;
  // Another version, or the words before a refusal, may have needed more messages than this one: they are empty now.
  const mayBeLeft = reply.stopReason === 'refusal' || reply.versions > 1;
  const empty = shown.filter((one, index) => index > 0 && one === '').length;
  if (empty > 0 && !mayBeLeft) problems.push(`${empty} messages too many`);
  const [is, should] = [linesOf(shown.join('\n')), linesOf(text)];
  return is === should ? problems : [...problems, `as shown: ${difference(is, should)}`];
}

/**
 * Lines that hold words, as they are whichever way an answer is divided into messages: a block of code or a table that
 * goes on in another one has its marks and its head again, and a row that was cut is closed; a line that would read as
 * something else begins with a joiner. All tables of the texts have one head (`texts.ts`).
 */
export function linesOf(markdown: string): string {
  return markdown
    .split('\n')
    .map((line) => line.replace(/^\u2060/, ''))
    .map((line) => (line.startsWith('|') ? line.replace(/[\s|]+$/, '') : line.trimEnd()))
    .filter((line) => line !== '' && !/^```/.test(line) && !/^\|\s*(---|name\s*\|)/.test(line))
    .join('\n');
}

function placeProblems({ seen, segment }: BotMessage, reply: ReplyRow): string[] {
  const problems: string[] = [];
  if (seen.channel !== reply.channel || seen.threadTs !== reply.threadTs)
    problems.push(`segment ${segment} is in the wrong place`);
  if (reply.segments.find(({ index }) => index === segment)?.ts !== seen.ts)
    problems.push(`segment ${segment} is known under another ts`);
  return problems;
}

/** In a thread, what was asked (and acknowledged) first is answered first, and to its end. */
function orderProblems(evidence: Evidence): Violation[] {
  const found: Violation[] = [];
  for (const first of evidence.questions)
    for (const second of evidence.questions) {
      if (second.threadTs !== first.threadTs || second.channel !== first.channel || second.ts <= first.ts)
        continue;
      const taken = evidence.acknowledged.get(keyOf(first.channel, first.ts));
      if (taken === undefined || taken >= second.askedAt) continue;
      const [a, b] = [repliesTo(evidence, first)[0], repliesTo(evidence, second)[0]];
      if (a === undefined || b === undefined || a.states.some(({ state }) => state === 'failed')) continue;
      const last = timesOf(evidence, a).at(-1);
      const begin = timesOf(evidence, b)[0];
      if (last !== undefined && begin !== undefined && begin < last)
        found.push({
          promise: 'in order',
          question: second.number,
          what: `was answered before question ${first.number} of its thread was`,
        });
    }
  return found;
}

/** When its first answer was posted, message by message; another version may need more of them later. */
function timesOf({ messages }: Evidence, { id, states }: ReplyRow): string[] {
  const over = states.find(({ state }) => state === 'shown')?.at ?? Number.POSITIVE_INFINITY;
  return messages
    .filter(({ reply, times }) => reply === id && (times[0] ?? 0) <= over)
    .map(({ seen }) => seen.ts)
    .sort();
}
