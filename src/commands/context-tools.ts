import { Declined } from '../people/editing.ts';
import { refusalOf } from '../people/may.ts';
import type { Person } from '../people/person.ts';
import { type Grant, grantsIn, revokeAllOf } from '../reply/cards/store.ts';
import type { Button } from '../reply/ports.ts';
import type { Settings } from '../settings/resolve.ts';
import type { ServerTool, ToolServer } from '../views/tools/ports.ts';
import { commandFailure } from '../words/command-problems.ts';
import { contextTools as words } from '../words/reports.ts';
import { code } from './markdown.ts';
import { personName } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';

/** The button by which somebody takes back what they allowed for a thread; its value is the thread. */
export const ASK_AGAIN_ACTION = 'command_ask_again';

/** Names of tools and grants that are listed; the others are counted. */
const MOST_TOOLS = 12;
const MOST_GRANTS = 20;

/**
 * What of a thread's context is about tools: the web, those of connected servers that are offered there, and which of these run
 * without a further word because somebody allowed it for the thread. Nothing of servers for people of other companies and guests.
 */
export async function toolsOfContext(
  ports: CommandPorts,
  asked: Asked,
  { person, settings, threadTs }: { person: Person; settings: Settings; threadTs: string },
): Promise<{ readonly lines: readonly string[]; readonly buttons: readonly Button[] }> {
  const web = settings.web.value ? [words.web] : [];
  if (refusalOf(person, { kind: 'change_own' }) !== null) return { lines: web, buttons: [] };
  const [servers, grants] = await Promise.all([
    ports.tools.list(asked.team),
    grantsIn(ports.database.query, { team: asked.team, channel: asked.channel, threadTs }),
  ]);
  const offered = servers.filter(
    ({ name, tools, changes }) =>
      settings.tools.value.includes(name) && tools.some(({ reads }) => reads || changes === 'ask'),
  );
  const lines = [...web, ...offered.map(offeredLine)];
  if (grants.length === 0) return { lines, buttons: [] };
  const granted = await Promise.all(
    grants.slice(0, MOST_GRANTS).map(async (grant) => {
      const { title } = toolOf(servers, grant) ?? { title: grant.tool };
      const whose = grant.person === asked.user ? null : await personName(ports, asked, grant.person);
      return words.grant(code(title), code(grant.server), whose);
    }),
  );
  const more = grants.length - granted.length;
  const mine = grants.some(({ person: whose }) => whose === asked.user);
  return {
    lines: [...lines, '', words.grants, '', ...granted, ...(more > 0 ? [words.moreGrants(more)] : [])],
    buttons: mine ? [{ action: ASK_AGAIN_ACTION, label: words.askAgain, value: threadTs }] : [],
  };
}

/** The button was pressed: takes back what the presser allowed in a thread here, whatever the button's value may claim. */
export async function askAgain(ports: CommandPorts, asked: Asked, value: string | null): Promise<Answer> {
  const threadTs = value ?? '';
  if (!/^\d{1,12}\.\d{1,8}$/.test(threadTs)) throw new Declined(commandFailure.buttonUnreadable);
  const { team, channel, user: person } = asked;
  const count = await ports.database.transaction((tx) =>
    revokeAllOf(tx, { team, channel, threadTs, person }),
  );
  return { markdown: words.askedAgain(count) };
}

function offeredLine({ name, tools, changes }: ToolServer): string {
  const named = (of: readonly ServerTool[]) => {
    const titles = of.slice(0, MOST_TOOLS).map(({ title, tool }) => code(title.trim() === '' ? tool : title));
    return of.length === 0 ? null : words.list(titles, of.length - titles.length);
  };
  const asks = changes === 'ask' ? tools.filter(({ reads }) => !reads) : [];
  return words.offered(code(name), named(tools.filter(({ reads }) => reads)), named(asks));
}

function toolOf(servers: readonly ToolServer[], { server, tool }: Grant): ServerTool | undefined {
  return servers.find(({ name }) => name === server)?.tools.find((one) => one.tool === tool);
}
