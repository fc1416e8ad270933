import { randomUUID } from 'node:crypto';
import { type Clock, LATE, within } from '../clock.ts';
import type { Config } from '../config.ts';
import { createSeal } from '../installations/tokens/seal.ts';
import type { Log } from '../log.ts';
import type { Finding } from '../operations/finding.ts';
import type { Database } from '../postgres/database.ts';
import { isSameListing } from '../tools/servers/listing.ts';
import { createConnectedServers } from '../tools/servers/make.ts';
import type { ServerView, ToolServers } from '../tools/servers/servers.ts';
import { teamsWithServers } from '../tools/servers/store.ts';
import { doctorWords as words } from '../words/doctor.ts';
import { SERVER_PROBLEMS } from '../words/tool-servers.ts';
import { ok, unchecked, warning, wrong } from './slack.ts';

const LIMIT_MS = 12_000;
/** Each is a call to somebody else's machine. */
const MOST_SERVERS = 20;
const MOST_TEAMS = 20;

/** Servers of tools as the doctor looks at them. */
export type ToolsToLookAt = Pick<ToolServers, 'of' | 'look' | 'authorization'>;

/** In whose workspace, and by whose account at servers with accounts of people. */
interface By {
  readonly team: string;
  readonly person: string;
}

/**
 * Each connected server of a workspace: whether it answers, takes its account, and lists what was accepted; where people have
 * accounts of their own, also whether its authorization server says what it said. `named`: whose workspace it is, where several
 * are looked at. Never throws.
 */
export async function checkTools(
  tools: ToolsToLookAt,
  by: By,
  clock: Clock,
  named: string | null = null,
): Promise<Finding[]> {
  try {
    const all = await tools.of(by.team);
    const servers = all.slice(0, MOST_SERVERS);
    const whose = (name: string) => (named === null ? name : `${name} (${named})`);
    const found = await Promise.all(
      servers.map((server) => {
        const name = whose(server.name);
        return Promise.all([
          checkServer(tools, server, { by, clock, name: words.names.server(name) }),
          ...(server.account === 'person'
            ? [checkAccounts(tools, server, { by, clock, name: words.names.accounts(name) })]
            : []),
        ]);
      }),
    );
    return [
      ...found.flat(),
      ...notLookedAt(words.server.left(all.length - servers.length), all.length - servers.length),
    ];
  } catch {
    // The database, which has a line of its own.
    return [serversUnchecked()];
  }
}

async function checkServer(
  tools: ToolsToLookAt,
  { name: server }: ServerView,
  { by, clock, name }: { readonly by: By; readonly clock: Clock; readonly name: string },
): Promise<Finding> {
  const { server: said } = words;
  const over = new AbortController();
  const at = { team: by.team, name: server, by: by.person };
  const seen = await within(clock, LIMIT_MS, tools.look(at, over.signal));
  over.abort();
  if (seen === LATE) return warning(name, said.late, said.todo.unreachable);
  if (!seen.ok) {
    const found = SERVER_PROBLEMS[seen.problem];
    const todo = said.todo[seen.problem] ?? said.todo.unreachable;
    return seen.problem === 'unlinked' ? unchecked(name, found, todo) : warning(name, found, todo);
  }
  return isSameListing(seen.change)
    ? ok(name, said.ok(seen.listed.tools.length))
    : warning(name, said.changed, said.todoChanged);
}

/** What is published now of how people link accounts: the metadata of the server and of its authorization server, read anew. */
async function checkAccounts(
  tools: ToolsToLookAt,
  { name: server }: ServerView,
  { by, clock, name }: { readonly by: By; readonly clock: Clock; readonly name: string },
): Promise<Finding> {
  const { accounts: said } = words;
  const todo = words.server.todo;
  const state = await within(clock, LIMIT_MS, tools.authorization({ team: by.team, name: server }));
  switch (state) {
    case LATE:
      return warning(name, said.late, said.unreachableTodo);
    case 'unreachable':
      return warning(name, said.unreachable, said.unreachableTodo);
    case null:
      return warning(name, SERVER_PROBLEMS.no_key, todo.no_key ?? todo.unreachable);
    case 'same':
      return ok(name, said.same);
    case 'moved':
      return warning(name, said.moved, said.againTodo);
    case 'unreadable':
      return wrong(name, said.unreadable, said.unreadableTodo);
    case 'no_oauth':
    case 'no_code':
    case 'other_resource':
      return wrong(name, said[state], said.operatorTodo);
    case 'address':
    case 'host':
    case 'plain':
      return wrong(name, SERVER_PROBLEMS[state], todo[state] ?? todo.unreachable);
  }
}

/** The connected servers of all workspaces, looked at from a terminal: by nobody's own account. Never throws. */
export async function checkAllTools(
  config: Config,
  database: Database,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<Finding[]> {
  const made = createConnectedServers({
    database,
    hosts: config.toolHosts,
    proxy: config.proxy,
    seal: config.encryptionKeys.length === 0 ? null : createSeal(config.encryptionKeys),
    publicUrl: config.publicUrl,
    // Nothing is called here.
    fitImage: async () => null,
    rank: async () => 'unreachable',
    identify: async (_team, person) => ({ person, workspace: null }),
    onLinked: async () => {},
    onUnlinked: async () => {},
    newId: randomUUID,
    clock,
    log,
  });
  try {
    const all = await teamsWithServers(database.query);
    const teams = all.slice(0, MOST_TEAMS);
    const found = await Promise.all(
      teams.map((team) => checkTools(made.servers, { team, person: '' }, clock, team)),
    );
    const left = all.length - teams.length;
    return [...found.flat(), ...notLookedAt(words.server.leftTeams(left), left)];
  } catch {
    return [serversUnchecked()];
  } finally {
    await made.close();
  }
}

/** The servers stand in the database, and that can't be asked for them. */
export function serversUnchecked(): Finding {
  return unchecked(words.names.servers, words.server.unchecked, words.server.uncheckedTodo);
}

function notLookedAt(found: string, left: number): Finding[] {
  return left > 0 ? [unchecked(words.names.servers, found, words.server.leftTodo)] : [];
}
