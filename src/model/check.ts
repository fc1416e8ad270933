import type { Clock } from '../clock.ts';
import type { AnthropicModel } from './anthropic.ts';

/** Readiness asks the model's provider at most once a minute: the answer is cached, a failure for 5 s. */
export function createModelCheck(model: AnthropicModel, clock: Clock): () => Promise<string | null> {
  let known: { problem: string | null; until: number } | null = null;
  return async () => {
    const now = clock.monotonic();
    if (known !== null && known.until > now) return known.problem;
    const answer = await model.checkModel();
    const problem = answer.ok ? null : answer.failure.code;
    known = { problem, until: clock.monotonic() + (problem === null ? 60_000 : 5000) };
    return problem;
  };
}
