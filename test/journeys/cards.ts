import { expect } from 'vitest';
import type { ScriptedAnswer, ScriptedPart } from '../../playground/model/types.ts';
import type { SeenMessage } from '../../playground/slack/contract.ts';
import { startCalmWorld } from './slash.ts';
import { startToolServer, type ToolServer } from './tool-server.ts';
import { ben, query, set, type World, type WorldOptions } from './world.ts';

export const call = (id: string, name: string, input: unknown = {}): ScriptedPart => ({
  call: { type: 'tool_use', id, name: `tracker_${name}`, input },
});

interface Sent {
  readonly messages: readonly {
    readonly role: string;
    readonly content: readonly { readonly type: string; readonly content?: unknown }[];
  }[];
}

/** Answers by the number of results since the last question in words. */
export function rounds(
  ...answers: readonly (readonly ScriptedPart[])[]
): NonNullable<WorldOptions['script']> {
  return (_question, { body }): ScriptedAnswer => {
    const { messages } = body as unknown as Sent;
    const asked = messages.findLastIndex(
      ({ role, content }) => role === 'user' && content.every(({ type }) => type === 'text'),
    );
    const at = messages
      .slice(asked + 1)
      .filter(({ content }) => content.some(({ type }) => type === 'tool_result')).length;
    return { text: '', parts: answers[Math.min(at, answers.length - 1)] ?? [] };
  };
}

/** What the model was given last, as text. */
export function lastGiven(world: World): string {
  const body = world.model.calls().at(-1)?.body as unknown as Sent | undefined;
  return JSON.stringify(body?.messages.at(-1)?.content ?? null);
}

/** A world with a server of tools and real cards. */
export async function startCards(options: WorldOptions = {}): Promise<{ world: World; server: ToolServer }> {
  const server = await startToolServer();
  const { connected, newId } = server.calling;
  const world = await startCalmWorld({
    ...options,
    tuning: { clientPingTimeout: 15_000, calling: { connected, newId }, ...options.tuning },
  });
  await set(world, ['workspace', world.slack.team], ['tools', 'tracker'], ben);
  return { world, server };
}

const hasButton = ({ blocks }: SeenMessage, choice: string) =>
  JSON.stringify(blocks).includes(`"reply_call_${choice}"`);

/** A card in a thread, or a private one, that has this button. */
export function cardWith(
  world: World,
  choice: string,
  where: (message: SeenMessage) => boolean,
): Promise<SeenMessage> {
  return world.slack.waitForMessage((message) => hasButton(message, choice) && where(message), {
    timeoutMs: 30_000,
  });
}

export const inThread = (ts: string) => (message: SeenMessage) => message.threadTs === ts;

/** The message as it is once it says this. */
export function says(
  world: World,
  at: Pick<SeenMessage, 'channel' | 'ts'>,
  words: string,
): Promise<SeenMessage> {
  return world.slack.waitForMessage(
    ({ channel, ts, visible }) => channel === at.channel && ts === at.ts && visible.includes(words),
    { timeoutMs: 30_000 },
  );
}

/** A message of the bot in a thread that says this and is not being written any more. */
export function answered(world: World, threadTs: string, words: string): Promise<SeenMessage> {
  return world.slack.waitForMessage(
    (message) =>
      message.threadTs === threadTs &&
      message.user === world.slack.botUser &&
      message.visible.includes(words) &&
      !JSON.stringify(message.blocks).includes('"reply_stop"'),
    { timeoutMs: 30_000 },
  );
}

export const press = (
  world: World,
  user: string,
  { channel, ts }: Pick<SeenMessage, 'channel' | 'ts'>,
  choice: string,
) => world.slack.click(user, { channel, ts, actionId: `reply_call_${choice}` });

/** Waits until the calls have these states, in their order. */
export const callsAre = (world: World, wanted: readonly string[]) =>
  expect
    .poll(
      async () =>
        (
          await query<{ state: string }>(world, 'select state from skein.tool_calls order by created_at, use')
        ).map(({ state }) => state),
      { timeout: 30_000 },
    )
    .toEqual(wanted);

/** Waits until the answer waits for a person and nobody works on it. */
export const rests = (world: World) =>
  expect
    .poll(
      async () =>
        (
          await query(
            world,
            `select 1 from skein.replies r join skein.mailboxes m on m.key = 'conversation:' || r.conversation
             where r.waits_for is not null and m.lease_owner is null`,
          )
        ).length,
      { timeout: 30_000 },
    )
    .toBe(1);
