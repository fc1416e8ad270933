import { fieldsOf, textOf } from '../parse/fields.ts';

/** What a message is made of, as Slack sends it. Lists hold untrusted JSON. */
export interface SlackContent {
  /** Raw mrkdwn with Slack's escapes. */
  readonly text: string;
  readonly blocks?: readonly unknown[];
  readonly attachments?: readonly unknown[];
  readonly files?: readonly SlackFile[];
}

export interface SlackFile {
  readonly name: string | null;
  readonly mimetype: string | null;
  readonly transcript?: Transcript | null;
}

/** What is said in a voice or video clip, as Slack wrote it down. */
interface Transcript {
  readonly words: string;
  /** Slack sent only its beginning. */
  readonly cut: boolean;
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

/** A file of a message from untrusted JSON: as Slack sends it, or the part of that which we stored. */
export function fileOf(value: unknown): SlackFile {
  const file = fieldsOf(value);
  return {
    name: textOf(file?.['name']),
    mimetype: textOf(file?.['mimetype']),
    transcript: transcriptOf(value),
  };
}

/**
 * Slack's transcript of a voice or video clip, where a file has one; null if it has none (yet). Source: `Transcription`
 * in `@slack/web-api/dist/types/response/ConversationsRepliesResponse.d.ts`.
 */
function transcriptOf(value: unknown): Transcript | null {
  const preview = fieldsOf(fieldsOf(fieldsOf(value)?.['transcription'])?.['preview']);
  const words = (textOf(preview?.['content']) ?? '').trim();
  return words === '' ? null : { words, cut: preview?.['has_more'] === true };
}
