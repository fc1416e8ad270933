import { type Clock, limited } from './clock.ts';
import type { Log } from './log.ts';
import type { Database } from './postgres/database.ts';
import { recording } from './record/recording.ts';
import type { ConnectedServers } from './tools/servers/make.ts';
import type { Done, ServerView } from './tools/servers/servers.ts';
import { serverById } from './tools/servers/store.ts';
import type { By, Outcome, ServerTool, ToolServer, ToolServers } from './views/tools/ports.ts';
import type { ServerProblem } from './words/tool-servers.ts';

interface ServersOptions {
  readonly connecting: Pick<ConnectedServers, 'servers' | 'accounts' | 'links'>;
  readonly database: Database;
  /** Aborts when the process stops. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
}

/** Servers of tools that workspaces connected, as people look at them and manage them; what is done is recorded. */
interface Servers {
  readonly tools: ToolServers;
  /** Names of a workspace's servers. */
  readonly names: (team: string) => Promise<readonly string[]>;
  /** A link for this person alone; null: there is no way to link one. */
  readonly linkFor: (team: string, person: string, server: string) => Promise<string | null>;
}

/** An admin waits for it. */
const LIMIT_MS = 40_000;

export function createServers({ connecting, database, signal, clock, log }: ServersOptions): Servers {
  const { servers, accounts, links } = connecting;
  const note = recording(database, log);

  const find = async (team: string, id: string): Promise<ServerView | null> =>
    (await servers.of(team)).find((one) => one.id === id) ?? null;

  /** Does something to a server that is there, within the time that an admin waits. */
  async function withServer<T>(
    id: string,
    { team }: By,
    work: (server: ServerView, limited: AbortSignal) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    const server = await find(team, id);
    return server === null ? failed('gone') : inTime((over) => work(server, over));
  }

  const inTime = <T>(work: (over: AbortSignal) => Promise<T>): Promise<T> =>
    limited(clock, LIMIT_MS, (late) => work(AbortSignal.any([signal, late])));

  async function createLink(team: string, person: string, server: string): Promise<Outcome<string>> {
    if (links === null) return failed(servers.able.personalAccounts ?? 'not_personal');
    const link = await links.create({ team, name: server, person });
    return typeof link === 'string' ? failed(link) : { ok: true, value: link.url };
  }

  const tools: ToolServers = {
    list: async (team) => (await servers.of(team)).map(toServer),
    async linked({ team, person }) {
      const names = (await accounts?.linkedAt(team, person)) ?? [];
      if (names.length === 0) return new Set();
      return new Set((await servers.of(team)).filter(({ name }) => names.includes(name)).map(({ id }) => id));
    },
    connect: ({ token, ...wanted }, { team, person }) =>
      inTime(async (over) => {
        const asked = { ...wanted, token: token === '' ? null : token, team, by: person };
        const done = await servers.connect(asked, over);
        if (!done.ok) return failed(done.problem);
        await note({ team, person, what: 'tool_server_connected', tool: wanted.name });
        return { ok: true, value: { server: toServer(done.server), leftOut: done.listed?.leftOut ?? [] } };
      }),
    change: (id, { people: who, changes, token }, by) =>
      withServer(id, by, async ({ name }) => {
        const { team, person } = by;
        const change = { people: who, changes, ...(token === '' ? {} : { token }) };
        const done = toOutcome(await servers.change({ team, name }, change));
        if (done.ok) await note({ team, person, what: 'tool_server_changed', tool: name });
        return done;
      }),
    look: (id, by) =>
      withServer(id, by, async ({ name }, over) => {
        const seen = await servers.look({ team: by.team, name, by: by.person }, over);
        if (!seen.ok) return failed(seen.problem);
        const { added, removed: gone, changed } = seen.change;
        const difference = { added, gone, changed };
        const { tools, leftOut } = seen.listed;
        return { ok: true, value: { tools: tools.map(toTool), difference, seen: seen.seen, leftOut } };
      }),
    accept: (id, seen, by) =>
      withServer(id, by, async ({ name }, over) => {
        const { team, person } = by;
        const done = toOutcome(await servers.accept({ team, name, by: person, seen }, over));
        if (done.ok) await note({ team, person, what: 'tool_server_changed', tool: name });
        return done;
      }),
    async remove(id, { team, person }) {
      const server = await find(team, id);
      if (server === null || !(await servers.remove({ team, name: server.name }))) return;
      await note({ team, person, what: 'tool_server_removed', tool: server.name });
    },
    link: (id, by) => withServer(id, by, ({ name }) => createLink(by.team, by.person, name)),
    async unlink(id, { team, person }) {
      const server = await serverById(database.query, id);
      if (server === null || server.team !== team || !(await accounts?.unlink(server, person))) return;
      await note({ team, person, what: 'account_unlinked', tool: server.name });
    },
  };

  return {
    tools,
    names: async (team) => (await servers.of(team)).map(({ name }) => name),
    async linkFor(team, person, server) {
      const made = await createLink(team, person, server);
      return made.ok ? made.value : null;
    },
  };
}

function toServer({ listingChanged, tools, ...server }: ServerView): ToolServer {
  return {
    ...server,
    changed: listingChanged,
    tools: tools.map(toTool),
  };
}

function toTool({ name, title, description, reads }: ServerView['tools'][number]): ServerTool {
  return { tool: name, title, description, reads };
}

function toOutcome(done: Done<{ readonly server: ServerView }>): Outcome<ToolServer> {
  return done.ok ? { ok: true, value: toServer(done.server) } : failed(done.problem);
}

function failed(why: ServerProblem): { readonly ok: false; readonly why: ServerProblem } {
  return { ok: false, why };
}
