/**
 * Tells somebody a line in private: beside the place if there is one and that can be, else in the direct message with
 * them. Never rejects; false: nobody could be told now.
 */
export type Tell = (
  at: { readonly team: string; readonly channel: string | null; readonly threadTs: string | null },
  user: string,
  line: string,
) => Promise<boolean>;

/** What asking by a shortcut needs of Slack. Nothing here throws. */
export interface Asking {
  /** The message; 'gone': there is none; 'unreadable': we are not in that channel, or Slack can't be asked. */
  message(
    team: string,
    channel: string,
    ts: string,
  ): Promise<{ readonly threadTs: string; readonly text: string } | 'gone' | 'unreadable'>;
  /** What was said in a thread, as readable Markdown with the speakers' names; '' if it can't be read. */
  thread(team: string, channel: string, threadTs: string): Promise<string>;
  /** The direct message with somebody; null if Slack gives none. */
  direct(team: string, user: string): Promise<string | null>;
  /** The address of a message; null if Slack does not tell. */
  link(team: string, channel: string, ts: string): Promise<string | null>;
}
