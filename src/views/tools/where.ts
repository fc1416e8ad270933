import { type EditingPorts, edit, widerThan } from '../../people/editing.ts';
import type { Person } from '../../people/person.ts';
import { KEYS } from '../../settings/keys.ts';
import { readOfKey, type Target } from '../../settings/store.ts';
import { commandFailure } from '../../words/command-problems.ts';

/**
 * Switches a server on or off in a channel, or in the whole workspace (`channel` null): the setting `tools` of that scope.
 * A channel that has none begins with what the workspace uses. The person's rights are asked before; null, or what is in the
 * way, in words.
 */
export async function switchServer(
  ports: EditingPorts,
  person: Person,
  channel: string | null,
  { name, on }: { readonly name: string; readonly on: boolean },
): Promise<string | null> {
  const { team } = person;
  const target: Target =
    channel === null
      ? { team, scope: 'workspace', scopeId: team }
      : { team, scope: 'channel', scopeId: channel };
  const wider = (await widerThan(ports, target)).tools.value;
  return change(ports, person, target, (own) => {
    const before = own ?? wider;
    const after = on ? [...new Set([...before, name])].sort() : before.filter((one) => one !== name);
    return after;
  });
}

/** Takes the name of a server that is not there any more out of every setting of the workspace. */
export async function takeOut(ports: EditingPorts, person: Person, name: string): Promise<void> {
  const set = await readOfKey(ports.database.query, 'tools');
  for (const { team, scope, scopeId } of set.filter((one) => one.team === person.team))
    await change(ports, person, { team, scope, scopeId }, (own) =>
      own === null ? null : own.filter((one) => one !== name),
    );
}

async function change(
  ports: EditingPorts,
  person: Person,
  target: Target,
  next: (own: readonly string[] | null) => readonly string[] | null,
): Promise<string | null> {
  const { parse, format } = KEYS.tools;
  const edited = await edit(ports, person, target, ({ settings }) => {
    const stored = settings.find(({ key }) => key === 'tools')?.value;
    const parsed = stored === undefined ? null : parse(stored);
    const own = parsed === null || 'problem' in parsed ? null : parsed.value;
    const after = next(own);
    return after === null || format(after) === stored
      ? { changes: [] }
      : { changes: [{ key: 'tools', value: format(after) }] };
  });
  if (edited.kind === 'done') return null;
  const [problem] = edited.kind === 'problems' ? edited.problems.values() : [];
  return problem !== undefined && 'sentence' in problem ? problem.sentence : commandFailure.changedMeanwhile;
}
