import type { Clock } from '../clock.ts';
import type { ModelChoice } from '../commands/ports.ts';
import type { AnthropicModel } from './anthropic.ts';
import { factsOf } from './catalogue.ts';

/** A new model is there at most so late, in milliseconds. */
const KEEP_MS = 5 * 60_000;

/**
 * The models that can be chosen, newest first, asked for at most every five minutes. While the API can't be asked
 * the last list stands; null: there is none yet. What the API does not tell (effort levels) is from the catalogue.
 */
export function createModelChoices(
  model: AnthropicModel,
  clock: Clock,
): () => Promise<readonly ModelChoice[] | null> {
  let known: { readonly choices: readonly ModelChoice[]; readonly until: number } | null = null;
  return async () => {
    if (known !== null && clock.monotonic() < known.until) return known.choices;
    const asked = await model.listModels();
    if (!asked.ok) return known?.choices ?? null;
    const choices = asked.models
      .filter(({ lifecycle }) => lifecycle !== 'retired')
      .map(({ id, name, lifecycle, outputCap, contextTokens, retiresAt }) => ({
        id,
        name,
        outputCap,
        contextTokens,
        efforts: factsOf(id)?.efforts ?? [],
        deprecated: lifecycle === 'deprecated',
        retires: retiresAt?.slice(0, 10) ?? null,
      }));
    known = { choices, until: clock.monotonic() + KEEP_MS };
    return choices;
  };
}
