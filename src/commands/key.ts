import { Declined } from '../people/editing.ts';
import { modelKeyAnswer as words } from '../words/model-key.ts';
import { demand, personNow } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';

/** Opens the form for the workspace's own key of the Claude API; for admins. */
export async function key(ports: CommandPorts, asked: Asked): Promise<Answer> {
  demand(await personNow(ports, asked), { kind: 'manage_workspace' });
  if (ports.openKey === undefined) throw new Declined(words.notHere);
  if (asked.triggerId === null || !(await ports.openKey(asked.team, asked.triggerId)))
    throw new Declined(words.noForm);
  return { markdown: '', silent: true };
}
