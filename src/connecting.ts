import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { toError } from './errors.ts';
import type { Files } from './files/reading.ts';
import { createSeal } from './installations/tokens/seal.ts';
import { findInstallations } from './installations/tokens/store.ts';
import type { Log } from './log.ts';
import { ASKING_AGE_MS, type People } from './people/person.ts';
import type { Database } from './postgres/database.ts';
import { recording } from './record/recording.ts';
import { linkTopic } from './reply/tools/linking.ts';
import { wakeWaiting } from './reply/waits/store.ts';
import { type ConnectedServers, createConnectedServers } from './tools/servers/make.ts';
import { accountEnded } from './words/tool-servers.ts';

interface ConnectingOptions {
  readonly config: Config;
  readonly database: Database;
  readonly people: Pick<People, 'of'>;
  /** The name of a person; null: not known. Never rejects. */
  readonly nameOf: (team: string, person: string) => Promise<string | null>;
  /** A direct message. Never rejects. */
  readonly tellPerson: (team: string, person: string, line: string) => Promise<boolean>;
  readonly fitImage: Files['fitImage'];
  readonly clock: Clock;
  readonly log: Log;
}

/** Replies of one person that wait for the same account. */
const MOST_WOKEN = 20;

/** Connected servers, with what they ask of the rest of a process: who somebody is, and what goes on when an account is there. */
export function createConnecting(options: ConnectingOptions): ConnectedServers {
  const { config, database, people, nameOf, tellPerson, fitImage, clock, log } = options;
  const note = recording(database, log);
  return createConnectedServers({
    database,
    hosts: config.toolHosts,
    proxy: config.proxy,
    seal: config.encryptionKeys.length === 0 ? null : createSeal(config.encryptionKeys),
    publicUrl: config.publicUrl,
    fitImage,
    async rank(team, person) {
      const known = await people.of(team, person, ASKING_AGE_MS);
      if (known === 'unreachable') return known;
      if (known.deactivated) return 'outsider';
      return known.admin ? 'admin' : known.kind === 'member' ? 'member' : 'outsider';
    },
    async identify(team, person) {
      const [installed] = await findInstallations(database.query, { ids: [team], botIds: [] }).catch(
        () => [],
      );
      return { person: (await nameOf(team, person)) ?? person, workspace: installed?.name ?? null };
    },
    async onLinked(linked) {
      const { team, person, server } = linked;
      await note({ team, person, what: 'account_linked', tool: server });
      await wakeWaiting(database.query, linkTopic(team, person, server), MOST_WOKEN).catch((err) =>
        log.warn({ err: toError(err) }, 'what waits for an account could not be woken'),
      );
    },
    async onUnlinked({ team, person, server }) {
      // Nobody did it but the server.
      await note({
        team,
        person: null,
        what: 'account_unlinked',
        scope: 'person',
        scopeId: person,
        tool: server,
      });
      await tellPerson(team, person, accountEnded(server));
    },
    newId: randomUUID,
    clock,
    log,
  });
}
