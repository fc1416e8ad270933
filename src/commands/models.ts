import { writeUsd } from '../amounts.ts';
import { priceOf } from '../ledger/prices.ts';
import { commandFailure } from '../words/command-problems.ts';
import { count } from '../words/numbers.ts';
import { modelsAnswer } from '../words/reports.ts';
import { code, table } from './markdown.ts';
import { Declined, settingsHere } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';

const NANO_A_MILLION = 1_000_000n;

/** The models that the API lists, with prices for a million tokens and marks of what will go. */
export async function models(ports: CommandPorts, asked: Asked): Promise<Answer> {
  const [list, settings] = await Promise.all([ports.models(), settingsHere(ports, asked)]);
  if (list === null) throw new Declined(commandFailure.modelsUnreachable);
  const day = new Date(ports.clock.now()).toISOString().slice(0, 10);
  const rows = list.map(({ id, outputCap, retires, deprecated }) => {
    const price = priceOf(id, day, 0);
    const notes = [
      ...(id === settings.model.value ? [modelsAnswer.inUse] : []),
      ...(retires !== null ? [modelsAnswer.retires(retires)] : deprecated ? [modelsAnswer.willRetire] : []),
    ];
    return [
      code(id),
      price === null ? modelsAnswer.noPrice : `${dollars(price.input)} / ${dollars(price.output)}`,
      outputCap === null ? '' : count(outputCap),
      notes.join(', '),
    ];
  });
  return {
    markdown: [modelsAnswer.title, '', table(modelsAnswer.head, rows), '', modelsAnswer.choose].join('\n'),
  };
}

/** Nano-dollars a token are thousandths of a dollar for a million tokens. */
function dollars(nanoPerToken: number): string {
  return writeUsd(BigInt(Math.round(nanoPerToken)) * NANO_A_MILLION);
}
