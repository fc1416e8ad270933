/** What Slack says of a person in one workspace. */
export interface Person {
  readonly team: string;
  readonly id: string;
  /** Display name, cleaned; null if Slack has none. */
  readonly name: string | null;
  /** `stranger`: of another company (Slack Connect). `unknown`: Slack does not tell us about this person. */
  readonly kind: 'member' | 'guest' | 'stranger' | 'unknown';
  /** Admin or owner of the workspace, or named by the operator. */
  readonly admin: boolean;
  readonly deactivated: boolean;
}

/** What is asked about people. Slack provides it; answers are kept for a while. Never throws. */
export interface People {
  /**
   * A person as of at most `maxAgeMs` ago (0: asked now). 'unreachable': Slack could not be asked, so nothing
   * is known that is young enough.
   */
  of(team: string, user: string, maxAgeMs: number): Promise<Person | 'unreachable'>;
  /** Whether the person is in the channel now; false also when Slack will not say. */
  inChannel(team: string, channel: string, user: string): Promise<boolean>;
}

/** Age up to which a person's kind may be used to let them ask: becoming a guest takes so long to count. */
export const ASKING_AGE_MS = 10 * 60_000;
