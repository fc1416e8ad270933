import type { webApi } from '@slack/bolt';
import { LRUCache } from 'lru-cache';
import { type Clock, LATE, within } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { People, Person, Presence } from '../../people/person.ts';
import type { Clients } from '../clients.ts';
import { kindOf, mayPass } from '../error-words.ts';
import { errorWord, statusOf } from '../send/outcome.ts';
import { cleanName } from '../text/names.ts';

/** Slack waits 3 s for a person's modal, and a person waits as well: for all calls of one question together. */
const LIMIT_MS = 2500;
const MOST_PEOPLE = 20_000;
/** The most that `users.conversations` and `conversations.members` give at once. */
const PAGE = 999;
/** Slack's words for a channel that there is not, or that it does not show us. */
const HIDDEN = 'channel_not_found';

interface Known {
  readonly person: Promise<Person | 'unreachable'>;
  /** When it was asked, monotonic. */
  readonly at: number;
}

/**
 * The port `People` over `users.info`, `users.conversations` and, where that says nothing, `conversations.members`.
 * `admins`: user ids named by the operator.
 */
export function createPeople(
  clients: Clients,
  { clock, log, admins }: { clock: Clock; log: Log; admins: readonly string[] },
): People {
  /** Also what is being asked, so that those who ask at the same moment share one call. */
  const known = new LRUCache<string, Known>({ max: MOST_PEOPLE });

  const ask = async (team: string, id: string): Promise<Person | 'unreachable'> => {
    const nobody: Person = {
      team,
      id,
      name: null,
      kind: 'unknown',
      admin: admins.includes(id),
      deactivated: false,
    };
    const client = clients.of(team);
    if (client === null) return 'unreachable';
    try {
      const answer = await within(clock, LIMIT_MS, client.users.info({ user: id }));
      if (answer === LATE) return 'unreachable';
      const user = answer.user;
      if (user === undefined) return nobody;
      const name = user.profile?.display_name || user.profile?.real_name || user.real_name || user.name;
      const elsewhere = user.is_stranger === true || (user.team_id !== undefined && user.team_id !== team);
      // In an organisation a colleague may be of another workspace, or the installation is the organisation itself.
      const org = user.enterprise_user;
      const wide = org !== undefined && org.enterprise_id === team;
      const colleague = wide || (org?.teams?.includes(team) ?? false);
      const stranger = elsewhere && !colleague;
      const guest = user.is_restricted === true || user.is_ultra_restricted === true;
      // What holds for a whole organisation its own admins decide, not those of one workspace.
      const high = wide
        ? org.is_admin === true || org.is_owner === true
        : user.is_admin === true || user.is_owner === true || user.is_primary_owner === true;
      return {
        ...nobody,
        name: name === undefined ? null : cleanName(name) || null,
        kind: user.is_bot === true ? 'bot' : stranger ? 'stranger' : guest ? 'guest' : 'member',
        admin: nobody.admin || (high && !stranger),
        deactivated: user.deleted === true,
      };
    } catch (err) {
      const word = errorWord(err);
      log.warn({ user: id, word }, 'Slack did not tell about a person');
      // An answer in Slack's words, or that there is nothing, is an answer: it will be the same in a moment.
      if (word === null) return statusOf(err) === 404 ? nobody : 'unreachable';
      return mayPass(word) || kindOf(word) === 'credentials' ? 'unreachable' : nobody;
    }
  };

  return {
    async of(team, id, maxAgeMs) {
      const key = `${team} ${id}`;
      const found = known.get(key);
      const at = clock.monotonic();
      if (found !== undefined && maxAgeMs > 0 && at - found.at <= maxAgeMs) return found.person;
      const asked: Known = { person: ask(team, id), at };
      known.set(key, asked);
      const person = await asked.person;
      // What was known before is still as good as its age says.
      if (person === 'unreachable' && known.peek(key) === asked) {
        if (found === undefined) known.delete(key);
        else known.set(key, found);
      }
      return person;
    },

    inChannel: (team, channel, user) =>
      presence(team, channel, (client, mayGoOn) =>
        channel.startsWith('D')
          ? isDirectWith(client, channel, user)
          : isAmong({ client, team }, channel, user, mayGoOn),
      ),

    weAreIn: (team, channel) =>
      presence(team, channel, async (client) => {
        // A direct message is seen by its two people only, and what Slack says of it has no `is_member`.
        if (channel.startsWith('D')) return 'yes';
        const found = await shown(client, channel);
        if (found === null) return 'no';
        // Slack shows a group message to those who are in it, and says no `is_member` of it either.
        return (found.is_member ?? found.is_mpim) ? 'yes' : 'no';
      }),
  };

  /** What `look` finds out within the limit; a failure is 'unknown'. */
  async function presence(
    team: string,
    channel: string,
    look: (client: webApi.WebClient, mayGoOn: () => boolean) => Promise<Presence>,
  ): Promise<Presence> {
    const client = clients.of(team);
    if (client === null) return 'unknown';
    const until = clock.monotonic() + LIMIT_MS;
    try {
      const found = await within(
        clock,
        LIMIT_MS,
        look(client, () => clock.monotonic() < until),
      );
      if (found !== LATE) return found;
      log.warn({ channel }, 'Slack did not tell in time who is in a channel');
    } catch (err) {
      log.warn({ channel, word: errorWord(err) }, 'Slack did not tell who is in a channel');
    }
    return 'unknown';
  }
}

/** `conversations.open` needs `im:write` only and gives the one direct message that we have with somebody. */
async function isDirectWith(client: webApi.WebClient, channel: string, user: string): Promise<Presence> {
  const { channel: direct } = await client.conversations.open({ users: user });
  if (direct?.id === undefined) return 'unknown';
  return direct.id === channel ? 'yes' : 'no';
}

/**
 * A person's channels are one page for nearly everybody, the members of a channel may be hundreds of pages. Of channels
 * that are not public Slack lists those that we share with the person (`user` of `users.conversations` in
 * @slack/web-api), so one that is not listed is a no only if we can see it.
 */
async function isAmong(
  { client, team }: { readonly client: webApi.WebClient; readonly team: string },
  channel: string,
  user: string,
  mayGoOn: () => boolean,
): Promise<Presence> {
  const types = 'public_channel,private_channel,mpim';
  try {
    const workspace = await workspaceOf(client, team, channel);
    const listed = await onSomePage(mayGoOn, async (cursor) => {
      const answer = await client.users.conversations({ user, types, limit: PAGE, ...workspace, ...cursor });
      return { ...answer, found: answer.channels?.some(({ id }) => id === channel) };
    });
    if (listed) return 'yes';
    return (await shown(client, channel)) === null ? 'unknown' : 'no';
  } catch (err) {
    // A word of Slack's about this way to ask (an install without `mpim:read`, a person of another company): for the
    // members of one channel the scope of its kind is enough.
    const word = errorWord(err);
    if (word === null || mayPass(word) || kindOf(word) === 'credentials') throw err;
  }
  const member = await onSomePage(mayGoOn, async (cursor) => {
    const answer = await client.conversations.members({ channel, limit: PAGE, ...cursor });
    return { ...answer, found: answer.members?.includes(user) };
  });
  return member ? 'yes' : 'no';
}

/**
 * A token of a whole organisation must say which workspace it means (`team_id` of `users.conversations`: "required if org
 * token is used", its page at docs.slack.dev): the one in which the channel is seen.
 */
async function workspaceOf(
  client: webApi.WebClient,
  installation: string,
  channel: string,
): Promise<{ team_id?: string }> {
  if (!installation.startsWith('E')) return {};
  const team = (await shown(client, channel))?.context_team_id;
  return team === undefined ? {} : { team_id: team };
}

/** The channel as Slack shows it to us; null if it says that there is none, which it says of what it hides, too. */
async function shown(client: webApi.WebClient, channel: string) {
  try {
    const answer = await client.conversations.info({ channel });
    return answer.channel ?? null;
  } catch (err) {
    if (errorWord(err) === HIDDEN) return null;
    throw err;
  }
}

interface Page {
  readonly found: boolean | undefined;
  readonly response_metadata?: { readonly next_cursor?: string };
}

/** Whether one of the pages has it. Throws if they could not all be read. */
async function onSomePage(
  mayGoOn: () => boolean,
  read: (cursor: { readonly cursor?: string }) => Promise<Page>,
): Promise<boolean> {
  for (let next = ''; mayGoOn(); ) {
    const { found, response_metadata: more } = await read(next === '' ? {} : { cursor: next });
    if (found === true) return true;
    next = more?.next_cursor ?? '';
    if (next === '') return false;
  }
  throw new Error('there are more pages than could be read');
}
