import { expect, onTestFinished } from 'vitest';
import type { View } from '../../playground/slack/records.ts';
import {
  startToolStandin,
  type ToolStandin,
  type ToolStandinOptions,
} from '../../playground/tools/standin.ts';
import { systemClock } from '../../src/clock.ts';
import { KEY } from './installing.ts';
import { startCalmWorld } from './slash.ts';
import { textOf } from './views.ts';
import { ana, general, query, type World, type WorldOptions } from './world.ts';

export async function toolServer(options: Omit<ToolStandinOptions, 'clock'> = {}): Promise<ToolStandin> {
  const server = await startToolStandin({ clock: systemClock, ...options });
  onTestFinished(() => server.stop());
  return server;
}

export function startToolWorld(options: WorldOptions = {}): Promise<World> {
  const env = { TOOL_HOSTS: '127.0.0.1', TOKEN_ENCRYPTION_KEY: KEY, ...options.env };
  return startCalmWorld({ ...options, env });
}

/** The modal in front of somebody, once its text has all of these. */
export function modal(world: World, user: string, ...texts: readonly string[]): Promise<View> {
  return world.slack.waitForView(
    (view) =>
      view.kind === 'modal' &&
      view.open &&
      view.user === user &&
      texts.every((text) => textOf(view).includes(text)),
  );
}

export async function typed(
  world: World,
  user: string,
  text: string,
  ...texts: readonly string[]
): Promise<View> {
  await world.slack.slash(user, general, '/skein', text);
  return modal(world, user, ...texts);
}

export interface Entered {
  readonly name: string;
  readonly url: string;
  readonly account?: string;
  readonly token?: string;
  readonly where?: string;
  readonly people?: string;
}

export function enters(world: World, user: string, view: View, wanted: Entered) {
  const values = Object.fromEntries(
    Object.entries(wanted).map(([field, value]) => [`tool_${field}`, { value: String(value) }]),
  );
  return world.slack.interactions.submitView(user, view.id, values);
}

export async function connects(world: World, wanted: Entered): Promise<View> {
  const form = await typed(world, ana, 'tools connect', 'Test and connect');
  const answer = await enters(world, ana, form, wanted);
  const view = await modal(world, ana, 'What it can do').catch(() => null);
  if (view === null) throw new Error(`it was not connected: ${JSON.stringify(answer)}`);
  return view;
}

export const press = (world: World, user: string, view: View, actionId: string) =>
  world.slack.interactions.clickView(user, view.id, { actionId });

export async function idOf(world: World, name: string): Promise<string> {
  const [row] = await query<{ id: string }>(world, 'select id from skein.tool_servers where name = $1', [
    name,
  ]);
  return row?.id ?? '';
}

/**
 * What a person does in their browser from a private link on, with the bot at the port that it has in this test. `name`: whom
 * the page has to be about.
 */
export async function signIn(
  world: World,
  server: ToolStandin,
  url: string,
  { name, account } = { name: 'Ben Okafor', account: 'ben' },
): Promise<void> {
  const here = (address: string) =>
    address.replace('http://127.0.0.1:3000', `http://127.0.0.1:${world.bot.port}`);
  const page = await fetch(here(url));
  const cookie = page.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const html = await page.text();
  expect(html).toContain(name);
  const fields = new URLSearchParams();
  for (const [, name = '', value = ''] of html.matchAll(/name="(\w+)" value="([^"]*)"/g))
    fields.set(name, value);
  const on = await fetch(here('http://127.0.0.1:3000/tools/link'), {
    method: 'POST',
    headers: { cookie },
    body: fields,
    redirect: 'manual',
  });
  const text = await on.text();
  const onward = on.headers.get('location') ?? /href="([^"]+)"/.exec(text)?.[1] ?? '';
  const back = await server.consent(
    onward.replaceAll('&amp;', '&').replaceAll('&#38;', '&'),
    'allow',
    account,
  );
  const done = await fetch(here(back), { headers: { cookie } });
  if (!done.ok) throw new Error(`the way back says ${done.status}: ${await done.text()}`);
}

/** The address behind the button of a private link. */
export function linkIn(shown: unknown): string {
  const [, url = ''] = /"url":"(http[^"]+)"/.exec(JSON.stringify(shown)) ?? [];
  if (url === '') throw new Error('there is no link');
  return url;
}
