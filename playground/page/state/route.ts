/** The address of what is on screen, kept in the URL's hash so that a reload or a link shows the same. Pure. */

export const INSPECTOR_TABS = ['calls', 'model', 'tools', 'jobs', 'faults'] as const;
export type InspectorTab = (typeof INSPECTOR_TABS)[number];

export interface Route {
  readonly channel: string | null;
  readonly thread: string | null;
  /** The Home tab of the app, in the direct message with it. */
  readonly home: boolean;
  /** Who is speaking. */
  readonly person: string | null;
  readonly inspector: InspectorTab | null;
}

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const TS = /^\d{1,12}\.\d{1,9}$/;

/** Reads `#/C1/1700000000.000100?as=U1&inspect=calls`, or `#/D1/home`. Parts that are not ids become `null`; never throws. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [channel = '', thread = ''] = path.split('/');
  const params = new URLSearchParams(query);
  const person = params.get('as') ?? '';
  const inspector = INSPECTOR_TABS.find((tab) => tab === params.get('inspect')) ?? null;
  return {
    channel: ID.test(channel) ? channel : null,
    thread: ID.test(channel) && TS.test(thread) ? thread : null,
    home: ID.test(channel) && thread === 'home',
    person: ID.test(person) ? person : null,
    inspector,
  };
}

/** The hash of a route: `parseRoute(formatRoute(r))` is `r` for every route with a channel. */
export function formatRoute(route: Route): string {
  const place = route.thread ?? (route.home ? 'home' : null);
  const path = [route.channel, route.channel === null ? null : place].filter((part) => part !== null);
  const params = new URLSearchParams();
  if (route.person !== null) params.set('as', route.person);
  if (route.inspector !== null) params.set('inspect', route.inspector);
  const query = params.toString();
  return `#/${path.join('/')}${query === '' ? '' : `?${query}`}`;
}
