/** Modals and the Home tab. Pure. */
import type { PageValues, PageView } from '../../protocol.ts';
import type { World } from './world.ts';

/** The modal in front of this person: the top of the stack; `null` if there is none. */
export function topModal(world: World, person: string): PageView | null {
  const open = [...world.views.values()].filter((view) => view.kind === 'modal' && view.user === person);
  const below = new Set(open.map(({ previousId }) => previousId));
  return open.findLast(({ id }) => !below.has(id)) ?? null;
}

export function homeOf(world: World, person: string): PageView | null {
  return [...world.views.values()].find((view) => view.kind === 'home' && view.user === person) ?? null;
}

/** The state of a view's inputs after the app changed the view: what has a name that was there keeps its value. */
export function adopt(before: PageValues, first: PageValues): PageValues {
  return Object.fromEntries(
    Object.entries(first).map(([block, inputs]) => [
      block,
      Object.fromEntries(
        Object.entries(inputs).map(([action, held]) => [action, before[block]?.[action] ?? held]),
      ),
    ]),
  );
}

/** The place that a link to a message of this workspace leads to; `null` for any other link. */
export function placeOf(
  domain: string,
  url: string,
): { readonly channel: string; readonly thread: string } | null {
  if (!URL.canParse(url)) return null;
  const { hostname, pathname, searchParams } = new URL(url);
  const found = /^\/archives\/([A-Z0-9]+)\/p(\d{10})(\d{6})$/.exec(pathname);
  if (hostname !== `${domain}.slack.com` || found === null) return null;
  const [, channel = '', seconds, micros] = found;
  const root = searchParams.get('thread_ts') ?? '';
  return { channel, thread: /^\d{10}\.\d{6}$/.test(root) ? root : `${seconds}.${micros}` };
}
