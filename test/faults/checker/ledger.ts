import { repliesTo } from './answered.ts';
import type { Evidence, QuestionCall, Violation } from './evidence.ts';
import type { ReplyRow } from './rows.ts';

/** Every call that the provider bills has an entry; what is entered as exact is what the provider counted. */
export function entered(evidence: Evidence): Violation[] {
  const found: Violation[] = [];
  const byRequest = new Map(evidence.calls.map((one) => [one.call.requestId, one]));
  for (const question of evidence.questions) {
    const say = (what: string) =>
      found.push({ promise: 'every call in the ledger', question: question.number, what });
    const [reply] = repliesTo(evidence, question);
    if (reply === undefined) continue;
    for (const problem of wrongEntries(reply, byRequest)) say(problem);
    const billed = evidence.calls.filter(
      ({ asked, call }) => asked.question === question.number && call.billed.output_tokens > 0,
    );
    const named = new Set(reply.usage.map(({ requestId }) => requestId));
    // Where its first bytes were never heard, a call has no name: its process died, or stopped waiting.
    const nameless = reply.usage.filter(({ requestId }) => requestId === null).length;
    const missing = billed.filter(({ call }) => !named.has(call.requestId));
    if (missing.length > nameless)
      say(
        `${billed.length} calls were billed; ${missing.map(({ call }) => `${call.id} (${call.outcome})`).join(', ')} are not entered, and there are ${nameless} entries without a name`,
      );
  }
  return found;
}

function wrongEntries({ usage }: ReplyRow, byRequest: ReadonlyMap<string, QuestionCall>): string[] {
  return usage.flatMap(({ requestId, estimated, inputTokens, outputTokens, call: number }) => {
    if (requestId === null) return [];
    const call = byRequest.get(requestId)?.call;
    if (call === undefined) return [`entry ${number} names a request that was never made`];
    if (estimated) return [];
    const { billed } = call;
    const input = billed.input_tokens + billed.cache_creation_input_tokens + billed.cache_read_input_tokens;
    if (billed.output_tokens === outputTokens && input === inputTokens) return [];
    return [
      `entry ${number} says ${inputTokens} in, ${outputTokens} out; the provider counted ${input}, ${billed.output_tokens}`,
    ];
  });
}
