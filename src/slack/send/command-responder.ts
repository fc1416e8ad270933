import type { webApi } from '@slack/bolt';
import type { Command } from '../../commands/grammar.ts';
import type { Answer, CommandPorts, Once, Typed } from '../../commands/ports.ts';
import { runCommand, runPress, runText } from '../../commands/run.ts';
import type { SaidCommand } from '../../commands/store.ts';
import type { IncomingAction, IncomingCommand } from '../../incoming.ts';
import type { Clients } from '../clients.ts';
import type { Form } from './forms.ts';
import { lookOfSegment, type SlackLook } from './look.ts';
import { errorWord, outcomeOf } from './outcome.ts';
import type { RefusedForms } from './refused-forms.ts';
import type { Respond, Responded } from './response-url.ts';

/** Slack's limit of all markdown blocks of a message together. */
const MOST_MARKDOWN = 12_000;

/** Takes commands in their three forms and shows the answers. Never throws. */
interface CommandResponder {
  /** Typed behind `/skein`; Slack has its acknowledgement already. */
  slash(command: IncomingCommand): Promise<void>;
  /** Said as `@skein settings`. */
  mention(said: SaidCommand, command: Command, once: Once): Promise<void>;
  /** Answers a command in our direct message with somebody; false: it could not be shown there. */
  inDirect(team: string, user: string, command: Command): Promise<boolean>;
  /** A button under an answer. */
  press(action: IncomingAction): Promise<void>;
  /** Resolves when every answer that is under way has been given. */
  idle(): Promise<void>;
}

interface CommandResponderOptions {
  readonly ports: CommandPorts;
  readonly clients: Clients;
  readonly respond: Respond;
  /** Shared with what shows answers: what a workspace refused of these it refuses here. */
  readonly refused: RefusedForms;
}

/** What an answer is sent as, and where. Resolves to what Slack made of it; never rejects. */
type Send = (look: Sent) => Promise<Responded>;
type Sent = Partial<Omit<SlackLook, 'forms'>>;

export function createCommandResponder({
  ports,
  clients,
  respond,
  refused,
}: CommandResponderOptions): CommandResponder {
  const { log } = ports;
  const underWay = new Set<Promise<boolean>>();
  const track = (work: Promise<boolean>): Promise<boolean> => {
    const done = work
      .catch((err) => {
        log.error({ err }, 'the answer to a command could not be shown');
        return false;
      })
      .finally(() => underWay.delete(done));
    underWay.add(done);
    return done;
  };

  return {
    slash: async (command) => void (await track(slash(command))),
    mention: async (said, command, once) => void (await track(mention(said, command, once))),
    inDirect: (team, user, command) => track(inDirect(team, user, command)),
    press: async (action) => void (await track(press(action))),
    idle: async () => {
      await Promise.allSettled([...underWay]);
    },
  };

  async function slash(command: IncomingCommand): Promise<boolean> {
    const { team, channel, user, userTeam, responseUrl: url } = command;
    const isDirect = command.channelName === 'directmessage' || channel.startsWith('D');
    const triggerId = command.triggerId?.reveal() ?? null;
    const direct = isDirect ? null : false;
    const typed: Typed = { team, channel, direct, threadTs: null, user, userTeam, triggerId };
    const answer = await runText(ports, typed, command.text);
    const type = answer.public === true ? 'in_channel' : 'ephemeral';
    return give(typed, answer, [
      ...(url === null ? [] : [atUrl(url, { response_type: type, replace_original: false })]),
      privately(typed),
    ]);
  }

  async function mention(said: SaidCommand, command: Command, once: Once): Promise<boolean> {
    // We get messages of no other direct messages than our own.
    const { team, channel, user, direct, threadTs } = said;
    const typed: Typed = { team, channel, direct, threadTs, user, userTeam: null, triggerId: null, once };
    const answer = await runCommand(ports, typed, command);
    // Nobody else reads a direct message, and a private line would be gone after a reload.
    const to = direct ? posted(team, channel, threadTs ?? said.ts) : privately(typed);
    return give(typed, answer, [to]);
  }

  async function inDirect(team: string, user: string, command: Command): Promise<boolean> {
    const channel = await ports.direct(team, user);
    if (channel === null) return false;
    const typed: Typed = {
      team,
      channel,
      direct: true,
      threadTs: null,
      user,
      userTeam: null,
      triggerId: null,
    };
    return give(typed, await runCommand(ports, typed, command), []);
  }

  async function press(action: IncomingAction): Promise<boolean> {
    const { team, channel, user, userTeam, actionId, value, threadTs, responseUrl: url } = action;
    const direct = channel.startsWith('D') ? null : false;
    const triggerId = action.triggerId?.reveal() ?? null;
    const typed: Typed = { team, channel, direct, threadTs, user, userTeam, triggerId };
    const work = runPress(ports, typed, { action: actionId, value });
    if (work === null) return true;
    // The question goes with its buttons: it can't be answered twice.
    return give(typed, await work, [
      ...(url === null ? [] : [atUrl(url, { replace_original: true })]),
      privately(typed),
    ]);
  }

  /**
   * Shows an answer in the first way that takes it; last, in the direct message with the person. Where Slack refuses
   * the content, the next simpler form goes the same way: Markdown, then plain sections, then text alone. False: nobody took
   * it.
   */
  async function give({ team, user }: Typed, answer: Answer, ways: readonly Send[]): Promise<boolean> {
    if (answer.silent === true) return true;
    for (const send of [...ways, toPerson(team, user)]) {
      // Anew for each way: on the one before, Slack may have refused a form.
      for (const { forms = [], ...look } of looksOf(answer, refused.of(team))) {
        const { kind } = await send(look);
        if (kind === 'done') return true;
        if (kind === 'refused') refused.note(team, forms);
        if (kind === 'failed') break;
      }
    }
    log.error({ team }, 'the answer to a command could not be shown anywhere');
    return false;
  }

  function atUrl(url: Parameters<Respond>[0], how: Readonly<Record<string, unknown>>): Send {
    return (look) => respond(url, { ...how, ...look });
  }

  function privately({ team, channel, threadTs, user }: Typed): Send {
    const thread = threadTs === null ? {} : { thread_ts: threadTs };
    return (look) =>
      called(team, (client) => client.chat.postEphemeral({ channel, user, ...thread, ...withText(look) }));
  }

  function posted(team: string, channel: string, threadTs: string | null): Send {
    const thread = threadTs === null ? {} : { thread_ts: threadTs };
    const quiet = { unfurl_links: false, unfurl_media: false };
    return (look) =>
      called(team, (client) => client.chat.postMessage({ channel, ...thread, ...quiet, ...withText(look) }));
  }

  function toPerson(team: string, user: string): Send {
    return async (look) => {
      const channel = await ports.direct(team, user);
      return channel === null ? { kind: 'failed' } : posted(team, channel, null)(look);
    };
  }

  async function called(
    team: string,
    call: (client: webApi.WebClient) => Promise<unknown>,
  ): Promise<Responded> {
    const client = clients.of(team);
    if (client === null) return { kind: 'failed' };
    try {
      await call(client);
      return { kind: 'done' };
    } catch (err) {
      const { kind } = outcomeOf(err);
      log.warn({ word: errorWord(err), kind }, 'the answer to a command was not taken');
      return { kind: kind === 'content_refused' ? 'refused' : 'failed' };
    }
  }
}

function withText({ text = '…', blocks }: Sent): {
  text: string;
  blocks?: SlackLook['blocks'];
} {
  return blocks === undefined ? { text } : { text, blocks };
}

/** The forms of an answer, from the richest to one that every Slack takes. */
function looksOf(
  { markdown, buttons, charts }: Answer,
  refused: ReadonlySet<Form>,
): readonly Partial<SlackLook>[] {
  const cut = markdown.length > MOST_MARKDOWN ? `${markdown.slice(0, MOST_MARKDOWN - 1)}…` : markdown;
  const content = { markdown: cut, notice: null, buttons: buttons ?? [] };
  const plain = lookOfSegment({ ...content, as: 'plain' });
  const formed = charts === undefined ? null : lookOfSegment({ ...content, over: true, charts }, refused);
  const rich = formed === null || formed.forms.length === 0 ? [] : [formed];
  return [...rich, lookOfSegment(content), plain, { text: plain.text }];
}
