import type { Clock } from '../clock.ts';
import { priceOf } from '../ledger/prices.ts';
import type { ModelChoice, Models } from '../views/ports.ts';
import type { AnthropicModel, ListedModel } from './anthropic.ts';
import { factsOf, MODELS } from './catalogue.ts';

/** Models appear and retire by the week. */
const KEEP_MS = 5 * 60_000;
/** Someone waits in front of a list, and Slack for three seconds only. */
const LIMIT_MS = 1500;

/** The port `Models`: live from the API, kept for five minutes; what we know ourselves when it does not answer. */
export function createModels(model: Pick<AnthropicModel, 'listModels'>, clock: Clock): Models {
  let known: { readonly choices: readonly ModelChoice[]; readonly until: number } | null = null;
  let asking: Promise<void> | null = null;

  const ask = async () => {
    const listed = await model.listModels();
    if (!listed.ok || listed.models.length === 0) return;
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    const choices = listed.models
      .filter(({ lifecycle }) => lifecycle !== 'retired')
      .map((one) => choiceOf(one, day));
    known = { choices, until: clock.monotonic() + KEEP_MS };
  };

  return async () => {
    if (known !== null && known.until > clock.monotonic()) return known.choices;
    asking ??= ask().finally(() => {
      asking = null;
    });
    const over = new AbortController();
    await Promise.race([asking, clock.sleep(LIMIT_MS, over.signal)]).finally(() => over.abort());
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    return known?.choices ?? MODELS.map((facts) => choiceOf(listedAs(facts), day));
  };
}

function listedAs(facts: (typeof MODELS)[number]): ListedModel {
  const { id, name, lifecycle, outputCap, contextTokens, retires } = facts;
  return { id, name, lifecycle, outputCap, contextTokens, retiresAt: retires };
}

function choiceOf({ id, name, outputCap, retiresAt }: ListedModel, day: string): ModelChoice {
  const price = priceOf(id, day, 0);
  return {
    id,
    name,
    outputCap,
    efforts: factsOf(id)?.efforts ?? [],
    retires: retiresAt === null ? null : retiresAt.slice(0, 10),
    // The table has thousandths of a dollar for a million tokens.
    price: price === null ? null : { input: price.input / 1000, output: price.output / 1000 },
  };
}
