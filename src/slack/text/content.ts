/** What a message is made of, as Slack sends it. Lists hold untrusted JSON. */
export interface SlackContent {
  /** Raw mrkdwn with Slack's escapes. */
  readonly text: string;
  readonly blocks?: readonly unknown[];
  readonly attachments?: readonly unknown[];
  readonly files?: readonly { readonly name: string | null; readonly mimetype: string | null }[];
}

/** Names for ids, looked up beforehand; `null` for what is not known. Values are written by people: hostile. */
export interface Names {
  user(id: string): string | null;
  channel(id: string): string | null;
  usergroup(id: string): string | null;
}

/** Everything a converter needs besides the content. */
export interface Reading {
  readonly names: Names;
  readonly botUserId: string;
}

/**
 * Private-use characters that stand for something while text is converted. They are taken out of all
 * input, so that nobody can forge one.
 */
export const OWN_MENTION = '\uE000';
export const PLACEHOLDER = '\uE001';

/** Text of an untrusted value, free of NUL and of our own marks; '' for anything that is not text. */
export function plain(value: unknown): string {
  return typeof value === 'string' ? value.replace(/[\0\uE000\uE001]/g, '') : '';
}
