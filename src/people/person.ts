/** What Slack says of a person in one workspace. */
export interface Person {
  readonly team: string;
  readonly id: string;
  /** Display name, cleaned; null if Slack has none. */
  readonly name: string | null;
  /** `stranger`: of another company (Slack Connect). `bot`: another app. `unknown`: Slack does not tell. */
  readonly kind: 'member' | 'guest' | 'stranger' | 'bot' | 'unknown';
  /** Admin or owner of the workspace, or named by the operator. */
  readonly admin: boolean;
  readonly deactivated: boolean;
}

/** Whether somebody is in a channel. `unknown`: Slack did not say, which is never a no. */
export type Presence = 'yes' | 'no' | 'unknown';

/** What is asked about people. Slack provides it; answers are kept for a while. Never throws. */
export interface People {
  /**
   * A person as of at most `maxAgeMs` ago (0: asked now). 'unreachable': Slack could not be asked, so nothing
   * is known that is young enough.
   */
  of(team: string, user: string, maxAgeMs: number): Promise<Person | 'unreachable'>;
  /** Whether the person is in the channel now; a direct message with us counts for its person alone. */
  inChannel(team: string, channel: string, user: string): Promise<Presence>;
  /** Whether we are in the channel now, so that we can read and write there. */
  weAreIn(team: string, channel: string): Promise<Presence>;
}

/** Age up to which a person's kind may be used to let them ask: becoming a guest takes so long to count. */
export const ASKING_AGE_MS = 10 * 60_000;
