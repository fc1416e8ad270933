import { createRenderer } from '../../../src/reply/render/renderer.ts';
import { type BotMessage, type Evidence, keyOf, type ReplyRow, type Violation } from './evidence.ts';

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
    if (reply === undefined) continue;
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

function textProblems(evidence: Evidence, { expected, edits }: Asked, reply: ReplyRow): string[] {
  const { log, state, stopReason } = reply;
  const end = `${state}, ${stopReason}, ${reply.errorCode}`;
  if (stopReason === 'stopped') {
    if (!evidence.stopped.has(reply.id)) return ['was stopped and nobody had asked for that'];
    return expected.text.startsWith(log) ? [] : [difference(log, expected.text)];
  }
  if (state !== 'shown') return [`ended as ${end}`];
  if (expected.kind === 'refused') return stopReason === 'refusal' ? [] : [`ended as ${end}, not refused`];
  if (expected.kind === 'full' && stopReason !== 'context_full') return [`ended as ${end}`];
  if (expected.kind !== 'full' && stopReason !== 'end') return [`ended as ${end}`];
  return log === expected.text ? [] : [`${difference(log, expected.text)} (${edits} edits)`];
}

function difference(is: string, should: string): string {
  let at = 0;
  while (at < is.length && is[at] === should[at]) at += 1;
  const cut = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 30), at + 40));
  return `its text differs at ${at} of ${should.length} (has ${is.length}): ${cut(is)}, should be ${cut(should)}`;
}

/** What stands in Slack is what the log says, in as many messages as it takes, each posted once. */
function messageProblems(evidence: Evidence, reply: ReplyRow, mayBeUnshown: boolean): string[] {
  const messages = evidence.messages.filter((message) => message.reply === reply.id);
  if (messages.length === 0) return mayBeUnshown ? [] : ['has no message'];
  const problems: string[] = [];
  const refused = reply.stopReason === 'refusal';
  const renderer = createRenderer();
  if (!refused) renderer.push(reply.log);
  renderer.finish();
  const segments = renderer.segments();
  for (const [index, markdown] of (segments.length > 0
    ? segments.map((one) => one.markdown)
    : ['']
  ).entries()) {
    const [only, another] = messages.filter(({ segment }) => segment === index);
    if (only === undefined) problems.push(`segment ${index} is missing`);
    else if (another !== undefined) problems.push(`segment ${index} was posted twice`);
    else problems.push(...segmentProblems(only, reply, markdown));
  }
  const extra = messages.filter(
    ({ segment, texts }) => segment >= Math.max(1, segments.length) && !(refused && texts.at(-1) === ''),
  );
  if (extra.length > 0) problems.push(`${extra.length} messages too many`);
  return problems;
}

function segmentProblems({ seen, segment, texts }: BotMessage, reply: ReplyRow, markdown: string): string[] {
  const problems: string[] = [];
  if (seen.channel !== reply.channel || seen.threadTs !== reply.threadTs)
    problems.push(`segment ${segment} is in the wrong place`);
  if (reply.segments.find(({ index }) => index === segment)?.ts !== seen.ts)
    problems.push(`segment ${segment} is known under another ts`);
  const shown = texts.at(-1) ?? '';
  if (shown !== markdown) problems.push(`segment ${segment} as shown: ${difference(shown, markdown)}`);
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

const timesOf = ({ messages }: Evidence, { id }: ReplyRow): string[] =>
  messages
    .filter(({ reply }) => reply === id)
    .map(({ seen }) => seen.ts)
    .sort();
