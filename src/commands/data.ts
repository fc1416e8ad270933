import { replyTotal } from '../ledger/store.ts';
import { estimateTokens } from '../ledger/usage.ts';
import type { Button } from '../reply/ports.ts';
import { stopAnswering } from '../reply/store.ts';
import { choiceOf } from './change.ts';
import { bar, code, count, many } from './markdown.ts';
import { Declined, demand, isIn, personNow } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';
import {
  countForgettable,
  exportMessages,
  type Forgotten,
  forgetWords,
  latestContext,
  type Where,
} from './store.ts';

/** Buttons under the question whether to forget; the value is what and where. */
export const FORGET_ACTION = 'command_forget';
export const KEEP_ACTION = 'command_keep';

const MOST_EXPORTED = 200;

/** What Claude is given of the latest conversation here, or of this thread. */
export async function context(ports: CommandPorts, asked: Asked): Promise<Answer> {
  const person = await personNow(ports, asked);
  demand(person, { kind: 'see_channel', inChannel: await isHere(ports, asked) });
  const facts = await latestContext(ports.database.query, asked);
  if (facts === null) return { markdown: 'There is no conversation with me here yet.' };
  const [last, models] = await Promise.all([
    facts.lastReply === null
      ? null
      : replyTotal(ports.database.query, facts.lastReply.id, facts.lastReply.calls),
    ports.models(),
  ]);
  const tokens = estimateTokens(facts.characters);
  const window = facts.model === null ? null : (choiceOf(models ?? [], facts.model)?.contextTokens ?? null);
  const counted = last !== null && last.calls === 1 && !last.estimated ? last.inputTokens : null;
  const lines = [
    `**What Claude is given of ${asked.threadTs === null ? 'the latest conversation here' : 'this thread'}**`,
    '',
    `- ${many(facts.questions, 'message')} of ${many(facts.people, 'person', 'people')} and ${many(facts.answers, 'answer')}, all of them in full, about ${count(tokens)} tokens.`,
  ];
  if (facts.leftOut > 0)
    lines.push(`- ${count(facts.leftOut)} more are kept but left out: Claude declined to answer them.`);
  if (counted !== null)
    lines.push(
      `- The last answer was given ${count(counted)} tokens, instructions included (counted by Claude).`,
    );
  if (window !== null && facts.model !== null)
    lines.push(
      `- ${code(facts.model)} holds ${count(window)} tokens: ${bar(BigInt(counted ?? tokens), BigInt(window))}.`,
    );
  return { markdown: lines.join('\n') };
}

/** The conversations of this place as a file in the person's direct messages. */
export async function exportAll(ports: CommandPorts, asked: Asked): Promise<Answer> {
  const person = await personNow(ports, asked);
  demand(person, { kind: 'see_channel', inChannel: await isHere(ports, asked) });
  const messages = await exportMessages(ports.database.query, asked, MOST_EXPORTED);
  if (messages.length === 0) return { markdown: 'There is no conversation with me here yet.' };
  const threads = groupByThread(messages);
  const at = new Date(ports.clock.now()).toISOString();
  const file = {
    exported_at: at,
    team: asked.team,
    channel: asked.channel,
    conversations: [...threads].map(([thread_ts, said]) => ({
      thread_ts,
      messages: said.map(({ threadTs: _, ...message }) => message),
    })),
  };
  const sent = await ports.sendFile(
    { team: asked.team, user: asked.user },
    {
      name: `skein-${asked.channel}-${at.slice(0, 10)}.json`,
      title: 'Conversations with Skein',
      content: `${JSON.stringify(file, null, 2)}\n`,
    },
  );
  if (!sent) throw new Declined('Slack did not take the file. Please try again later.');
  const most = threads.size >= MOST_EXPORTED ? ' (the latest; there are more)' : '';
  return {
    markdown: `I sent you ${many(threads.size, 'conversation')}${most} as a file in our direct messages.`,
  };
}

function groupByThread<T extends { readonly threadTs: string }>(all: readonly T[]): Map<string, T[]> {
  const threads = new Map<string, T[]>();
  for (const one of all) threads.set(one.threadTs, [...(threads.get(one.threadTs) ?? []), one]);
  return threads;
}

/** Asks back what would be forgotten. */
export async function askToForget(
  ports: CommandPorts,
  asked: Asked,
  what: 'here' | 'everything',
): Promise<Answer> {
  const where = whereOf(asked, what);
  const found = await countForgettable(ports.database.query, where, asked.user);
  if (found.messages + found.answers + found.running === 0)
    return { markdown: `There is nothing of yours to forget ${placeWords(where)}.` };
  const button = (action: string, label: string, style?: 'danger'): Button => ({
    action,
    label,
    value: JSON.stringify([where.channel, where.threadTs]),
    ...(style === undefined ? {} : { style }),
  });
  return {
    markdown: [
      `**Forget ${words(found)} ${placeWords(where)}?**`,
      '',
      'I delete their words from my database, and Claude is not given them again. This cannot be undone. The messages stay in Slack until you delete them there; what was spent stays in the accounts, without words.',
    ].join('\n'),
    buttons: [button(FORGET_ACTION, 'Forget', 'danger'), button(KEEP_ACTION, 'Keep everything')],
  };
}

/** The button was pressed: forgets what the presser wrote, whatever the button's value may claim. */
export async function forget(ports: CommandPorts, asked: Asked, value: string | null): Promise<Answer> {
  const where = whereOfValue(asked.team, value);
  if (where === null) throw new Declined('I could not read that button. Please use forget again.');
  const done = await ports.database.transaction(async (tx) => {
    const forgotten = await forgetWords(tx, where, asked.user);
    for (const question of forgotten.open) await stopAnswering(tx, question);
    return forgotten;
  });
  const at = new Date(ports.clock.now()).toISOString().replace('T', ' ').slice(0, 16);
  const open =
    done.open.length === 0
      ? ''
      : ` I stopped ${many(done.open.length, 'answer')} still being written; use forget again in a moment for the rest.`;
  return {
    markdown: `Forgotten: ${words({ ...done, running: 0 })} ${placeWords(where)}, ${at} UTC.${open}`,
  };
}

/** A mention proves that the person is in the channel; nothing else was said where. */
async function isHere(ports: CommandPorts, asked: Asked): Promise<boolean> {
  return asked.direct || asked.threadTs !== null || (await isIn(ports, asked, asked.channel));
}

function whereOf(asked: Asked, what: 'here' | 'everything'): Where {
  const { team, channel, threadTs } = asked;
  return what === 'everything' ? { team, channel: null, threadTs: null } : { team, channel, threadTs };
}

function whereOfValue(team: string, value: string | null): Where | null {
  try {
    const parsed: unknown = JSON.parse(value ?? '');
    if (!Array.isArray(parsed)) return null;
    const [channel, threadTs]: unknown[] = parsed;
    if (
      (channel !== null && typeof channel !== 'string') ||
      (threadTs !== null && typeof threadTs !== 'string')
    )
      return null;
    return { team, channel, threadTs };
  } catch {
    return null;
  }
}

function placeWords({ channel, threadTs }: Where): string {
  if (channel === null) return 'everywhere';
  return threadTs === null ? 'here' : 'in this thread';
}

function words({ messages, answers, running }: Forgotten): string {
  return `${many(messages + running, 'message')} of yours and ${many(answers, 'answer')} to them`;
}
