/**
 * What is counted of the work, as it happens. Nothing here is of one person, channel or workspace: names of methods,
 * models, codes and outcomes only, of which there are few.
 */
export interface Meter {
  /** A question came to its end. `seconds` since Slack stamped it. */
  question(outcome: QuestionOutcome, code: string | null, seconds: number): void;
  /** Something of a reply was seen for the first time, seconds after its question: its first message, or its first words. */
  first(what: 'sign' | 'words', seconds: number): void;
  /** Text was shown whose oldest letter had waited for so long. */
  unseen(seconds: number): void;
  /** A call of Slack's Web API; `outcome`: ok, rate_limited, a kind of `slack/error-words.ts`, or unreachable. */
  slackCall(method: string, outcome: string): void;
  /** A turn to post, edit or append was waited for. */
  turn(kind: string, seconds: number): void;
  /** A call to the model ended: by its stop reason, or by the code of its failure. */
  modelCall(model: string, end: string, seconds: number): void;
  /** What a call used; `nano`: nano-dollars, null where no price is known. */
  spent(model: string, tokens: Readonly<Record<TokenKind, number>>, nano: bigint | null): void;
  /** Leases of a dead process were taken over. */
  leases(taken: number): void;
  /** A line with a code of the catalogue was logged. */
  coded(level: string, code: string): void;
}

export type QuestionOutcome = 'answered' | 'stopped' | 'failed' | 'refused' | 'gone';
export type TokenKind = 'input' | 'cache_write' | 'cache_read' | 'output' | 'thinking';

/** Counts nothing. */
export const NO_METER: Meter = {
  question() {},
  first() {},
  unseen() {},
  slackCall() {},
  turn() {},
  modelCall() {},
  spent() {},
  leases() {},
  coded() {},
};
