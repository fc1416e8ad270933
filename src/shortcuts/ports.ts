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
  /** Shows a question for everybody there, in safe mrkdwn; its ts, or null if it can't be shown. */
  post(team: string, channel: string, threadTs: string | null, text: string): Promise<string | null>;
}
