import type { SeenMessage } from '../../playground/slack/contract.ts';
import { systemClock as clock } from '../../src/clock.ts';
import { filesOf, wishOf } from './files.ts';
import type { Random } from './random.ts';
import { kindOf, numberIn, tagOf } from './texts.ts';
import type { World } from './world.ts';

/** A question that a person of the stand-in asked. Times: milliseconds since the epoch. */
export interface Question {
  readonly number: number;
  readonly user: string;
  readonly channel: string;
  /** How it was asked: the last two are posted by the bot. */
  readonly via: 'message' | 'command' | 'form';
  /** Where it stands; '' for one that the bot has to post, until that was seen. */
  ts: string;
  threadTs: string;
  readonly askedAt: number;
  /** The command was acknowledged, or the form taken; true for messages, which are known by their events. */
  taken: boolean;
  edits: number;
  deletedAt: number | null;
}

/** What people do, by the seed. */
export interface History {
  readonly questions: readonly Question[];
  /** Replies under which somebody pressed Stop. A process that was frozen does it late, and acknowledges nothing. */
  readonly stopped: ReadonlySet<string>;
  /** Does the next thing; resolves when it is done (a press waits for its acknowledgement). */
  act(): Promise<void>;
  /** `number` decides the answer; the next free one unless told. */
  ask(place?: { user: string; channel: string; threadTs?: string }, number?: number): Question;
  /** Asks by a command or a form: `send` gets the words, and tells whether they were taken. */
  askElsewhere(
    at: { user: string; channel: string; via: 'command' | 'form' },
    send: (words: string) => Promise<boolean>,
  ): Promise<void>;
  /** Looks where questions stand that the bot has posted. */
  find(): void;
}

const PLACES = [
  { channel: 'C0GENERAL', users: ['U0ANA', 'U0BEN', 'U0CHIDI'] },
  { channel: 'C0ENGINEERING', users: ['U0ANA', 'U0BEN', 'U0CHIDI'] },
  { channel: 'C0DESIGN', users: ['U0ANA', 'U0CHIDI'] },
] as const;
const PEOPLE = ['U0ANA', 'U0BEN', 'U0CHIDI'] as const;
/** Recent enough to be worked on still. */
const RECENT = 6;

export function createHistory(world: World, random: Random): History {
  const { slack, seed } = world;
  const questions: Question[] = [];
  const stopped = new Set<string>();

  const ask: History['ask'] = (place = newPlace(), number = highest() + 1) => {
    const { user, channel, threadTs } = place;
    const typed = `@skein please tell me about ${tagOf(number)}${wishOf(seed, number)}`;
    const files = filesOf(seed, number).map(({ shared }) => shared);
    const { ts } = slack.say(user, channel, typed, {
      files,
      ...(threadTs === undefined ? {} : { threadTs }),
    });
    const question: Question = {
      number,
      user,
      channel,
      via: 'message',
      ts,
      threadTs: threadTs ?? ts,
      askedAt: clock.now(),
      taken: true,
      edits: 0,
      deletedAt: null,
    };
    questions.push(question);
    return question;
  };

  const highest = () => Math.max(0, ...questions.map((question) => question.number));

  const newPlace = () => {
    if (random.chance(0.25)) {
      const user = random.pick(PEOPLE);
      return { user, channel: slack.people.openDm(user, slack.botUser) };
    }
    const { channel, users } = random.pick(PLACES);
    return { user: random.pick(users), channel };
  };

  // Nobody but the bot can edit or delete what it posted.
  const recent = () =>
    questions.slice(-RECENT).filter(({ deletedAt, via }) => deletedAt === null && via === 'message');

  const find = () => {
    for (const question of questions) {
      if (question.ts !== '') continue;
      const [first] = postsOf(slack.messages(question.channel), slack.botUser, question.number);
      if (first === undefined) continue;
      question.ts = first.ts;
      question.threadTs = first.threadTs ?? first.ts;
    }
  };

  const followUp = () => {
    const before = recent();
    if (before.length === 0) return ask();
    const { user, channel, threadTs } = random.pick(before);
    return ask({ user, channel, threadTs });
  };

  const disturb = () => {
    const how = random.pick([
      { copies: random.int(2, 4) },
      { delayMs: random.int(50, 1500) },
      { lost: true },
      { copies: 2, delayMs: random.int(50, 600) },
    ]);
    slack.disturb({ ...how, times: random.int(1, 2) });
  };

  const edit = () => {
    // Some are being answered still, some are over.
    const question = recent().at(random.int(-RECENT, -1));
    if (question === undefined) return;
    question.edits += 1;
    const typed = `@skein kindly (${question.edits}) tell me about ${tagOf(question.number)}${wishOf(seed, question.number)}`;
    slack.people.edit(question.user, question.channel, question.ts, typed);
  };

  const remove = () => {
    const question = recent().at(-1);
    if (question === undefined || kindOf(seed, question.number) === 'long') return;
    question.deletedAt = clock.now();
    slack.people.remove(question.user, question.channel, question.ts);
  };

  const stop = async () => {
    for (const question of random.shuffle(recent())) {
      const live = slack.thread(question.channel, question.threadTs).filter(hasStop(slack.botUser)).at(-1);
      if (live === undefined) continue;
      // The reply says whose it is by its place: one question of a thread is answered at a time.
      const reply = stopOf(live);
      // Before the press: one whose acknowledgement is lost was made all the same.
      if (reply !== null) stopped.add(reply);
      await slack
        .click(question.user, { channel: live.channel, ts: live.ts, actionId: 'reply_stop' })
        .catch(() => null);
      return;
    }
  };

  return {
    questions,
    stopped,
    ask,
    async askElsewhere({ user, channel, via }, send) {
      const number = highest() + 1;
      const words = `please tell me about ${tagOf(number)}`;
      const question: Question = {
        ...{ number, user, channel, via, ts: '', threadTs: '', askedAt: clock.now() },
        ...{ taken: false, edits: 0, deletedAt: null },
      };
      questions.push(question);
      world.note(`asked by ${via}: ${tagOf(number)}`);
      question.taken = await send(words);
    },
    find,
    async act() {
      find();
      const chance = random.next();
      if (chance < 0.07) return edit();
      if (chance < 0.1) return remove();
      if (chance < 0.17) return stop();
      if (random.chance(0.25)) disturb();
      if (chance < 0.42) followUp();
      else ask();
    },
  };
}

/** Posts of the bot that ask a question for somebody, first to last: no answer names one. */
export function postsOf(messages: readonly SeenMessage[], bot: string, number: number): SeenMessage[] {
  return messages.filter((message) => message.user === bot && isPostOf(message, number));
}

/** Whether a message asks this question for somebody; any question if no number is given. */
export function isPostOf({ text, metadata }: SeenMessage, number?: number): boolean {
  const named = numberIn(text);
  return named !== null && (number === undefined || named === number) && markOf({ metadata }) === null;
}

const hasStop = (bot: string) => (message: SeenMessage) =>
  message.user === bot && JSON.stringify(message.blocks).includes('"reply_stop"');

/** The reply that the Stop of this message is for, by its button: a message may have no metadata while it is a stream. */
const stopOf = ({ blocks }: SeenMessage): string | null =>
  JSON.stringify(blocks).match(/"value":"([0-9a-f-]{36})"/)?.[1] ?? null;

/** The reply that a message of the bot is part of, by the metadata that it was posted with. */
export function replyIdOf(message: {
  readonly metadata: Readonly<Record<string, unknown>> | null;
}): string | null {
  return markOf(message)?.reply ?? null;
}

export function markOf(message: {
  readonly metadata: Readonly<Record<string, unknown>> | null;
}): { reply: string; segment: number } | null {
  const payload = message.metadata?.['event_payload'];
  if (typeof payload !== 'object' || payload === null || !('reply' in payload) || !('segment' in payload))
    return null;
  return { reply: String(payload.reply), segment: Number(payload.segment) };
}
