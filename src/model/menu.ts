import type { Clock } from '../clock.ts';
import { priceOf } from '../ledger/prices.ts';
import type { ModelChoice, Models } from '../views/ports.ts';
import { MODELS } from './catalogue.ts';

/** Someone waits in front of a list, and Slack for three seconds only. */
const LIMIT_MS = 1500;

type Listed = Pick<ModelChoice, 'id' | 'name' | 'outputCap' | 'efforts' | 'retires'>;

/**
 * The port `Models`: the live list with its prices; where that does not come in time, the models that we know
 * ourselves.
 */
export function createModels(list: () => Promise<readonly Listed[] | null>, clock: Clock): Models {
  return async () => {
    const over = new AbortController();
    const late = clock.sleep(LIMIT_MS, over.signal).then(() => null);
    const listed = await Promise.race([list(), late]).finally(() => over.abort());
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    return (listed === null || listed.length === 0 ? MODELS : listed).map((one) => priced(one, day));
  };
}

function priced({ id, name, outputCap, efforts, retires }: Listed, day: string): ModelChoice {
  const price = priceOf(id, day, 0);
  return {
    id,
    name,
    outputCap,
    efforts,
    retires,
    // The table has thousandths of a dollar for a million tokens.
    price: price === null ? null : { input: price.input / 1000, output: price.output / 1000 },
  };
}
