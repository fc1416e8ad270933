import { createHash } from 'node:crypto';
import type { ModelCall } from '../../../playground/model/types.ts';
import type { SeenMessage } from '../../../playground/slack/contract.ts';
import type { Delivery } from '../../../playground/slack/deliveries.ts';
import { isJson, type Json, listOf, objectOf, textOf } from '../../../playground/slack/json.ts';
import { systemClock as clock } from '../../../src/clock.ts';
import type { SlackWrite, Trouble } from '../bots.ts';
import type { BudgetSent, CommandSent, Errands, SettingSent } from '../errands.ts';
import { type History, isPostOf, markOf, postsOf, type Question } from '../history.ts';
import type { Presses, PressMade, ReasonGiven } from '../presses.ts';
import { type Asked, draftOf } from '../script.ts';
import { answerTo, type Kind } from '../texts.ts';
import type { CallGrowth, World } from '../world.ts';
import type { Money } from './money.ts';
import type { BudgetChange } from './raises.ts';
import {
  type AttachmentRow,
  attachmentsIn,
  budgetChangesIn,
  moneyIn,
  type OpinionRow,
  opinionsIn,
  type ReplyRow,
  repliesIn,
  type SentFileRow,
  sentFilesIn,
  settingsIn,
} from './rows.ts';

/** A promise that was broken, with the facts that show it. */
export interface Violation {
  readonly promise: string;
  /** Number of the question; null if it is about none in particular. */
  readonly question: number | null;
  readonly what: string;
}

/** A message of the bot with everything that was ever seen in it. */
export interface BotMessage {
  readonly reply: string | null;
  readonly segment: number;
  readonly seen: SeenMessage;
  /** The answer's text in it, look by look. */
  readonly texts: readonly string[];
  /** When each look came. */
  readonly times: readonly number[];
  /** Everything else in it now: notices and buttons, as JSON. */
  readonly around: string;
}

/** One call of the model for one question. */
export interface QuestionCall {
  readonly call: ModelCall;
  readonly asked: Asked;
  /** The draft that it said, and the whole text of that. */
  readonly draft: number;
  readonly text: string;
  readonly growth: CallGrowth;
  /** The process that made it; null if it got no answer at all. */
  readonly who: string | null;
  /** What people said in its request, block by block. */
  readonly blocks: readonly SaidBlock[];
}

/** A block of a request: its words, or the SHA-256 (hexadecimal) of the picture or PDF that it is. */
export interface SaidBlock {
  readonly text: string;
  readonly hash: string | null;
}

/** A file that the bot shared. */
export interface Share {
  /** Slack's id. */
  readonly file: string;
  readonly name: string;
  readonly text: string;
  readonly channel: string;
  readonly threadTs: string | null;
  /** The reply that noted it; null: none did. */
  readonly reply: string | null;
}

export interface LeaseSpan {
  readonly mailbox: string;
  readonly who: string;
  readonly from: number;
  readonly to: number;
}

/** What may be said to a question, draft by draft. */
export interface Expected {
  readonly kind: Kind;
  readonly drafts: readonly { readonly text: string; readonly cuts: readonly number[] }[];
}

/** All that the checker looks at: what Slack, the model and the database saw. */
export interface Evidence {
  readonly seed: number;
  /** Files of messages, as they are kept. */
  readonly attachments: readonly AttachmentRow[];
  readonly sentFiles: readonly SentFileRow[];
  readonly shares: readonly Share[];
  /** Slack refused or broke off something: files may be named as not given, and tables come as text alone. */
  readonly disturbedSlack: boolean;
  readonly questions: readonly (Question & { readonly expected: Expected })[];
  readonly stopped: ReadonlySet<string>;
  readonly presses: readonly PressMade[];
  readonly reasons: readonly ReasonGiven[];
  readonly opinions: readonly OpinionRow[];
  /** Questions of which Slack had an acknowledgement, by channel and ts. */
  readonly acknowledged: ReadonlyMap<string, number>;
  readonly replies: readonly ReplyRow[];
  readonly messages: readonly BotMessage[];
  readonly calls: readonly QuestionCall[];
  readonly writes: readonly SlackWrite[];
  readonly troubles: readonly Trouble[];
  readonly leases: readonly LeaseSpan[];
  /** When a process was found dead by another, or left. */
  readonly deaths: readonly { readonly who: string; readonly at: number }[];
  readonly settings: readonly SettingSent[];
  /** The setting that is sent, as it is in the end, by scope and id. */
  readonly stored: ReadonlyMap<string, string>;
  readonly commands: readonly CommandSent[];
  /** What the bot told one person in a channel, outside threads. */
  readonly answers: readonly { readonly user: string; readonly channel: string; readonly at: number }[];
  /** How often a question stands in its channel as a post of the bot's, by number. */
  readonly posts: ReadonlyMap<number, number>;
  readonly money: Money;
  /** In the order in which they were set, by command or by the button. */
  readonly budgets: readonly BudgetSent[];
  /** How the budgets of channels were changed, in order. */
  readonly changes: readonly BudgetChange[];
  /** How late the supervisor's timers came around a moment, in milliseconds. */
  readonly lateAround: (at: number) => number;
  /** Rows that should not be there when all is done, as text. */
  readonly leftovers: readonly string[];
}

/** Few questions have more versions. */
const SAID_DRAFTS = 4;
/** More than any question was begun. */
const MOST_DRAFTS = 40;

const near = (late: number, at: number) => late > at - 8_000 && late < at + 4_000;

export const keyOf = (channel: string, ts: string) => `${channel} ${ts}`;

export async function gather(
  world: World,
  history: History,
  presses: Presses,
  errands: Errands,
): Promise<Evidence> {
  const { slack } = world;
  history.find();
  const threads = new Map(
    history.questions.map((question) => [keyOf(question.channel, question.threadTs), question]),
  );
  const channels = new Set(history.questions.map(({ channel }) => channel));
  const sentFiles = await sentFilesIn(world);
  const said = history.questions.flatMap(({ number }) =>
    Array.from({ length: SAID_DRAFTS }, (_, draft) => lettersOf(answerTo(world.seed, number, draft).text)),
  );
  const all = [
    ...[...channels].flatMap((channel) => slack.messages(channel)),
    ...[...threads.values()].flatMap(({ channel, threadTs }) => slack.thread(channel, threadTs)),
  ].filter(
    (message) =>
      message.user === slack.botUser &&
      message.files.length === 0 &&
      !isPostOf(message) &&
      !isNotice(message, said) &&
      !isCard(message),
  );
  const seen = [...new Map(all.map((message) => [keyOf(message.channel, message.ts), message])).values()];
  const calls = callsIn(world);
  const changes = await budgetChangesIn(world);
  const replies = await repliesIn(world);
  return {
    seed: world.seed,
    attachments: await attachmentsIn(world),
    sentFiles,
    shares: sharesIn(world, sentFiles),
    disturbedSlack: world.context.slackDisturbed,
    questions: history.questions.map((question) => ({
      ...question,
      expected: expectedOf(world, question.number, calls),
    })),
    stopped: history.stopped,
    presses: presses.made,
    reasons: presses.reasons,
    opinions: await opinionsIn(world),
    // The stand-in's times are monotonic; all others here count from the epoch.
    acknowledged: acknowledgedIn(slack.deliveries(), clock.now() - clock.monotonic()),
    replies,
    messages: seen.map((message) => messageOf(world, replies, message)),
    calls,
    writes: world.writes,
    troubles: world.troubles,
    ...(await leasesIn(world)),
    settings: errands.settings,
    stored: await settingsIn(world),
    commands: errands.commands,
    answers: [...slack.workspace.allMessages()].flatMap(({ user, channel, threadTs, ephemeralFor, ts }) =>
      user === slack.botUser && threadTs === null && ephemeralFor !== null
        ? [{ user: ephemeralFor, channel, at: Number(ts) * 1000 }]
        : [],
    ),
    posts: new Map(
      history.questions
        .filter(({ via }) => via !== 'message')
        .map(({ number, channel }) => [
          number,
          postsOf(slack.messages(channel), slack.botUser, number).length,
        ]),
    ),
    money: await moneyIn(world),
    budgets: [
      ...errands.budgets,
      ...changes.flatMap(({ channel, to: most, at }) => (most === null ? [] : [{ channel, most, at }])),
    ].sort((a, b) => a.at - b.at),
    changes,
    lateAround: (at) =>
      Math.max(0, ...world.lateness.filter((late) => near(late.at, at)).map(({ ms }) => ms)),
    leftovers: await leftoversIn(world),
  };
}

/**
 * What admins are told of a budget and people of their form or command, in a direct message: it belongs to no question.
 * Answers stand in threads there; words of one (`said`), placeholders and buttons are none wherever they are.
 */
export function isNotice(
  {
    channel,
    threadTs,
    metadata,
    text,
    blocks,
  }: Pick<SeenMessage, 'channel' | 'threadTs' | 'metadata' | 'text' | 'blocks'>,
  said: readonly string[],
): boolean {
  const isAside = channel.startsWith('D') && threadTs === null && markOf({ metadata }) === null;
  if (!isAside || text.startsWith('Thinking') || JSON.stringify(blocks).includes('"reply_')) return false;
  const words = lettersOf(text);
  return words.length > 0 && !said.some((answer) => answer.includes(words));
}

const lettersOf = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '');

/** What people decide about a call on: it says nothing of an answer. */
function isCard({ metadata }: SeenMessage): boolean {
  return objectOf(metadata?.['event_payload']).card !== undefined;
}

/** As many drafts as were begun. */
function expectedOf({ seed }: World, number: number, calls: readonly QuestionCall[]): Expected {
  const begun = calls.filter(({ asked }) => asked.question === number && asked.draft === null).length;
  const drafts = Array.from({ length: Math.max(1, begun) }, (_, draft) => answerTo(seed, number, draft));
  const { kind } = answerTo(seed, number);
  return {
    kind,
    drafts: drafts.map(({ text, cuts }) => ({ text: kind === 'full' ? text.slice(0, -300) : text, cuts })),
  };
}

/**
 * When Slack had an acknowledgement of each message, by `keyOf`. `offset`: from the stand-in's monotonic times to
 * milliseconds since the epoch.
 */
export function acknowledgedIn(
  deliveries: readonly Pick<Delivery, 'payload' | 'attempts'>[],
  offset: number,
): Map<string, number> {
  const acknowledged = new Map<string, number>();
  for (const { payload, attempts } of deliveries) {
    const event = objectOf(payload.event);
    const at = attempts.find(({ outcome }) => outcome === 'acked');
    const [channel, ts] = [textOf(event.channel), textOf(event.ts)];
    if (
      at === undefined ||
      channel === undefined ||
      ts === undefined ||
      (event.subtype ?? 'file_share') !== 'file_share'
    )
      continue;
    // Slack tells of an edited mention as a mention with the old ts; the question itself may be on its way still.
    if (event.edited !== undefined) continue;
    const key = keyOf(channel, ts);
    const moment = offset + at.at + (at.tookMs ?? 0);
    acknowledged.set(key, Math.min(acknowledged.get(key) ?? moment, moment));
  }
  return acknowledged;
}

function messageOf(world: World, replies: readonly ReplyRow[], seen: SeenMessage): BotMessage {
  const looks = world.slack.history(seen.channel, seen.ts);
  const mark = markOf(seen) ?? placeOf(world, replies, seen);
  const offset = clock.now() - clock.monotonic();
  return {
    reply: mark?.reply ?? null,
    segment: mark?.segment ?? -1,
    seen,
    texts: looks.map(({ blocks }) => textIn(blocks)),
    times: looks.map(({ at }) => offset + at),
    around: JSON.stringify(seen.blocks.filter((block) => !isText(block))),
  };
}

/**
 * A stream that Slack has ended, five minutes after its start, has no mark: that comes with our stop. It is the reply's that has
 * noted it; a message that was posted must have its mark.
 */
function placeOf({ slack }: World, replies: readonly ReplyRow[], { channel, ts }: SeenMessage) {
  if (!slack.calls('chat.appendStream').some(({ args }) => args['ts'] === ts)) return null;
  for (const reply of replies.filter((one) => one.channel === channel))
    for (const segment of reply.segments)
      if (segment.ts === ts) return { reply: reply.id, segment: segment.index };
  return null;
}

const isText = (block: unknown) =>
  isJson(block) &&
  (block.type === 'markdown' || block.type === 'table' || (block.type === 'section' && isJson(block.text)));

/** The part of a look that is the answer, as Markdown: a table that has Slack's own form too. */
export function textIn(blocks: readonly unknown[]): string {
  const parts = blocks.filter(isJson).filter(isText);
  // Plain words come in pieces, Markdown in whole blocks.
  return parts
    .map((block) =>
      block.type === 'table'
        ? tableText(block)
        : (textOf(block.text) ?? textOf(objectOf(block.text).text) ?? ''),
    )
    .join(parts.some(({ type }) => type === 'section') ? '' : '\n\n');
}

function tableText(block: Json): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rules = listOf(block.column_settings).map((column) =>
    objectOf(column).align === 'right' ? '---:' : '---',
  );
  const [head = '', ...rows] = listOf(block.rows).map((row) =>
    line(listOf(row).map((cell) => textOf(objectOf(cell).text) ?? '?')),
  );
  return [head, line(rules), ...rows].join('\n');
}

function callsIn(world: World): QuestionCall[] {
  return [...world.calls.values()]
    .sort((a, b) => a.id - b.id)
    .map((call) => {
      const asked = world.understand({ turns: turnsOf(call.body), body: call.body });
      const { question } = asked;
      const said = question === null ? null : draftOf(world.seed, question, call.text, MOST_DRAFTS);
      const draft = asked.draft ?? said ?? 0;
      return {
        call,
        asked,
        draft,
        text: question === null ? '' : answerTo(world.seed, question, draft).text,
        growth: world.growth.get(call.id) ?? { points: [] },
        who: world.context.callers.get(call.requestId) ?? null,
        blocks: saidIn(call.body),
      };
    });
}

function turnsOf(
  body: Readonly<Record<string, unknown>> | null,
): { role: 'user' | 'assistant'; text: string }[] {
  const messages = Array.isArray(body?.['messages']) ? body['messages'] : [];
  return messages.filter(isJson).map((message) => {
    const content = Array.isArray(message.content) ? message.content.filter(isJson) : [];
    const text = typeof message.content === 'string' ? message.content : '';
    return {
      role: message.role === 'assistant' ? 'assistant' : 'user',
      text:
        content.length > 0
          ? content.map((block) => textOf(block.text) ?? '').join(message.role === 'assistant' ? '' : '\n')
          : text,
    };
  });
}

function saidIn(body: Readonly<Record<string, unknown>> | null): readonly SaidBlock[] {
  const messages = Array.isArray(body?.['messages']) ? body['messages'] : [];
  return messages.filter(isJson).flatMap(({ role, content }) =>
    role !== 'user' || !Array.isArray(content)
      ? []
      : content.filter(isJson).map((block) => {
          const data = textOf(objectOf(block.source).data);
          const hash =
            data === undefined
              ? null
              : createHash('sha256').update(Buffer.from(data, 'base64')).digest('hex');
          return { text: textOf(block.text) ?? '', hash };
        }),
  );
}

function sharesIn({ slack }: World, sentFiles: readonly SentFileRow[]): readonly Share[] {
  return [...slack.workspace.allMessages()]
    .filter(({ user, files }) => user === slack.botUser && files.length > 0)
    .flatMap(({ channel, threadTs, files }) =>
      files.flatMap((file) => {
        const stored = slack.workspace.files.get(file);
        const share = {
          ...{ file, channel, threadTs, name: stored?.name ?? '?' },
          text: Buffer.from(stored?.base64 ?? '', 'base64').toString(),
          reply: sentFiles.find((sent) => sent.file === file)?.reply ?? null,
        };
        return stored?.deleted ? [] : [share];
      }),
    );
}

async function leasesIn({ database, context }: World): Promise<Pick<Evidence, 'leases' | 'deaths'>> {
  const { rows: workers } = await database.query<{ id: string; port: number; at: Date }>(
    'select id, port, at from audit.workers',
  );
  // A port may be used again; what counts is who used it last before the worker came.
  const whoAt = (port: number, at: number) =>
    context.sessions.findLast((session) => session.port === port && session.at <= at)?.who ?? '?';
  const whoIs = new Map(workers.map(({ id, port, at }) => [id, whoAt(port, at.getTime())]));
  const { rows } = await database.query<{ mailbox: string; owner: string | null; at: Date }>(
    'select mailbox, owner, at from audit.leases order by mailbox, at',
  );
  const spans: LeaseSpan[] = [];
  for (const [at, { mailbox, owner, at: from }] of rows.entries()) {
    if (owner === null) continue;
    const next = rows[at + 1];
    const to = next?.mailbox === mailbox ? next.at.getTime() : Number.POSITIVE_INFINITY;
    spans.push({ mailbox, who: whoIs.get(owner) ?? '?', from: from.getTime(), to });
  }
  const { rows: deaths } = await database.query<{ id: string; at: Date }>('select id, at from audit.deaths');
  return {
    leases: spans,
    deaths: deaths.map(({ id, at }) => ({ who: whoIs.get(id) ?? '?', at: at.getTime() })),
  };
}

/** What the database still has to do: empty when all is done. */
export async function leftoversIn({ database }: Pick<World, 'database'>): Promise<string[]> {
  const { rows } = await database.query<{ what: string }>(`
    select format('mailbox %s: %s pending, lease %s', key, pending, lease_owner) as what
      from skein.mailboxes where pending <> 0 or lease_owner is not null
    union all select format('reply %s is %s', id, state) from skein.replies where state not in ('shown', 'failed', 'deleted')
    union all select format('job %s of %s is open', seq, mailbox) from skein.jobs where done_at is null
    union all select format('%s nano-dollars are set aside for call %s of %s', cost_nano, call, reply) from skein.reservations
    union all select format('call %s of %s is entered as running', call, reply) from skein.usage where open
    union all select format('question %s is not posted', id) from skein.pending_questions
    union all select format('messages %s of reply %s are to be tidied', leftovers, id) from skein.replies where leftovers <> '{}'
    union all select format('segment %s of %s has no ts', index, reply)
      from skein.segments join skein.replies on id = reply where ts is null and state <> 'deleted'`);
  return rows.map(({ what }) => what);
}
