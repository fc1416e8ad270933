/** Who speaks and what is shown when the address does not say, or says something that is not there. Pure. */
import type { PageChannel, PageUser } from '../../protocol.ts';
import { channelsFor, people } from './threads.ts';
import type { World } from './world.ts';

/** The wanted person, else the first of the workspace; `null` if it has nobody. */
export function choosePerson(world: World, wanted: string | null): PageUser | null {
  const all = people(world);
  return all.find((user) => user.id === wanted) ?? all[0] ?? null;
}

/** The wanted channel if this person may see it, else `#general`, else one they are in, else any. */
export function chooseChannel(world: World, person: string, wanted: string | null): PageChannel | null {
  const all = channelsFor(world, person);
  return (
    all.find((channel) => channel.id === wanted) ??
    all.find((channel) => channel.name === 'general' && channel.members.includes(person)) ??
    all.find((channel) => channel.members.includes(person)) ??
    all[0] ??
    null
  );
}
