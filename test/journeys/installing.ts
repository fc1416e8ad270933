import type { SlackStandin, TeamStandin } from '../../playground/slack/contract.ts';
import { northwindAgain, type Seed } from '../../playground/slack/seed.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

/** A key of the tests: 32 bytes. */
export const KEY = Buffer.alloc(32, 7).toString('base64');
export const OTHER_KEY = Buffer.alloc(32, 9).toString('base64');

/** Nobody has installed the app yet: a bot that waits at `/slack/install`. */
export async function startOpenWorld(
  options: WorldOptions & { readonly rotation?: { readonly lifeSeconds: number } } = {},
): Promise<World> {
  const { rotation } = options;
  // The port is known only when the bot listens, and stands in PUBLIC_URL: people of these tests go by `install`.
  return startWorld({
    mode: 'http',
    ...options,
    slack: { installed: false, ...(rotation === undefined ? {} : { rotation }), ...options.slack },
    env: {
      SLACK_BOT_TOKEN: '',
      SLACK_CLIENT_ID: '1.2',
      SLACK_CLIENT_SECRET: 'standin-client-secret',
      SLACK_STATE_SECRET: 'a state secret of the tests'.replaceAll(' ', '-'),
      TOKEN_ENCRYPTION_KEY: KEY,
      PUBLIC_URL: 'http://127.0.0.1:3000',
      ...options.env,
    },
  });
}

/** A browser: follows nothing by itself and keeps cookies. */
export interface Browser {
  get(url: string): Promise<{ status: number; text: string; location: string | null }>;
  cookies: Map<string, string>;
}

export function browser(): Browser {
  const cookies = new Map<string, string>();
  return {
    cookies,
    async get(url) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(url, { redirect: 'manual', headers: cookie === '' ? {} : { cookie } });
      for (const set of answer.headers.getSetCookie()) {
        const [pair = ''] = set.split(';');
        const at = pair.indexOf('=');
        if (/Expires=Thu, 01 Jan 1970/.test(set)) cookies.delete(pair.slice(0, at));
        else cookies.set(pair.slice(0, at), pair.slice(at + 1));
      }
      return { status: answer.status, text: await answer.text(), location: answer.headers.get('location') };
    },
  };
}

/** The link of a page that leads to Slack. */
export function linkOf(html: string): string {
  const [, href = ''] = /<a href="([^"]+)"/.exec(html) ?? [];
  return href.replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"');
}

/** The bot's own address for a way that was given with `PUBLIC_URL`. */
export function atBot(world: World, address: string): string {
  const url = new URL(address);
  return `http://127.0.0.1:${world.bot.port}${url.pathname}${url.search}`;
}

/** Install page, Slack's page, back: as a person goes. Returns the last page. */
export async function install(
  world: World,
  team: string,
  { by = browser(), allow = '1' }: { by?: Browser; allow?: '1' | '0' } = {},
) {
  const page = await by.get(`http://127.0.0.1:${world.bot.port}/slack/install`);
  const slack = new URL(linkOf(page.text));
  slack.searchParams.set('team', team);
  slack.searchParams.set('allow', allow);
  const back = await by.get(slack.href);
  return by.get(atBot(world, back.location ?? ''));
}

/** An organisation with one workspace, which installed the app for all of its workspaces. */
export function organisation(mark: string): Seed {
  const seed = northwindAgain(mark);
  const enterprise = { id: `E0NORTHWIND${mark}`, name: `Northwind Group ${mark}` };
  return { ...seed, orgInstall: true, team: { ...seed.team, enterprise } };
}

/** A further workspace in which the app is not installed yet. */
export function addWorkspace(slack: SlackStandin, mark: string): TeamStandin {
  return slack.addTeam(northwindAgain(mark), `xoxb-standin-${mark}`, false);
}
