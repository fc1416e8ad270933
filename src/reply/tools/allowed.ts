import type { Defaults } from '../../defaults.ts';
import type { Database } from '../../postgres/database.ts';
import { resolve } from '../../settings/resolve.ts';
import { readSettings } from '../../settings/store.ts';
import type { Connected } from '../../tools/connected.ts';

/** A call that somebody decides about: what it uses, where, and in whose name. */
interface Called {
  readonly team: string;
  readonly channel: string;
  readonly direct: boolean;
  readonly person: string;
  readonly server: string;
  readonly tool: string;
}

/**
 * Whether the tool of a call may be used where it is to run, now: the setting `tools` names its server, the server is connected
 * and lists it, and its asker may use it. Somebody whose account is not linked any more is asked for it when it runs.
 * `connected` absent: no server is.
 */
export function createAllowed({
  database,
  defaults,
  connected,
}: {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly connected?: Pick<Connected, 'offered' | 'judge'>;
}): (call: Called) => Promise<boolean> {
  return async ({ team, channel, direct, person, server, tool: name }) => {
    if (connected === undefined) return false;
    const set = await readSettings(database.query, { team, channel, person });
    const servers = resolve(defaults, set, { direct }).tools.value;
    if (!servers.includes(server)) return false;
    const offered = await connected.offered({ team, servers });
    const tool = offered.find((one) => one.server === server && one.tool === name);
    if (tool === undefined) return false;
    return (await connected.judge(tool, { team, channel, person })) !== 'not_allowed';
  };
}
