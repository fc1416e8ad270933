import { doctorWords as words } from '../words/doctor.ts';
import { escapeMarkdown } from './markdown.ts';
import { demand, personNow } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';

/** What `doctor` finds for this workspace, in the running process; for admins. */
export async function doctor(ports: CommandPorts, asked: Asked): Promise<Answer> {
  demand(await personNow(ports, asked), { kind: 'manage_workspace' });
  const found = await ports.examine(asked.team, asked.user);
  const lines = found.map(
    ({ name, state, found: what, todo }) =>
      `${words.answer.marks[state]} **${name}**: ${escapeLong(what)}${todo === null ? '' : `\n    → ${escapeLong(todo)}`}`,
  );
  return { markdown: `${words.answer.title}\n\n${lines.join('\n')}` };
}

/** Words of servers and variables stand in these sentences. */
function escapeLong(text: string): string {
  return text
    .split(' ')
    .map((word) => (/[\\`*_{}[\]<>|~&]/.test(word) ? escapeMarkdown(word) : word))
    .join(' ');
}
