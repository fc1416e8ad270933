/** What is said about connected servers: why one can't be connected or listed, and the pages of linking an account. */

export type ServerProblem =
  | 'name'
  | 'name_taken'
  | 'too_many_servers'
  | 'url'
  | 'address'
  | 'host'
  | 'plain'
  | 'unreachable'
  | 'unauthorized'
  | 'refused'
  | 'no_tools'
  | 'no_key'
  | 'no_public_url'
  | 'no_oauth'
  | 'needs_client'
  | 'token_missing'
  | 'gone'
  | 'changed_meanwhile'
  | 'unlinked'
  | 'not_personal';

export const SERVER_PROBLEMS: Readonly<Record<ServerProblem, string>> = {
  name: 'A name has up to 20 small letters, digits and hyphens and begins with a letter, such as help-desk.',
  name_taken: 'There is a server of this name already.',
  too_many_servers: 'This workspace has as many servers as it may. Remove one first.',
  url: 'This is not an address of a server, such as https://tools.example.com/mcp.',
  address: 'This address is not on the public internet. Whoever runs me can allow its host (TOOL_HOSTS).',
  host: 'Whoever runs me does not allow calls to this host (TOOL_HOSTS).',
  plain: 'The address must begin with https://.',
  unreachable: 'The server could not be reached.',
  unauthorized: 'The server does not take this account: the token is missing, wrong or not valid any more.',
  refused:
    'What answers there is not a server of tools that I understand (Model Context Protocol, Streamable HTTP).',
  no_tools: 'The server has no tools that I can offer.',
  no_key:
    'Tokens are only stored encrypted, and whoever runs me gave no key for that (TOKEN_ENCRYPTION_KEY).',
  no_public_url:
    'People link their accounts on a page of mine, and whoever runs me gave it no address (PUBLIC_URL).',
  no_oauth: 'The server does not say how people link their accounts (OAuth).',
  needs_client:
    'The server registers no apps by itself. Register me there by hand, and give the client ID and secret here.',
  token_missing: 'The token is missing.',
  gone: 'There is no such server any more.',
  changed_meanwhile: 'The list of tools changed since you looked at it. Look at it again.',
  unlinked: 'You have no account there yet. Link yours first; then its tools can be listed.',
  not_personal: 'People have no accounts of their own at this server.',
};

export type LeftOutWhy =
  | 'name'
  | 'twin'
  | 'remote_schema'
  | 'deep_schema'
  | 'large_schema'
  | 'odd_schema'
  | 'too_many';

/** Why a tool is not offered, as the rest of a sentence that begins with its name. */
export const LEFT_OUT: Readonly<Record<LeftOutWhy, string>> = {
  name: 'has no name, or one that is too long',
  twin: 'has the same name as another one',
  remote_schema: 'describes its arguments by something that lies elsewhere',
  deep_schema: 'describes its arguments too deeply nested',
  large_schema: 'describes its arguments at too great a length',
  odd_schema: 'describes its arguments in a form that Claude does not take',
  too_many: 'is one too many: a server has 50 at most, and what they say is limited',
};

export type LinkProblem =
  | 'not_here'
  | 'other_browser'
  | 'cancelled'
  | 'refused'
  | 'unreachable'
  | 'gone'
  | 'away';

export const LINK_FAILED = 'Your account was not linked';

export const LINK_PROBLEMS: Readonly<Record<LinkProblem, string>> = {
  not_here: 'This link was used, is older than ten minutes, or is none of mine. Ask for a new one in Slack.',
  other_browser:
    'This was not begun in this browser, or it takes no cookies of this page. If somebody sent you here, do not go on. Ask for a link of your own in Slack.',
  cancelled: 'You did not agree, so nothing was linked.',
  refused: 'The server did not confirm your account. Ask for a new link in Slack.',
  unreachable: 'The server could not be reached just now. Ask for a new link in Slack in a moment.',
  gone: 'The server is not connected any more.',
  away: 'What came back could not be stored just now. Ask for a new link in Slack in a moment.',
};

export interface LinkWhom {
  /** The person in Slack. */
  readonly person: string;
  readonly workspace: string | null;
  /** What the workspace calls the server, and its host. */
  readonly server: string;
  readonly host: string;
}

const inWorkspace = ({ person, workspace }: LinkWhom) =>
  workspace === null ? `${person} in Slack` : `${person} in the Slack workspace ${workspace}`;

/** The page before the way to the server: whose account in Slack it is about, so that nobody links theirs to another's. */
export function confirmLinking(whom: LinkWhom): { title: string; lines: string[]; button: string } {
  return {
    title: `Link your ${whom.server} account to ${whom.person}`,
    lines: [
      `Skein will use your account at ${whom.server} (${whom.host}) for the questions of ${inWorkspace(whom)}.`,
      `Only go on if you are ${inWorkspace(whom)} and asked for this link yourself. Whoever sent you the link otherwise could use your account.`,
    ],
    button: `I am ${whom.person}: go on to ${whom.host}`,
  };
}

export function goingOn(whom: LinkWhom): { title: string; lines: string[]; button: string } {
  return { title: `On to ${whom.host}`, lines: ['Your browser goes on by itself.'], button: 'Go on' };
}

export function linked(whom: LinkWhom): { title: string; lines: string[] } {
  return {
    title: `Your ${whom.server} account is linked`,
    lines: [
      `Skein may use it for the questions of ${inWorkspace(whom)}. You can unlink it in Slack at any time.`,
      'You can close this page. An answer that waited for it goes on by itself.',
    ],
  };
}

/** Told to a person whose account ended without their doing. */
export function accountEnded(server: string): string {
  return `Your account at ${server} was unlinked: the server does not take it any more. Link it again when you need it.`;
}
