import { writeUsd } from '../amounts.ts';
import { Declined } from '../people/editing.ts';
import { commandFailure } from '../words/command-problems.ts';
import { count } from '../words/numbers.ts';
import { modelsAnswer } from '../words/reports.ts';
import { code, table } from './markdown.ts';
import { demand, personNow, settingsHere } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';

/** The models that the API lists, with prices for a million tokens and marks of what will go. */
export async function models(ports: CommandPorts, asked: Asked): Promise<Answer> {
  demand(await personNow(ports, asked), { kind: 'change_own' });
  const [list, settings] = await Promise.all([ports.models(), settingsHere(ports, asked)]);
  if (!list.live) throw new Declined(commandFailure.modelsUnreachable);
  const rows = list.models.map(({ id, outputCap, retires, deprecated, price }) => {
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

function dollars(price: number): string {
  return writeUsd(BigInt(Math.round(price * 1e9)));
}
