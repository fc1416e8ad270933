/** The workspace that the playground opens with. Ids are fixed, so that links and tests can name them. */
import type { Channel, ChannelKind, Person } from './records.ts';

/** A workspace as others see it. */
export interface Company {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  /** The organisation (Enterprise Grid) that it belongs to. */
  readonly enterprise?: { readonly id: string; readonly name: string };
}

export interface Seed {
  /** Goes into every id that this workspace makes, so that ids of several workspaces never meet. */
  readonly idMark: string;
  readonly team: Company;
  /** Whether it is the organisation that installed the app, for all of its workspaces. */
  readonly orgInstall: boolean;
  /** Companies that channels are shared with. */
  readonly companies: readonly Company[];
  readonly app: { readonly id: string; readonly botId: string; readonly user: string };
  readonly people: readonly Person[];
  readonly channels: readonly Channel[];
}

type PersonTraits = Partial<Omit<Person, 'id' | 'handle' | 'displayName'>>;

/** A member of the workspace without special rights, unless `traits` say so. */
export function person(id: string, handle: string, displayName: string, traits: PersonTraits = {}): Person {
  return {
    id,
    handle,
    displayName,
    isBot: false,
    isAdmin: false,
    isGuest: false,
    team: null,
    isStranger: false,
    isDeactivated: false,
    timeZone: 'Europe/Lisbon',
    ...traits,
  };
}

export function channel(
  id: string,
  name: string,
  kind: ChannelKind,
  members: readonly string[],
  traits: Partial<Pick<Channel, 'topic' | 'archived' | 'shared'>> = {},
): Channel {
  return { id, name, kind, members, topic: '', archived: false, shared: null, ...traits };
}

const ana = 'U0ANA';
const ben = 'U0BEN';
const chidi = 'U0CHIDI';
const dana = 'U0DANA';
const skein = 'U0SKEIN';

export const northwind: Seed = {
  idMark: '',
  team: { id: 'T0NORTHWIND', name: 'Northwind', domain: 'northwind' },
  orgInstall: false,
  companies: [],
  app: { id: 'A0SKEIN', botId: 'B0SKEIN', user: skein },
  people: [
    person(ana, 'ana', 'Ana Ruiz', { isAdmin: true }),
    person(ben, 'ben', 'Ben Okafor', { timeZone: 'Africa/Lagos' }),
    person(chidi, 'chidi', 'Chidi Park', { timeZone: 'Asia/Seoul' }),
    person(dana, 'dana', 'Dana Lee', { isGuest: true }),
    person(skein, 'skein', 'Skein', { isBot: true }),
  ],
  channels: [
    channel('C0GENERAL', 'general', 'public', [ana, ben, chidi, dana, skein], {
      topic: 'Everyone, everything',
    }),
    channel('C0ENGINEERING', 'engineering', 'public', [ana, ben, chidi, skein], { topic: 'How we build' }),
    channel('C0DESIGN', 'design', 'public', [ana, chidi, dana, skein], { topic: 'How it looks and reads' }),
    channel('C0LAUNCH', 'launch', 'private', [ana, ben, skein], { topic: 'Not announced yet' }),
    channel('D0ANA', '', 'im', [ana, skein]),
    channel('D0BEN', '', 'im', [ben, skein]),
    channel('D0CHIDI', '', 'im', [chidi, skein]),
    channel('D0DANA', '', 'im', [dana, skein]),
  ],
};

const harbor: Company = { id: 'T0HARBOR', name: 'Harbor', domain: 'harbor' };
const fay = 'U0FAY';
const gil = 'U0GIL';
const teams = [northwind.team.id, harbor.id];

/** Northwind with a second company, which does not have the app: a channel that we host, and one that they do. */
export const northwindWithHarbor: Seed = {
  ...northwind,
  companies: [harbor],
  people: [
    ...northwind.people,
    person(fay, 'fay', 'Fay Osei', { team: harbor.id, timeZone: 'Africa/Accra' }),
    person(gil, 'gil', 'Gil Moreau', { team: harbor.id, timeZone: 'Europe/Paris' }),
  ],
  channels: [
    ...northwind.channels,
    channel('C0JOINT', 'joint-launch', 'public', [ana, ben, fay, gil, skein], {
      topic: 'Northwind and Harbor, together',
      shared: { host: northwind.team.id, teams },
    }),
    channel('C0PILOT', 'harbor-pilot', 'private', [ana, chidi, fay, skein], {
      topic: 'The pilot at Harbor',
      shared: { host: harbor.id, teams },
    }),
  ],
};

/** A second company with workspace, people and channels of its own, in which nobody has installed the app yet. */
export const tidewater: Seed = {
  idMark: 'TW',
  team: { id: 'T0TIDEWATER', name: 'Tidewater', domain: 'tidewater' },
  orgInstall: false,
  companies: [],
  app: { id: northwind.app.id, botId: 'B0SKEINTW', user: 'U0SKEINTW' },
  people: [
    person('U0INES', 'ines', 'Ines Falk', { isAdmin: true, timeZone: 'Europe/Berlin' }),
    person('U0JOON', 'joon', 'Joon Baek', { timeZone: 'Asia/Seoul' }),
    person('U0SKEINTW', 'skein', 'Skein', { isBot: true }),
  ],
  channels: [
    channel('C0HARBOUR', 'harbour', 'public', ['U0INES', 'U0JOON', 'U0SKEINTW'], {
      topic: 'All of Tidewater',
    }),
    channel('C0TIDES', 'tides', 'private', ['U0INES', 'U0SKEINTW'], { topic: 'Plans' }),
    channel('D0INES', '', 'im', ['U0INES', 'U0SKEINTW']),
    channel('D0JOON', '', 'im', ['U0JOON', 'U0SKEINTW']),
  ],
};

/** Northwind once more for a further workspace: every id but the app's ends in `mark` (capitals and digits). */
export function northwindAgain(mark: string): Seed {
  const own = (id: string) => `${id}${mark}`;
  return {
    idMark: mark,
    orgInstall: false,
    companies: [],
    team: { id: own('T0NORTHWIND'), name: `Northwind ${mark}`, domain: `northwind-${mark.toLowerCase()}` },
    app: { id: northwind.app.id, botId: own(northwind.app.botId), user: own(skein) },
    people: northwind.people.map((one) => ({ ...one, id: own(one.id) })),
    channels: northwind.channels.map((one) => ({ ...one, id: own(one.id), members: one.members.map(own) })),
  };
}
