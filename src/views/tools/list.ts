import * as words from '../../words/connected-servers.ts';
import {
  actions,
  type Block,
  type Button,
  button,
  confirmOf,
  context,
  cut,
  divider,
  escapeMrkdwn,
  header,
  type Modal,
  modal,
  pairs,
  section,
} from '../blocks.ts';
import type { Looked, ServerTool, ToolServer } from './ports.ts';
import { type ToolsState, writeToolsState } from './state.ts';

export const TOOLS_MODAL = 'skein_tools';
/** What buttons of the modal do; the server is in the modal's metadata, or the button's value. */
export const TOOL_ACTIONS = {
  list: 'tools_list',
  details: 'tools_details_',
  connect: 'tools_connect',
  link: 'tools_link_',
  linked: 'tools_linked_',
  go: 'tools_go',
  unlink: 'tools_unlink',
  change: 'tools_change',
  test: 'tools_test',
  accept: 'tools_accept',
  here: 'tools_here',
  everywhere: 'tools_everywhere',
  remove: 'tools_remove',
} as const;

/** What the person in front of the modal is told. */
export interface ToolsFacts {
  readonly state: ToolsState;
  readonly servers: readonly ToolServer[];
  /** Names in the setting `tools` that holds in the channel of the modal, and in the workspace. */
  readonly here: readonly string[];
  readonly everywhere: readonly string[];
  readonly admin: boolean;
  /** Servers at which the person has an account. */
  readonly linked: ReadonlySet<string>;
  /** Something to know first, in safe mrkdwn. */
  readonly notice: string | null;
}

/** Each takes up to three blocks. */
const MOST_SHOWN = 25;
const MOST_TOOLS = 60;
/** Sections of the list of tools; each has up to 3,000 characters. */
const MOST_TOOL_SECTIONS = 15;

/** The servers of the workspace. Pure. */
export function listView(facts: ToolsFacts): Modal {
  const { servers, admin } = facts;
  const shown = servers.slice(0, MOST_SHOWN);
  const connect = button(TOOL_ACTIONS.connect, words.TOOLS_BUTTONS.connect, 'new', { style: 'primary' });
  return noticed(facts, [
    context(words.toolsList.intro),
    ...(shown.length === 0
      ? [section([words.toolsList.none, ...(admin ? [] : [words.toolsList.noneHere])].join(' '))]
      : shown.flatMap((server) => [divider, ...serverLines(server, facts)])),
    ...(admin ? [divider, actions('new', [connect])] : []),
  ]);
}

function serverLines(server: ToolServer, facts: ToolsFacts): Block[] {
  const { id, name, account } = server;
  const link =
    account === 'person' && !facts.linked.has(id)
      ? [button(`${TOOL_ACTIONS.link}${id}`, words.TOOLS_BUTTONS.link, id, { style: 'primary' })]
      : [];
  return [
    section(words.toolsList.line(name, summaryOf(server, facts))),
    actions(`server.${id}`, [
      button(`${TOOL_ACTIONS.details}${id}`, words.TOOLS_BUTTONS.details, id),
      ...link,
    ]),
  ];
}

/** A server in a few lines of safe mrkdwn: where it is used, what it can do, by whose account. */
export function summaryOf(
  server: ToolServer,
  { state, here, everywhere, linked }: Pick<ToolsFacts, 'state' | 'here' | 'everywhere' | 'linked'>,
): string[] {
  const { id, name, account, tools, changes, changed } = server;
  const { used, account: whose } = words.toolsList;
  const reads = tools.filter((one) => one.reads).length;
  const where =
    state.channel === null
      ? everywhere.includes(name)
        ? used.everywhere
        : used.notEverywhere
      : here.includes(name)
        ? used.here
        : used.notHere;
  const mine = account === 'person' ? (linked.has(id) ? whose.linked : whose.unlinked) : whose[account];
  return [
    `${where} · ${mine}`,
    tools.length === 0
      ? words.toolsList.noTools
      : words.toolsList.tools(reads, tools.length - reads, changes === 'ask'),
    ...(changed ? [words.toolsList.changed] : []),
  ];
}

/** One server, with what each tool may do. `looked`: what it was just seen to list; null: it was not looked at now. Pure. */
export function serverView(facts: ToolsFacts, server: ToolServer, looked: Looked | null = null): Modal {
  const { toolServer } = words;
  const toolForm = words.toolForm;
  const { admin } = facts;
  const rows: (readonly [string, string])[] = [
    ...(admin ? [[toolServer.facts.address, escapeMrkdwn(server.url)] as const] : []),
    [toolServer.facts.account, toolForm.account.options[server.account]],
    [toolServer.facts.people, toolForm.people.options[server.people]],
    [toolServer.facts.changes, toolForm.changes.options[server.changes]],
    [toolServer.facts.connected, toolServer.connectedBy(server.connectedBy, server.connectedAt)],
    [toolServer.facts.pinned, toolServer.pinnedOn(server.pinnedAt)],
  ];
  return noticed(facts, [
    header(server.name),
    section(summaryOf(server, facts).join('\n')),
    ...pairs(rows),
    ...deeds(facts, server),
    ...differences(facts, server, looked),
    divider,
    ...toolLines(server),
  ]);
}

function deeds(facts: ToolsFacts, { id, name, account }: ToolServer): Block[] {
  const { admin, linked, here, everywhere, state } = facts;
  const { TOOLS_BUTTONS: labels } = words;
  const mine: Button[] =
    account !== 'person'
      ? []
      : linked.has(id)
        ? [
            button(TOOL_ACTIONS.unlink, labels.unlink, id, {
              confirm: confirmOf(words.unlinkQuestion),
            }),
          ]
        : [button(`${TOOL_ACTIONS.link}${id}`, labels.link, id, { style: 'primary' })];
  const inChannel = here.includes(name);
  const inAll = everywhere.includes(name);
  const ours: Button[] = admin
    ? [
        ...(state.channel === null
          ? []
          : [button(TOOL_ACTIONS.here, inChannel ? labels.notHere : labels.here, inChannel ? 'off' : 'on')]),
        button(
          TOOL_ACTIONS.everywhere,
          inAll ? labels.notEverywhere : labels.everywhere,
          inAll ? 'off' : 'on',
        ),
        button(TOOL_ACTIONS.test, labels.test, id),
        button(TOOL_ACTIONS.change, labels.change, id),
        button(TOOL_ACTIONS.remove, labels.remove, id, {
          style: 'danger',
          confirm: confirmOf(words.removeQuestion),
        }),
      ]
    : [];
  return [actions('deeds', [...mine, ...ours, button(TOOL_ACTIONS.list, labels.back, 'list')])];
}

function differences({ admin }: ToolsFacts, server: ToolServer, looked: Looked | null): Block[] {
  const said = words.toolsChanged;
  const labels = words.TOOLS_BUTTONS;
  const kindWords = words.TOOL_KINDS;
  const { added = [], gone = [], changed = [] } = looked?.difference ?? {};
  // What a tool may do is what an admin accepts.
  const kinds = new Map(looked?.tools.map(({ tool, reads }) => [tool, kindOf(reads, server)]));
  const withKind = (tool: string) => [safe(tool, 80), kindWords[kinds.get(tool) ?? 'asks']] as const;
  const lines = [
    ...added.map((tool) => said.added(...withKind(tool))),
    ...gone.map((tool) => said.gone(safe(tool, 80))),
    ...changed.map((tool) => said.other(...withKind(tool))),
  ];
  if (looked === null ? !server.changed : lines.length === 0) return [];
  // What was never accepted has nothing that it differs from.
  const first = server.pinnedAt === null;
  const what = first ? said.first : [said.title, said.until].join(' ');
  const accept =
    looked === null
      ? button(TOOL_ACTIONS.test, labels.refresh, 'look')
      : button(TOOL_ACTIONS.accept, first ? labels.acceptFirst : labels.accept, looked.seen, {
          style: 'primary',
        });
  return [divider, section([what, ...lines].join('\n')), ...(admin ? [actions('changed', [accept])] : [])];
}

function toolLines(server: ToolServer): Block[] {
  const { toolServer } = words;
  const { tools, account } = server;
  if (tools.length === 0) {
    const why = account === 'person' ? toolServer.needsLink : words.toolsList.noTools;
    return [section(why)];
  }
  const lines = tools.slice(0, MOST_TOOLS).map((one) => toolLine(one, server));
  if (tools.length > MOST_TOOLS) lines.push(toolServer.more(tools.length - MOST_TOOLS));
  const sections: string[] = [];
  for (const line of lines) {
    const last = sections.at(-1);
    if (last !== undefined && last.length + line.length < 2900)
      sections[sections.length - 1] = `${last}\n${line}`;
    else sections.push(line);
  }
  return [section(`*${toolServer.tools}*`), ...sections.slice(0, MOST_TOOL_SECTIONS).map(section)];
}

function toolLine({ title, description, reads }: ServerTool, server: ToolServer): string {
  return words.toolServer.tool(safe(title, 80), kindOf(reads, server), safe(description, 200));
}

function kindOf(reads: boolean, { changes }: ToolServer): keyof typeof words.TOOL_KINDS {
  return reads ? 'reads' : changes === 'ask' ? 'asks' : 'off';
}

/** The page with which the person goes to their browser. */
export function linkView(facts: ToolsFacts, { id, name, url }: ToolServer, address: string): Modal {
  const host = hostOf(url);
  return noticed(facts, [
    header(words.toolLink.title(name)),
    section(words.toolLink.how(safe(host, 100))),
    actions('link', [
      button(TOOL_ACTIONS.go, words.toolLink.open(host), id, { style: 'primary', url: address }),
      button(`${TOOL_ACTIONS.linked}${id}`, words.TOOLS_BUTTONS.linked, id),
      button(TOOL_ACTIONS.list, words.TOOLS_BUTTONS.back, 'list'),
    ]),
  ]);
}

/** A modal that says one thing. */
export function wordsView(text: string, state: ToolsState): Modal {
  const named = { title: words.TOOLS_TITLE, close: words.TOOLS_BUTTONS.close };
  return modal(TOOLS_MODAL, named, [section(text)], writeToolsState(state));
}

function noticed({ state, notice }: ToolsFacts, blocks: Block[]): Modal {
  const said = notice === null ? [] : [section(notice)];
  return { ...wordsView('', state), blocks: [...said, ...blocks] };
}

/** The host of a server, for people; the whole text where it is no address. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** Words of a server in one line of mrkdwn. */
function safe(text: string, most: number): string {
  return escapeMrkdwn(cut(text.replaceAll(/\s+/g, ' ').trim(), most));
}
