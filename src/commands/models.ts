import { writeUsd } from '../amounts.ts';
import { priceOf } from '../ledger/prices.ts';
import { code, count, table } from './markdown.ts';
import { Declined, settingsHere } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';

const NANO_A_MILLION = 1_000_000n;

/** The models that the API lists, with prices for a million tokens and marks of what will go. */
export async function models(ports: CommandPorts, asked: Asked): Promise<Answer> {
  const [list, settings] = await Promise.all([ports.models(), settingsHere(ports, asked)]);
  if (list === null)
    throw new Declined('I could not ask Claude for its models. Please try again in a moment.');
  const day = new Date(ports.clock.now()).toISOString().slice(0, 10);
  const rows = list.map(({ id, outputCap, retires, deprecated }) => {
    const price = priceOf(id, day, 0);
    const notes = [
      ...(id === settings.model.value ? ['in use here'] : []),
      ...(retires !== null ? [`retires ${retires}`] : deprecated ? ['will be retired'] : []),
    ];
    return [
      code(id),
      price === null ? 'not known' : `${dollars(price.input)} / ${dollars(price.output)}`,
      outputCap === null ? '' : count(outputCap),
      notes.join(', '),
    ];
  });
  return {
    markdown: [
      '**Models** (prices in USD for a million tokens, in / out)',
      '',
      table(['Model', 'Price', 'Longest answer', 'Note'], rows),
      '',
      'Choose one with `/skein set model ID`.',
    ].join('\n'),
  };
}

/** Nano-dollars a token are thousandths of a dollar for a million tokens. */
function dollars(nanoPerToken: number): string {
  return writeUsd(BigInt(Math.round(nanoPerToken)) * NANO_A_MILLION);
}
