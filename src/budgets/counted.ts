import type { Clock } from '../clock.ts';
import { costOf } from '../ledger/cost.ts';
import { dayOf } from '../ledger/periods.ts';
import { priceOf } from '../ledger/prices.ts';
import type { Entry } from '../ledger/store.ts';
import type { Meter } from '../operations/meter.ts';
import type { Purse } from './purse.ts';

/** The same purse, whose entries are counted when they are over. */
export function counted(purse: Purse, meter: Meter, clock: Pick<Clock, 'now'>): Purse {
  const count = ({ model, usage, open }: Entry) => {
    if (open === true) return;
    const cacheWrite = usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
    const prompt = usage.inputTokens + cacheWrite + usage.cacheReadTokens;
    const price = priceOf(model, dayOf(clock.now()), prompt);
    const tokens = {
      input: usage.inputTokens,
      cache_write: cacheWrite,
      cache_read: usage.cacheReadTokens,
      output: usage.outputTokens,
      thinking: usage.thinkingTokens,
    };
    meter.spent(model, tokens, price === null ? null : costOf(usage, price));
  };
  return {
    ...purse,
    async enter(entry, left) {
      await purse.enter(entry, left);
      count(entry);
    },
  };
}
