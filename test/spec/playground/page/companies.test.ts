import { describe, expect, it } from 'vitest';
import {
  companyName,
  featuresFor,
  mentionable,
  partners,
  sharingLine,
} from '../../../../playground/page/state/companies.ts';
import { chooseChannel } from '../../../../playground/page/state/place.ts';
import { channelsFor, people } from '../../../../playground/page/state/threads.ts';
import { applyEvents, type World } from '../../../../playground/page/state/world.ts';
import type { PageUser } from '../../../../playground/protocol.ts';
import { northwindWithHarbor } from '../../../../playground/slack/seed.ts';
import { standin } from '../slack/support.ts';
import { snapshot } from './make.ts';

/** The page's world of a workspace with a second company, as the stand-in tells it. */
async function world(): Promise<World> {
  const slack = await standin({ seed: northwindWithHarbor });
  const found = applyEvents(null, [
    { type: 'snapshot', snapshot: { ...snapshot, ...slack.page.snapshot(), features: FEATURES } },
  ]);
  if (found === null) throw new Error('no world');
  return found;
}

const FEATURES = {
  commands: [{ command: '/skein', description: '', usageHint: '', escapes: true }],
  shortcuts: [],
  home: true,
};

function user(of: World, id: string): PageUser {
  const found = of.users.get(id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

describe('a channel shared with another company', () => {
  it('is named after the other side, whichever side looks', async () => {
    const it = await world();
    const joint = it.channels.get('C0JOINT');
    if (joint === undefined) throw new Error('no channel');
    const [ana, fay] = [user(it, 'U0ANA'), user(it, 'U0FAY')];
    expect([companyName(it, ana), companyName(it, fay)]).toEqual(['Northwind', 'Harbor']);
    expect([partners(it, joint, ana), partners(it, joint, fay)]).toEqual([['Harbor'], ['Northwind']]);
    expect(sharingLine(it, joint, ana)).toBe('Shared with Harbor · hosted by Northwind');
    const general = it.channels.get('C0GENERAL');
    expect(general && sharingLine(it, general, ana)).toBe('');
  });

  it('is all that people of the other company see, and where they can mention whom they meet', async () => {
    const it = await world();
    const fay = user(it, 'U0FAY');
    expect(channelsFor(it, fay.id).map(({ name }) => name)).toEqual(['harbor-pilot', 'joint-launch']);
    expect(chooseChannel(it, fay.id, 'C0GENERAL')?.name).toBe('harbor-pilot');
    const pilot = chooseChannel(it, fay.id, 'C0PILOT');
    expect(pilot && mentionable(it, pilot, fay).map(({ handle }) => handle)).toEqual([
      'ana',
      'chidi',
      'skein',
      'gil',
    ]);
    expect(featuresFor(it, fay)).toEqual({ commands: [], shortcuts: [], home: false });
    expect(featuresFor(it, user(it, 'U0ANA'))).toEqual(FEATURES);
  });

  it('has its people last among those whom one can speak as', async () => {
    expect(people(await world()).map(({ handle }) => handle)).toEqual([
      'ana',
      'ben',
      'chidi',
      'dana',
      'fay',
      'gil',
    ]);
  });
});
