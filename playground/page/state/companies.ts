/** Which company people are of, and what the page shows of channels that companies share. Pure. */
import type { PageChannel, PageFeatures, PageUser } from '../../protocol.ts';
import type { World } from './world.ts';

/** The name of the company whose workspace a person belongs to. */
export function companyName(world: World, user: PageUser): string {
  return user.company ?? world.team.name;
}

/** The companies that a channel is shared with, as this person sees it: without their own. */
export function partners(world: World, channel: PageChannel, viewer: PageUser): readonly string[] {
  const own = companyName(world, viewer);
  return (channel.shared?.companies ?? []).filter((company) => company !== own);
}

/** The line under the name of a shared channel; empty for others. */
export function sharingLine(world: World, channel: PageChannel, viewer: PageUser): string {
  if (channel.shared === null) return '';
  return `Shared with ${partners(world, channel, viewer).join(', ')} · hosted by ${channel.shared.host}`;
}

/** Whom a person can mention here: colleagues, and those of other companies who are in the channel. */
export function mentionable(world: World, channel: PageChannel, viewer: PageUser): readonly PageUser[] {
  return [...world.users.values()].filter(
    (user) => user.id !== viewer.id && (user.company === viewer.company || channel.members.includes(user.id)),
  );
}

const NO_APP: PageFeatures = { commands: [], shortcuts: [], home: false };

/** Commands, shortcuts and the Home tab belong to the workspace that has the app: others don't have them. */
export function featuresFor(world: World, viewer: PageUser): PageFeatures {
  return viewer.company === null ? world.features : NO_APP;
}
