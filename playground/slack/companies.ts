/** Whose people and channels these are: the app's own workspace, or companies that channels are shared with. */
import type { Channel, Person } from './records.ts';
import type { Company, Seed } from './seed.ts';
import type { Workspace } from './workspace.ts';

/** The workspace of strangers of whom nothing else is known. */
const ELSEWHERE = 'T0ELSEWHERE';

/** The id of the workspace that a person belongs to. */
export function teamOfPerson(person: Person, seed: Seed): string {
  return person.team ?? (person.isStranger ? ELSEWHERE : seed.team.id);
}

/** The same for an author or presser by id; what is written by nobody known is the app's own workspace's. */
export function teamOf(workspace: Workspace, user: string | null): string {
  const person = workspace.people.get(user ?? '');
  return person ? teamOfPerson(person, workspace.seed) : workspace.seed.team.id;
}

export function isForeign(workspace: Workspace, user: string | null): boolean {
  return teamOf(workspace, user) !== workspace.seed.team.id;
}

/** What a workspace is called; the id itself for one that the seed does not know. */
export function companyOf(seed: Seed, team: string): Company {
  const known = [seed.team, ...seed.companies].find(({ id }) => id === team);
  return known ?? { id: team, name: team, domain: team.toLowerCase() };
}

/** The workspace that hosts a conversation. */
export function hostOf(channel: Channel | undefined, seed: Seed): string {
  return channel?.shared?.host ?? seed.team.id;
}

/** What people of other companies are told instead of being let do what needs the app in their workspace. */
export function demandApp(workspace: Workspace, user: string, what: string): void {
  if (isForeign(workspace, user))
    throw new Error(`${what} is not there for ${user}: their workspace does not have the app`);
}
