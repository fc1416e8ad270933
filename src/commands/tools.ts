import { Declined } from '../people/editing.ts';
import { refusalOf } from '../people/may.ts';
import type { Person } from '../people/person.ts';
import { hostOf, summaryOf } from '../views/tools/list.ts';
import type { ToolServer } from '../views/tools/ports.ts';
import { TOOLS_BUTTONS, toolsAnswer, toolsDone } from '../words/connected-servers.ts';
import { SERVER_PROBLEMS } from '../words/tool-servers.ts';
import type { ToolsCommand } from './grammar.ts';
import { code, escapeMarkdown } from './markdown.ts';
import { demand, personNow, settingsHere } from './place.ts';
import type { Answer, Asked, CommandPorts, ToolCommands } from './ports.ts';

/** The button that opens the modal of connected servers. */
export const TOOLS_ACTION = 'command_tools';

/** Connected servers: the modal where one can be opened, else in words; and one's own accounts there. */
export async function tools(ports: CommandPorts, asked: Asked, command: ToolsCommand): Promise<Answer> {
  const { tools: servers } = ports;
  const person = await personNow(ports, asked);
  // Whoever is not of this workspace is told nothing of what it connected.
  demand(person, { kind: 'change_own' });
  switch (command.what) {
    case 'list':
      if (await opened(servers, asked)) return { markdown: '', silent: true };
      return listed(ports, asked, person);
    case 'connect': {
      demand(person, { kind: 'manage_workspace' });
      const { name, url, account } = command;
      const prefill = {
        ...(name === null ? {} : { name }),
        ...(url === null ? {} : { url }),
        ...(account === null ? {} : { account }),
      };
      const { triggerId } = asked;
      if (triggerId === null) return listed(ports, asked, person);
      if (!(await servers.open({ ...asked, triggerId }, prefill))) throw new Declined(toolsAnswer.noForm);
      return { markdown: '', silent: true };
    }
    case 'link': {
      const server = await personal(servers, asked, command.name);
      const made = await servers.link(server.id, { team: asked.team, person: asked.user });
      if (!made.ok) throw new Declined(SERVER_PROBLEMS[made.why]);
      return { markdown: toolsAnswer.link(made.value, escapeMarkdown(hostOf(server.url))) };
    }
    case 'unlink': {
      const server = await personal(servers, asked, command.name);
      await servers.unlink(server.id, { team: asked.team, person: asked.user });
      return { markdown: toolsDone.unlinked(code(server.name)) };
    }
  }
}

/** The button under the list in words: opens the modal. */
export async function openTools(ports: CommandPorts, asked: Asked): Promise<Answer> {
  if (await opened(ports.tools, asked)) return { markdown: '', silent: true };
  throw new Declined(toolsAnswer.noForm);
}

async function opened({ open }: ToolCommands, asked: Asked): Promise<boolean> {
  const { triggerId } = asked;
  return triggerId === null ? false : open({ ...asked, triggerId });
}

/** A server with accounts of people. Throws `Declined` for any other. */
async function personal(servers: ToolCommands, { team }: Asked, name: string): Promise<ToolServer> {
  const server = (await servers.list(team)).find((one) => one.name === name);
  if (server === undefined) throw new Declined(toolsAnswer.noSuch(code(name)));
  if (server.account !== 'person') throw new Declined(toolsAnswer.notPersonal);
  return server;
}

async function listed(ports: CommandPorts, asked: Asked, person: Person): Promise<Answer> {
  const { team, user, channel, direct } = asked;
  const [all, linked, settings] = await Promise.all([
    ports.tools.list(team),
    ports.tools.linked({ team, person: user }),
    settingsHere(ports, asked),
  ]);
  const state = { channel: direct ? null : channel, server: null };
  const here = settings.tools.value;
  const facts = { state, here, everywhere: here, linked };
  const admin = refusalOf(person, { kind: 'manage_workspace' }) === null;
  const buttons =
    all.length > 0 || admin ? [{ action: TOOLS_ACTION, label: TOOLS_BUTTONS.open, value: 'list' }] : [];
  if (all.length === 0) return { markdown: toolsAnswer.none, buttons };
  const lines = all.map((server) => `- **${code(server.name)}**: ${summaryOf(server, facts).join(' · ')}`);
  return { markdown: [toolsAnswer.title, '', ...lines].join('\n'), buttons };
}
