import type { Child } from './child.ts';
import { CHANNELS, FIRST_WORD, LAST_WORD, questionText, type Stage } from './stage.ts';

/** What one question took, in milliseconds; all seen from outside, by the stand-ins. */
export interface Timing {
  /**
   * Slack sent the event (the later of `message` and `app_mention`) → it was acknowledged; null if Slack had to
   * deliver one of them again.
   */
  readonly ack: number | null;
  /** Event sent → the model has the whole request. */
  readonly request: number;
  /** Event sent → Slack has the call that posts the placeholder. */
  readonly placeholder: number;
  /** The model sent its first token → Slack shows it. */
  readonly firstVisible: number;
  /** The model sent its last byte → Slack shows the whole text; 0 if it did before the stream was closed. */
  readonly finalVisible: number;
  /** Finally visible → nothing left to do; null where many were asked at once. */
  readonly idle: number | null;
}

export const STAGES: readonly { readonly key: keyof Timing; readonly title: string }[] = [
  { key: 'ack', title: 'event sent → acknowledged' },
  { key: 'request', title: 'event sent → model request received' },
  { key: 'placeholder', title: 'event sent → placeholder call received' },
  { key: 'firstVisible', title: 'first token sent → visible' },
  { key: 'finalVisible', title: 'last byte sent → final text visible' },
  { key: 'idle', title: 'final text visible → all work done' },
];

const ASKER = 'U0ANA';
const CHANNEL = 'C0GENERAL';
const ANSWER_WITHIN_MS = 60_000;

interface Asked {
  readonly number: number;
  readonly channel: string;
  readonly ts: string;
  idleAt: number | null;
}

let lastNumber = 0;

/** Asks one after another, each when the one before is over and done with. */
export async function askOneByOne(stage: Stage, child: Child, count: number): Promise<Timing[]> {
  const asked: Asked[] = [];
  for (let n = 0; n < count; n++) {
    const rest = nextIdle(child);
    const question = ask(stage);
    question.idleAt = await rest;
    asked.push(question);
  }
  return asked.map((question) => timingOf(stage, question));
}

/**
 * Asks all in the same moment; over when all are answered and nothing is left to do. `onRequested` is called when the
 * model has the last request.
 */
export async function askAtOnce(
  stage: Stage,
  child: Child,
  count: number,
  onRequested: () => void = () => {},
): Promise<Timing[]> {
  const rest = nextIdle(child, () => asked.every((one) => finalLook(stage, one) !== undefined));
  const asked = Array.from({ length: count }, (_, at) => ask(stage, CHANNELS[at % CHANNELS.length]));
  const looking = setInterval(() => {
    if (!asked.every(({ number }) => stage.moments.has(number))) return;
    clearInterval(looking);
    onRequested();
  }, 5);
  await rest.finally(() => clearInterval(looking));
  return asked.map((question) => timingOf(stage, question));
}

/** Asks in a thread, and waits until it is over and done with; milliseconds from the event to the model's request. */
export async function askInThread(stage: Stage, child: Child, threadTs: string): Promise<number> {
  const rest = nextIdle(child);
  const { number, ts } = ask(stage, CHANNEL, threadTs);
  await rest;
  const receivedAt = stage.moments.get(number)?.receivedAt;
  if (receivedAt === undefined) throw new Error(`the model did not see question ${number}`);
  return receivedAt - sentAtOf(stage, ts);
}

function ask(stage: Stage, channel = CHANNEL, threadTs?: string): Asked {
  lastNumber += 1;
  const typed = questionText(lastNumber);
  const { ts } = stage.slack.say(ASKER, channel, typed, threadTs === undefined ? {} : { threadTs });
  return { number: lastNumber, channel, ts, idleAt: null };
}

function nextIdle(child: Child, isOver: () => boolean = () => true): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)),
      ANSWER_WITHIN_MS,
    );
    child.onIdle = (at) => {
      if (!isOver()) return;
      clearTimeout(timer);
      child.onIdle = () => {};
      resolve(at);
    };
  });
}

function timingOf(stage: Stage, asked: Asked): Timing {
  const { number, ts, idleAt } = asked;
  const deliveries = deliveriesOf(stage, ts);
  const sentAt = sentAtOf(stage, ts);
  const acks = deliveries.flatMap(({ outcome, tookMs }) => (outcome === 'acked' ? (tookMs ?? []) : []));
  const post = stage.slack.calls('chat.postMessage').find(({ args }) => args['thread_ts'] === ts);
  const { receivedAt, firstTokenAt = null, lastByteAt = null } = stage.moments.get(number) ?? {};
  const first = looksOf(stage, asked).find(({ text }) => text.includes(FIRST_WORD));
  const final = finalLook(stage, asked);
  if (receivedAt === undefined || firstTokenAt === null || lastByteAt === null)
    throw new Error(`the model did not see question ${number} as expected`);
  if (post === undefined || first === undefined || final === undefined)
    throw new Error(`Slack did not see the answer to question ${number} as expected`);
  return {
    ack: acks.length < deliveries.length ? null : Math.max(...acks),
    request: receivedAt - sentAt,
    placeholder: post.at - sentAt,
    firstVisible: first.at - firstTokenAt,
    finalVisible: Math.max(0, final.at - lastByteAt),
    idle: idleAt === null ? null : idleAt - final.at,
  };
}

function deliveriesOf({ slack }: Stage, ts: string) {
  return slack
    .deliveries()
    .filter(({ payload }) => isQuestion(payload['event'], ts))
    .flatMap(({ attempts }) => attempts.slice(0, 1));
}

const sentAtOf = (stage: Stage, ts: string): number =>
  Math.min(...deliveriesOf(stage, ts).map(({ at }) => at));

function isQuestion(event: unknown, ts: string): boolean {
  return (
    typeof event === 'object' && event !== null && 'ts' in event && event.ts === ts && !('subtype' in event)
  );
}

/** How the answer to the question with this ts looked over time. */
function looksOf({ slack }: Stage, { channel, ts }: Asked) {
  const post = slack.calls('chat.postMessage').find(({ args }) => args['thread_ts'] === ts);
  const answer = post?.response['ts'];
  return typeof answer === 'string' ? slack.history(channel, answer) : [];
}

/** The first look that has the whole text and no button that stops it. */
function finalLook(stage: Stage, asked: Asked) {
  return looksOf(stage, asked).find(
    ({ text, blocks }) => text.includes(LAST_WORD) && !JSON.stringify(blocks).includes('"reply_stop"'),
  );
}
