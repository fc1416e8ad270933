/**
 * A local Slack: Web API, Socket Mode, signed HTTP deliveries, rate limits and faults, for tests and for the
 * playground. It listens on the loopback address only and knows only the tokens it was given.
 */
import { createServer } from 'node:http';
import type { SlackStandin, SlackStandinOptions } from './contract.ts';
import { HttpCarrier } from './httpCarrier.ts';
import { readScopes } from './manifest.ts';
import { Install, oauthMethods } from './methods/oauth.ts';
import { openLog } from './persistence.ts';
import { type Downloads, route, type SignIn, type TeamParts } from './routes.ts';
import type { Granted } from './scopes.ts';
import { northwind } from './seed.ts';
import { SocketCarrier } from './socketCarrier.ts';
import { createTeam, type Shared, type Team } from './team.ts';
import type { Tokens } from './webApi.ts';
import { Workspace } from './workspace.ts';

/** Starts the stand-in; rejects if the port is taken or the persisted workspace is damaged. */
export async function startSlackStandin(options: SlackStandinOptions): Promise<SlackStandin> {
  const { clock } = options;
  const seed = options.seed ?? northwind;
  const signingSecret = options.signingSecret ?? 'standin-signing-secret';
  const ackTimeoutMs = options.ackTimeoutMs ?? 3_000;
  const client = options.client ?? { id: '1.2', secret: 'standin-client-secret' };
  const { bot, app } = options.tokens ?? { bot: 'xoxb-standin-bot', app: 'xapp-standin-app' };
  const scopes: Granted = options.scopes === 'all' ? 'all' : new Set(options.scopes ?? readScopes());
  const stored = options.persistDir === undefined ? undefined : openLog(options.persistDir);

  const tokensOf = (token: string, installed: boolean): Tokens => ({
    bot: token,
    app,
    former: [],
    ends: new Map(),
    refresh: null,
    botRefusal: installed ? undefined : 'invalid_auth',
    scopes,
    installed,
  });

  let url = '';
  let signIn: SignIn = 'page';
  const downloads: Downloads = { failing: undefined, held: [], given: [] };
  const teams: Team[] = [];
  const flush = () => {
    for (const team of teams) team.deliveries.flush();
  };
  const sockets = new SocketCarrier({ clock, appId: seed.app.id, ackTimeoutMs, onReady: flush });
  const http = new HttpCarrier({ clock, signingSecret, ackTimeoutMs }, options.events?.url);
  const install = new Install({
    client,
    clock,
    lifeSeconds: options.rotation?.lifeSeconds ?? null,
    targets: () => teams.map(({ parts }) => parts),
  });
  const shared: Shared = {
    options,
    base: () => url,
    carrier: () => (http.ready() ? http : sockets),
    appMethods: {
      'api.test': () => ({}),
      'apps.connections.open': () => ({
        url: `${url.replace('http', 'ws')}link/?ticket=${sockets.ticket()}`,
      }),
      ...oauthMethods(install),
    },
  };
  const workspace = new Workspace(seed, clock, stored?.log, stored?.lines);
  const first = createTeam(shared, workspace, tokensOf(bot, options.installed ?? true));
  teams.push(first);
  const further: TeamParts[] = [];

  const server = createServer((request, response) => {
    if (
      route({ teams: [first.parts, ...further], install, signIn: () => signIn, downloads }, request, response)
    )
      return;
    if (options.onRequest) options.onRequest(request, response);
    else response.writeHead(404).end();
  });
  server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in has no port');
  url = `http://127.0.0.1:${address.port}/`;

  return {
    ...first.standin,
    url,
    apiUrl: `${url}api/`,
    appToken: app,
    signingSecret,
    client,
    sockets,
    http,
    addTeam(otherSeed, botToken, installed = true) {
      const taken = teams.some(
        ({ parts }) => parts.tokens.bot === botToken || parts.workspace.seed.idMark === otherSeed.idMark,
      );
      if (taken) throw new Error('a further workspace needs a bot token and an id mark of its own');
      const team = createTeam(shared, new Workspace(otherSeed, clock), tokensOf(botToken, installed));
      teams.push(team);
      further.push(team.parts);
      return team.standin;
    },
    sendEnvelope: (envelope) => sockets.raw(JSON.stringify(envelope)),
    signInBy(form) {
      signIn = form;
    },
    failDownloads(how) {
      downloads.failing = how;
      if (how !== 'hang') for (const go of downloads.held.splice(0)) go();
    },
    downloaded: () => downloads.given,
    deliverTo(target) {
      http.url = target;
      flush();
    },
    async verifyUrl() {
      const challenge = workspace.nextId('challenge.');
      const answer = await http.raw(
        JSON.stringify({ type: 'url_verification', token: 'standin', challenge }),
      );
      return typeof answer !== 'string' && answer.status === 200 && answer.body.includes(challenge);
    },
    waitForSockets: (count, wait = {}) =>
      sockets.counts.first(
        [sockets.count],
        (now) => now === count,
        { what: `${count} sockets`, ...wait },
        () => `sockets now: ${sockets.count}`,
      ),
    async stop() {
      for (const team of teams) team.deliveries.stop();
      sockets.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      stored?.log.close();
    },
  };
}
