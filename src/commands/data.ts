import { replyTotal } from '../ledger/store.ts';
import { createRenderer } from '../render/renderer.ts';
import type { Button } from '../reply/ports.ts';
import { stopAnswering } from '../reply/store.ts';
import { estimateTokensOfSize } from '../tokens.ts';
import { commandFailure } from '../words/command-problems.ts';
import { exportAnswer, forgetAnswer } from '../words/commands.ts';
import { contextAnswer } from '../words/reports.ts';
import { choiceOf } from './change.ts';
import { bar, code } from './markdown.ts';
import { Declined, demand, isIn, personNow, settingsHere } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';
import { countForgettable, exportMessages, forgetWords, latestContext, type Where } from './store.ts';

/** Buttons under the question whether to forget; the value is what and where. */
export const FORGET_ACTION = 'command_forget';
export const KEEP_ACTION = 'command_keep';

const MOST_EXPORTED = 200;

/** What Claude is given of the latest conversation here, or of this thread. */
export async function context(ports: CommandPorts, asked: Asked): Promise<Answer> {
  const person = await personNow(ports, asked);
  demand(person, { kind: 'see_channel', inChannel: await isHere(ports, asked) });
  const facts = await latestContext(ports.database.query, asked);
  if (facts === null) return { markdown: contextAnswer.none };
  const [last, models, settings] = await Promise.all([
    facts.lastReply === null
      ? null
      : replyTotal(ports.database.query, facts.lastReply.id, facts.lastReply.calls),
    ports.models(),
    settingsHere(ports, asked),
  ]);
  const most = settings.context_tokens.value;
  const tokens = estimateTokensOfSize(facts, facts.model ?? undefined);
  const window = facts.model === null ? null : (choiceOf(models ?? [], facts.model)?.contextTokens ?? null);
  const counted = last !== null && last.calls === 1 && !last.estimated ? last.inputTokens : null;
  const lines = [
    contextAnswer.title(asked.threadTs !== null),
    '',
    contextAnswer.sizes(facts.questions, facts.people, facts.answers, tokens, facts.summary !== null),
  ];
  if (facts.summary !== null) lines.push(contextAnswer.summarised(facts.summarised));
  if (facts.leftOut > 0) lines.push(contextAnswer.leftOut(facts.leftOut));
  if (counted !== null) lines.push(contextAnswer.counted(counted));
  lines.push(contextAnswer.limit(most, bar(BigInt(tokens), BigInt(most))));
  if (window !== null && facts.model !== null)
    lines.push(
      contextAnswer.window(code(facts.model), window, bar(BigInt(counted ?? tokens), BigInt(window))),
    );
  if (facts.summary !== null) lines.push('', contextAnswer.summaryTitle, '', shown(facts.summary));
  return { markdown: lines.join('\n') };
}

/** The model's words, made as harmless as in an answer. */
function shown(text: string): string {
  const renderer = createRenderer();
  renderer.push(text);
  renderer.finish();
  return renderer
    .segments()
    .map(({ markdown }) => markdown)
    .join('\n\n');
}

/** The conversations of this place as a file in the person's direct messages. */
export async function exportAll(ports: CommandPorts, asked: Asked): Promise<Answer> {
  const person = await personNow(ports, asked);
  demand(person, { kind: 'see_channel', inChannel: await isHere(ports, asked) });
  const messages = await exportMessages(ports.database.query, asked, MOST_EXPORTED);
  if (messages.length === 0) return { markdown: contextAnswer.none };
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
      title: exportAnswer.fileTitle,
      content: `${JSON.stringify(file, null, 2)}\n`,
    },
  );
  if (!sent) throw new Declined(commandFailure.fileNotTaken);
  return { markdown: exportAnswer.sent(threads.size, threads.size >= MOST_EXPORTED) };
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
    return { markdown: forgetAnswer.nothing(placeKind(where)) };
  const button = (action: string, label: string, style?: 'danger'): Button => ({
    action,
    label,
    value: JSON.stringify([where.channel, where.threadTs]),
    ...(style === undefined ? {} : { style }),
  });
  return {
    markdown: forgetAnswer.question(found.messages + found.running, found.answers, placeKind(where)),
    buttons: [
      button(FORGET_ACTION, forgetAnswer.forgetButton, 'danger'),
      button(KEEP_ACTION, forgetAnswer.keepButton),
    ],
  };
}

/** The button was pressed: forgets what the presser wrote, whatever the button's value may claim. */
export async function forget(ports: CommandPorts, asked: Asked, value: string | null): Promise<Answer> {
  const where = whereOfValue(asked.team, value);
  if (where === null) throw new Declined(commandFailure.buttonUnreadable);
  const done = await ports.database.transaction(async (tx) => {
    const forgotten = await forgetWords(tx, where, asked.user);
    for (const question of forgotten.open) await stopAnswering(tx, question);
    return forgotten;
  });
  const at = new Date(ports.clock.now()).toISOString().replace('T', ' ').slice(0, 16);
  return {
    markdown: forgetAnswer.done(done.messages, done.answers, placeKind(where), at, done.open.length),
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

function placeKind({ channel, threadTs }: Where): 'everywhere' | 'here' | 'thread' {
  if (channel === null) return 'everywhere';
  return threadTs === null ? 'here' : 'thread';
}
