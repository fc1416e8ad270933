/**
 * Thrown by the handler of a job that can only wait (for Slack, money, a person): slot and lease are given back, and the
 * job is due again after `delayMs` milliseconds. That is no failed try, so whoever throws it has an end of its own.
 */
export class Later extends Error {
  readonly delayMs: number;

  constructor(delayMs: number, why: string) {
    super(why);
    this.name = 'Later';
    this.delayMs = delayMs;
  }
}
