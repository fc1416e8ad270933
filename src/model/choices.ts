import { type Clock, LATE, within } from '../clock.ts';
import { dayOf } from '../ledger/periods.ts';
import { priceOf } from '../ledger/prices.ts';
import type { ModelChoice, ModelList, Models } from '../settings/models.ts';
import type { AnthropicModel } from './anthropic.ts';
import { MODELS } from './catalogue.ts';

/** A new model is there at most so late, in milliseconds. */
const KEEP_MS = 5 * 60_000;
/** A person waits in front of a list, and Slack for three seconds only. */
const LIMIT_MS = 1500;

/**
 * The port `Models`: what the API lists, asked for at most every five minutes, with prices. While it can't be asked
 * the last list stands; where there is none yet, the models that we know ourselves.
 */
export function createModels(model: Pick<AnthropicModel, 'listModels'>, clock: Clock): Models {
  let known: { readonly list: ModelList; readonly until: number } | null = null;
  let asking: Promise<ModelList | null> | null = null;

  const ask = async (): Promise<ModelList | null> => {
    const asked = await model.listModels();
    if (!asked.ok) return null;
    const listed = asked.models.filter(({ lifecycle }) => lifecycle !== 'retired');
    if (listed.length === 0) return null;
    const models = listed.map(({ id, name, lifecycle, outputCap, contextTokens, efforts, retiresAt }) =>
      priced({
        id,
        name,
        outputCap,
        contextTokens,
        efforts,
        deprecated: lifecycle === 'deprecated',
        retires: retiresAt?.slice(0, 10) ?? null,
      }),
    );
    known = { list: { models, live: true }, until: clock.monotonic() + KEEP_MS };
    return known.list;
  };

  const priced = (choice: Omit<ModelChoice, 'price'>): ModelChoice => {
    const price = priceOf(choice.id, dayOf(clock.now()), 0);
    // The table has nano-dollars a token, which are thousandths of a dollar for a million tokens.
    return {
      ...choice,
      price: price === null ? null : { input: price.input / 1000, output: price.output / 1000 },
    };
  };

  return async () => {
    if (known !== null && clock.monotonic() < known.until) return known.list;
    asking ??= ask()
      .catch(() => null)
      .finally(() => {
        asking = null;
      });
    const list = await within(clock, LIMIT_MS, asking);
    if (list !== LATE && list !== null) return list;
    return known?.list ?? { models: MODELS.map(ofCatalogue).map(priced), live: false };
  };
}

function ofCatalogue({
  id,
  name,
  outputCap,
  contextTokens,
  efforts,
  lifecycle,
  retires,
}: (typeof MODELS)[number]) {
  return { id, name, outputCap, contextTokens, efforts, deprecated: lifecycle === 'deprecated', retires };
}
