import { day } from './dates.ts';
import { many } from './numbers.ts';

/**
 * Connected servers of tools: `/skein tools`, its modal, and what stands of them in the Home tab. Names of servers are ours
 * (`a-z`, digits, hyphens); what comes from a server (names and descriptions of its tools) is given in safe mrkdwn.
 */

export const TOOLS_TITLE = 'Connected servers';
export const TOOLS_BUTTONS = {
  close: 'Close',
  cancel: 'Cancel',
  connect: 'Connect a server',
  submit: 'Test and connect',
  save: 'Test and save',
  details: 'Details',
  back: 'All servers',
  link: 'Link my account',
  unlink: 'Unlink my account',
  linked: 'I have linked it',
  change: 'Change',
  test: 'Test',
  refresh: 'Refresh the list',
  accept: 'Accept the changed list',
  acceptFirst: 'Accept its tools',
  here: 'Use in this channel',
  notHere: 'Not in this channel',
  everywhere: 'Use in the whole workspace',
  notEverywhere: 'Not in the whole workspace',
  remove: 'Remove',
  open: 'Open the form',
} as const;

export const ONE_MOMENT_TOOLS = 'One moment…';
/** While a server is asked for longer than Slack waits for a form. */
export const CONNECTING = (host: string) =>
  `Connecting to ${host}… This goes on by itself. If nothing happens within a minute, close this and begin again.`;

/** The list. */
export const toolsList = {
  intro:
    'Servers of tools that this workspace connected. Where one may be used is the setting `tools`. What only reads runs at once; what changes something asks first.',
  none: 'No server is connected.',
  noneHere: 'An admin can connect one: `/skein tools connect`.',
  line: (name: string, facts: readonly string[]) => `*${name}*\n${facts.join('\n')}`,
  used: {
    here: '✓ used in this channel',
    notHere: 'not used in this channel',
    everywhere: '✓ used in the whole workspace',
    notEverywhere: 'not used in the whole workspace',
  },
  noTools: 'Its tools are not known yet.',
  tools: (reads: number, changes: number, ask: boolean) =>
    [
      ...(reads > 0 ? [`${many(reads, 'tool')} that only ${reads === 1 ? 'reads' : 'read'}`] : []),
      ...(changes > 0
        ? [
            ask
              ? `${many(changes, 'tool')} that ${changes === 1 ? 'asks' : 'ask'} first`
              : `${many(changes, 'tool')} that ${changes === 1 ? 'changes' : 'change'} something, switched off`,
          ]
        : []),
    ].join(', '),
  changed: '⚠ It lists other tools than before. Until an admin accepts them, the tools of before count.',
  account: {
    none: 'speaks for nobody: no account',
    workspace: 'speaks with the account of the workspace',
    linked: '✓ your account is linked',
    unlinked: 'your own account is not linked yet',
  },
} as const;

/** One server. */
export const toolServer = {
  facts: {
    address: 'Address',
    account: 'Account',
    people: 'Who may use it',
    changes: 'Tools that change something',
    connected: 'Connected',
    pinned: 'List of tools',
  },
  connectedBy: (person: string, at: Date) => `by <@${person}> on ${day(at.toISOString())}`,
  pinnedOn: (at: Date | null) => (at === null ? 'not read yet' : `as of ${day(at.toISOString())}`),
  tools: 'What it can do',
  tool: (title: string, kind: keyof typeof TOOL_KINDS, description: string) =>
    `• *${title}* (${TOOL_KINDS[kind]})${description === '' ? '' : `: ${description}`}`,
  more: (left: number) => `… and ${many(left, 'more tool', 'more tools')}.`,
  needsLink: 'Its tools can be read once an admin has linked an account and pressed Test.',
} as const;

export const TOOL_KINDS = {
  reads: 'reads, at once',
  asks: 'asks first',
  off: 'off',
} as const;

/** What a server lists now against the list that was accepted. */
export const toolsChanged = {
  title: '*The server lists something else now.*',
  until:
    'Until an admin accepts it, the tools of before count, and those that are gone or changed are not called.',
  first: '*These are its tools.* They are used once an admin accepts them.',
  added: (tool: string, kind: string) => `• new: *${tool}* (${kind})`,
  gone: (tool: string) => `• gone: *${tool}*`,
  other: (tool: string, kind: string) => `• changed: *${tool}* (${kind})`,
} as const;

export const toolLink = {
  title: (name: string) => `Link your account at ${name}`,
  how: (host: string) =>
    `The button opens the page of ${host} in your browser. Sign in there and allow it, then come back: an answer that waits for it goes on by itself. The link is for you alone, works once and for ten minutes; don’t pass it on.`,
  open: (host: string) => `Open ${host}`,
} as const;

/** The form. */
export const toolForm = {
  titleNew: 'Connect a server',
  titleChange: 'Change a server',
  name: { label: 'Name', hint: 'Short, in small letters, such as tickets. People see it.' },
  url: {
    label: 'Address',
    hint: 'Of its Streamable HTTP endpoint (Model Context Protocol), such as https://mcp.example.com/mcp.',
  },
  account: {
    label: 'In whose name it speaks',
    hint: 'With each person’s own account, everybody links theirs, and nobody speaks with another one’s.',
    options: {
      none: 'Nobody’s: it needs no account',
      workspace: 'The workspace’s: one token for all',
      person: 'Each person’s own, by OAuth',
    },
  },
  token: {
    label: 'Token of the workspace',
    hint: 'For the account of the workspace only. It is stored encrypted, and nobody is shown it again.',
    kept: 'Left empty, the token that is stored stays.',
  },
  client: {
    label: 'Client of each person’s account',
    hint: 'Only where the server registers nobody by itself: ID and secret of a client that you made there, with a blank between. Its redirect address is /tools/callback of this server.',
  },
  people: {
    label: 'Who may use it',
    options: {
      everyone: 'Everyone who may ask, guests too',
      members: 'Members of the workspace',
      admins: 'Admins',
    },
  },
  changes: {
    label: 'Tools that change something',
    options: {
      ask: 'Ask the person first, each time',
      off: 'Off: only tools that read',
    },
  },
  where: {
    label: 'Where it is used',
    hint: 'The setting tools; it can be changed later for each channel.',
    options: {
      channel: 'In this channel',
      workspace: 'In the whole workspace',
      nowhere: 'Nowhere yet',
    },
  },
} as const;

/** What can go wrong beside what a server does. */
export const toolTrouble = {
  /** Words that mean something else where servers are named. */
  reserved: 'This word means something else where servers are named. Use another one, such as help-desk.',
  failed: 'That could not be done just now. Please try again in a moment.',
} as const;

/** On top of a view, after something was done. */
export const toolsDone = {
  connected: (name: string) => `✓ ${name} is connected.`,
  connectedUnlinked: (name: string) =>
    `✓ ${name} is connected. It wants each person’s own account: link yours, so that its tools can be read.`,
  usedFrom: 'It is used from the next question on.',
  notSwitched: (why: string) => `Where it is used could not be set: ${why}`,
  changed: (name: string) => `✓ ${name} is changed.`,
  tested: (tools: number) => `✓ It answers and lists ${many(tools, 'tool')}.`,
  leftOut: (tool: string, why: string) => `⚠ “${tool}” is not offered: it ${why}.`,
  same: '✓ It lists the same tools as before.',
  accepted: '✓ The list of now is accepted.',
  removed: (name: string) =>
    `✓ ${name} is removed, with its token, the accounts that people linked, and its place in settings.`,
  unlinked: (name: string) => `✓ Your account at ${name} is unlinked.`,
  notLinkedYet: (name: string) => `Your account at ${name} is not linked yet.`,
  on: '✓ It is used from the next question on.',
  off: '✓ It is not used any more.',
  typeAgain: 'The token is to be typed again: I show it to nobody.',
} as const;

export const removeQuestion = {
  title: 'Remove this server?',
  text: 'Its token and the accounts that people linked are deleted, and answers can’t use it any more.',
  yes: 'Remove',
  no: 'Keep',
} as const;
export const unlinkQuestion = {
  title: 'Unlink your account?',
  text: 'What is stored of it is deleted. Answers can’t speak for you there until you link it again.',
  yes: 'Unlink',
  no: 'Keep',
} as const;

export const TOOLS_AWAY = 'I could not read this just now. Please close it and try again in a moment.';
export const TOOLS_STALE = 'This form is from an older version of me. Please close it and open it again.';

/** The answer to the command, where no modal can be opened, and to `link` and `unlink`. */
export const toolsAnswer = {
  title: '**Connected servers**',
  link: (url: string, host: string) =>
    `[Open ${host}](${url}) in your browser, sign in and allow it. The link is for you alone, works once and for ten minutes.`,
  noSuch: (name: string) => `There is no connected server called ${name}.`,
  notPersonal: 'This server has no personal accounts.',
  noForm: 'The form could not be opened. Please type the command again.',
  none: 'No server of tools is connected. An admin can connect one: `/skein tools connect`.',
} as const;

/** In the Home tab. */
export const HOME_TOOLS_TITLE = 'Connected servers';
export const HOME_TOOLS_BUTTON = 'Look at them';
