import { Declined } from '../people/editing.ts';
import { noteDeed } from '../record/store.ts';
import type { Button } from '../reply/ports.ts';
import { commandFailure } from '../words/command-problems.ts';
import { forgetAnswer } from '../words/commands.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';
import { countForgettable, forgetOpinions, forgetWords, type Where } from './store.ts';

/** Buttons under the question whether to forget; the value is what and where. */
export const FORGET_ACTION = 'command_forget';
export const KEEP_ACTION = 'command_keep';

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
  const done = await forgetWords(ports.database, where, asked.user);
  await ports.database.transaction(async (tx) => {
    await forgetOpinions(tx, where, asked.user);
    await noteDeed(tx, {
      team: asked.team,
      person: asked.user,
      what: 'forgot',
      scope: where.channel === null || asked.direct ? 'person' : 'channel',
      scopeId: where.channel === null || asked.direct ? asked.user : where.channel,
      amount: done.messages,
    });
  });
  if (where.channel === null) await ports.forgetAccounts?.(asked.team, asked.user);
  const at = new Date(ports.clock.now()).toISOString().replace('T', ' ').slice(0, 16);
  return {
    markdown: forgetAnswer.done(done.messages, done.answers, placeKind(where), at, done.running),
  };
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
