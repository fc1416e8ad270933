import type { types, webApi } from '@slack/bolt';
import { LRUCache } from 'lru-cache';
import type { Unauthorised, WriteOutcome } from '../../reply/ports.ts';
import { onlyWhile } from '../../send-guard.ts';
import type { Clients } from '../clients.ts';
import { errorWord, outcomeOf, type Refusal } from './outcome.ts';

/** Where a message goes: into a thread, or into the channel itself. */
interface Where {
  readonly team: string;
  readonly channel: string;
  readonly threadTs: string | null;
}

/** What a message is made of. */
interface Message {
  /** mrkdwn; beside `blocks` for notifications and screen readers only. */
  readonly text: string;
  readonly blocks?: types.AnyBlock[];
  readonly metadata?: types.MessageMetadata;
}

/** What came of a call: Slack's answer, or why there is none. `word` is Slack's, null where it said none. */
export type Called<T> =
  | { readonly ok: true; readonly answer: T }
  | { readonly ok: false; readonly refusal: Refusal; readonly word: string | null; readonly thrown: unknown };

/**
 * Slack's Web API as everything that we send uses it. One call for each use, never repeated; nothing throws. With
 * `allowed`, nothing is sent once that says no (`failed`).
 */
export interface Web {
  /** False: nothing of this workspace can be sent now (`Clients.of`). */
  installed(team: string): boolean;
  call<T>(
    team: string,
    call: (client: webApi.WebClient) => Promise<T>,
    allowed?: () => boolean,
  ): Promise<Called<T>>;
  post(where: Where, message: Message, allowed?: () => boolean): Promise<WriteOutcome>;
  /** Shown to one person until a reload. `ts` is of no use: such a message can't be changed by it. */
  ephemeral(where: Where, user: string, message: Message): Promise<WriteOutcome>;
  update(
    where: Pick<Where, 'team' | 'channel'>,
    ts: string,
    message: Message,
    allowed?: () => boolean,
  ): Promise<WriteOutcome>;
  remove(where: Pick<Where, 'team' | 'channel'>, ts: string, allowed?: () => boolean): Promise<WriteOutcome>;
  /** The channel of our direct messages with a person: asked for once. */
  direct(team: string, user: string): Promise<Called<string>>;
  /** The address of a message: asked for once. Null: it is gone, or not ours to see, or Slack is away. */
  permalink(team: string, channel: string, ts: string): Promise<string | null>;
}

/** Neither a message's address nor the channel with a person ever changes. */
const MOST_KNOWN = 5000;

const NOT_INSTALLED: Unauthorised = {
  kind: 'unauthorised',
  code: 'SLACK_AUTH_FAILED',
  message: 'the app is not installed in this workspace, or its token is dead',
};

/** A link that the model wrote must not make Slack fetch it: its address can carry data away. */
const WITHOUT_UNFURLING = { unfurl_links: false, unfurl_media: false } as const;

export function createWeb(clients: Clients): Web {
  const links = new LRUCache<string, string>({ max: MOST_KNOWN });
  const directs = new LRUCache<string, string>({ max: MOST_KNOWN });

  const call: Web['call'] = async (team, work, allowed) => {
    const client = clients.of(team);
    if (client === null) return refused(NOT_INSTALLED);
    try {
      return { ok: true, answer: await onlyWhile(allowed, () => work(client)) };
    } catch (thrown) {
      // The client has asked Slack about its token by now, if that was what was refused.
      const refusal = clients.of(team) === null ? NOT_INSTALLED : outcomeOf(thrown);
      return { ok: false, refusal, word: errorWord(thrown), thrown };
    }
  };

  const once = async (
    known: LRUCache<string, string>,
    key: string,
    ask: () => Promise<Called<string | undefined>>,
  ): Promise<Called<string>> => {
    const found = known.get(key);
    if (found !== undefined) return { ok: true, answer: found };
    const asked = await ask();
    if (!asked.ok) return asked;
    if (asked.answer === undefined)
      return refused({ kind: 'failed', code: 'SLACK_FAILED', message: 'Slack gave no answer' });
    known.set(key, asked.answer);
    return { ok: true, answer: asked.answer };
  };

  return {
    installed: (team) => clients.of(team) !== null,
    call,

    post: async ({ team, channel, threadTs }, message, allowed) =>
      written(
        await call(
          team,
          (client) =>
            client.chat.postMessage({
              channel,
              ...(threadTs === null ? {} : { thread_ts: threadTs }),
              ...message,
              ...WITHOUT_UNFURLING,
            }),
          allowed,
        ),
        null,
      ),

    ephemeral: async ({ team, channel, threadTs }, user, message) => {
      const thread = threadTs === null ? {} : { thread_ts: threadTs };
      const shown = await call(team, (client) =>
        client.chat.postEphemeral({ channel, user, ...message, ...thread }),
      );
      return shown.ok ? { kind: 'done', ts: shown.answer.message_ts ?? '' } : shown.refusal;
    },

    update: async ({ team, channel }, ts, message, allowed) =>
      written(await call(team, (client) => client.chat.update({ channel, ts, ...message }), allowed), ts),

    remove: async ({ team, channel }, ts, allowed) =>
      written(await call(team, (client) => client.chat.delete({ channel, ts }), allowed), ts),

    direct: (team, user) =>
      once(directs, `${team} ${user}`, () =>
        call(team, async (client) => (await client.conversations.open({ users: user })).channel?.id),
      ),

    permalink: async (team, channel, ts) => {
      const link = await once(links, `${team} ${channel} ${ts}`, () =>
        call(team, async (client) => (await client.chat.getPermalink({ channel, message_ts: ts })).permalink),
      );
      return link.ok ? link.answer : null;
    },
  };
}

/** `known` is the ts of a message that exists; a new one must be named by Slack. */
function written(called: Called<{ ts?: string | undefined }>, known: string | null): WriteOutcome {
  if (!called.ok) return called.refusal;
  const ts = called.answer.ts ?? known;
  // A success without a ts is no success that can be built on: the message is looked for by its mark.
  if (ts === null) return { kind: 'unclear', code: 'SLACK_FAILED', message: 'Slack named no ts' };
  return { kind: 'done', ts };
}

function refused(refusal: Refusal): Called<never> {
  return { ok: false, refusal, word: null, thrown: null };
}

/** One page of a list of Slack's, with the cursor of the next one ('' or none: it was the last). */
interface Page {
  readonly response_metadata?: { readonly next_cursor?: string | undefined } | undefined;
}

/**
 * Reads at most `most` pages, each when the one before has been taken, until `take` has what it wants (true).
 * 'all': the last page was taken; 'enough': `take` said so; 'more': there are further pages. Throws what `read` throws.
 */
export async function eachPage<T extends Page>(
  most: number,
  read: (next: { cursor?: string }) => Promise<T>,
  take: (page: T) => boolean,
): Promise<'all' | 'enough' | 'more'> {
  let next: { cursor?: string } = {};
  for (let page = 0; page < most; page++) {
    const answer = await read(next);
    if (take(answer)) return 'enough';
    const cursor = answer.response_metadata?.next_cursor ?? '';
    if (cursor === '') return 'all';
    next = { cursor };
  }
  return 'more';
}
