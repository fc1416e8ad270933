import type { Clock } from '../../clock.ts';
import type { Command } from '../../commands/grammar.ts';
import type { SaidCommand } from '../../commands/job.ts';
import type { Answer, Asked, CommandPorts } from '../../commands/ports.ts';
import { runCommand, runPress, runText } from '../../commands/run.ts';
import type { IncomingAction, IncomingCommand } from '../../incoming.ts';
import type { Log } from '../../log.ts';
import { commandFailure } from '../../words/command-problems.ts';
import type { Clients } from '../clients.ts';
import { lookOfSegment, type SlackLook } from './look.ts';
import { errorWord } from './outcome.ts';
import type { Respond } from './response-url.ts';

/** Longest a person is kept waiting for the answer to a command, in milliseconds. */
const LIMIT_MS = 20_000;
/** Slack's limit of all markdown blocks of a message together. */
const MOST_MARKDOWN = 12_000;

const LATE: Answer = { markdown: commandFailure.late };

/** Takes commands in their three forms and shows the answers. Never throws. */
export interface Desk {
  /** Typed behind `/skein`; Slack has its acknowledgement already. */
  slash(command: IncomingCommand): Promise<void>;
  /** Said as `@skein settings`. */
  mention(said: SaidCommand, command: Command): Promise<void>;
  /** A button under an answer. */
  press(action: IncomingAction): Promise<void>;
  /** Resolves when every answer that is under way has been given. */
  idle(): Promise<void>;
}

export interface DeskOptions {
  readonly ports: CommandPorts;
  readonly clients: Clients;
  readonly respond: Respond;
  readonly clock: Clock;
  readonly log: Log;
}

export function createDesk({ ports, clients, respond, clock, log }: DeskOptions): Desk {
  const underWay = new Set<Promise<void>>();
  const track = (work: Promise<void>): Promise<void> => {
    const done = work
      .catch((err) => log.warn({ word: errorWord(err) }, 'the answer to a command could not be shown'))
      .finally(() => underWay.delete(done));
    underWay.add(done);
    return done;
  };

  const inTime = async (work: Promise<Answer>): Promise<Answer> => {
    const over = new AbortController();
    const late = clock.sleep(LIMIT_MS, over.signal).then(() => LATE);
    return Promise.race([work, late]).finally(() => over.abort());
  };

  return {
    slash: (command) =>
      track(
        (async () => {
          const asked: Asked = {
            team: command.team,
            channel: command.channel,
            direct: command.channelName === 'directmessage' || command.channel.startsWith('D'),
            threadTs: null,
            user: command.user,
            triggerId: command.triggerId?.reveal() ?? null,
          };
          const answer = await inTime(runText(ports, asked, command.text));
          if (answer.silent === true) return;
          const type = answer.public === true ? 'in_channel' : 'ephemeral';
          const url = command.responseUrl;
          const body = { response_type: type, replace_original: false, ...lookOf(answer) };
          if (url === null || !(await respond(url, body))) await whisper(asked, answer);
        })(),
      ),

    mention: (said, command) =>
      track(
        (async () => {
          const { team, channel, user, direct, threadTs } = said;
          const asked: Asked = { team, channel, direct, threadTs, user, triggerId: null };
          const answer = await inTime(runCommand(ports, asked, command));
          if (answer.silent === true) return;
          if (!direct) return whisper(asked, answer);
          // Nobody else is here, and a private line would be gone after a reload.
          await clients.of(team)?.chat.postMessage({
            channel,
            thread_ts: threadTs ?? said.ts,
            ...lookOf(answer),
            unfurl_links: false,
            unfurl_media: false,
          });
        })(),
      ),

    press: (action) =>
      track(
        (async () => {
          const { team, channel, user, actionId, value, responseUrl } = action;
          if (channel === null) return;
          const direct = channel.startsWith('D');
          const triggerId = action.triggerId?.reveal() ?? null;
          const asked: Asked = { team, channel, direct, threadTs: action.threadTs, user, triggerId };
          const work = runPress(ports, asked, { action: actionId, value });
          if (work === null) return;
          const answer = await inTime(work);
          if (answer.silent === true) return;
          // The question goes with its buttons: it can't be answered twice.
          const body = { replace_original: true, ...lookOf(answer) };
          if (responseUrl === null || !(await respond(responseUrl, body))) await whisper(asked, answer);
        })(),
      ),

    idle: async () => {
      await Promise.allSettled([...underWay]);
    },
  };

  async function whisper({ team, channel, threadTs, user }: Asked, answer: Answer): Promise<void> {
    const thread = threadTs === null ? {} : { thread_ts: threadTs };
    await clients.of(team)?.chat.postEphemeral({ channel, user, ...lookOf(answer), ...thread });
  }
}

function lookOf({ markdown, buttons }: Answer): SlackLook {
  const cut = markdown.length > MOST_MARKDOWN ? `${markdown.slice(0, MOST_MARKDOWN - 1)}…` : markdown;
  return lookOfSegment({ markdown: cut, notice: null, buttons: buttons ?? [] });
}
