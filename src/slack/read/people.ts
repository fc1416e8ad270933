import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { People, Person } from '../../people/person.ts';
import type { Clients } from '../clients.ts';
import { kindOf, mayPass } from '../error-words.ts';
import { errorWord, statusOf } from '../send/outcome.ts';
import { cleanName } from '../text/names.ts';

/** Slack waits 3 s for a person's modal, and a person waits as well. */
const LIMIT_MS = 2500;
const MOST_PEOPLE = 20_000;
const MOST_PAGES = 20;

/** The port `People` over `users.info` and `conversations.members`. `admins`: user ids named by the operator. */
export function createPeople(
  clients: Clients,
  { clock, log, admins }: { clock: Clock; log: Log; admins: readonly string[] },
): People {
  const known = new Map<string, { person: Person; at: number }>();
  const asking = new Map<string, Promise<Person | 'unreachable'>>();

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
      const answer = await within(client.users.info({ user: id }), clock);
      if (answer === null) return 'unreachable';
      const user = answer.user;
      if (user === undefined) return nobody;
      const name = user.profile?.display_name || user.profile?.real_name || user.real_name || user.name;
      const elsewhere = user.is_stranger === true || (user.team_id !== undefined && user.team_id !== team);
      // On an org-wide install a colleague of another workspace has another team too, but the same org.
      const colleague = user.enterprise_user?.teams?.includes(team) ?? false;
      const stranger = elsewhere && !colleague;
      const guest = user.is_restricted === true || user.is_ultra_restricted === true;
      const high = user.is_admin === true || user.is_owner === true || user.is_primary_owner === true;
      return {
        ...nobody,
        name: name === undefined ? null : cleanName(name) || null,
        kind: stranger ? 'stranger' : guest ? 'guest' : 'member',
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
      const since = clock.monotonic();
      if (found !== undefined && maxAgeMs > 0 && since - found.at <= maxAgeMs) return found.person;
      // Who asks at the same moment may share the question, unless it must be asked now.
      const shared = maxAgeMs > 0 ? asking.get(key) : undefined;
      if (shared !== undefined) return shared;
      const answer = ask(team, id).finally(() => asking.delete(key));
      asking.set(key, answer);
      const person = await answer;
      if (person === 'unreachable') return person;
      known.delete(key);
      known.set(key, { person, at: since });
      // The oldest goes first: a Map keeps the order in which entries came.
      for (const oldest of known.keys()) {
        if (known.size <= MOST_PEOPLE) break;
        known.delete(oldest);
      }
      return person;
    },

    async inChannel(team, channel, user) {
      const client = clients.of(team);
      if (client === null) return false;
      try {
        let cursor: string | undefined;
        for (let page = 0; page < MOST_PAGES; page++) {
          const answer = await within(
            client.conversations.members({
              channel,
              limit: 1000,
              ...(cursor === undefined ? {} : { cursor }),
            }),
            clock,
          );
          if (answer === null) return false;
          if (answer.members?.includes(user)) return true;
          cursor = answer.response_metadata?.next_cursor;
          if (cursor === undefined || cursor === '') return false;
        }
      } catch (err) {
        log.warn({ channel, word: errorWord(err) }, 'Slack did not tell who is in a channel');
      }
      return false;
    },
  };
}

async function within<T>(work: Promise<T>, clock: Clock): Promise<T | null> {
  const over = new AbortController();
  const late = clock.sleep(LIMIT_MS, over.signal).then(() => null);
  return Promise.race([work, late]).finally(() => over.abort());
}
