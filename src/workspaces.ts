import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { eraseGone } from './erasure/installation/erase.ts';
import { SkeinError, toError } from './errors.ts';
import { createMoves } from './installations/moved.ts';
import { createSeal, type Seal } from './installations/tokens/seal.ts';
import {
  expiring,
  INSTALLATIONS_CHANNEL,
  modelKeySince,
  purgeStates,
  takeState,
} from './installations/tokens/store.ts';
import { createVault, type Vault } from './installations/tokens/vault.ts';
import { trackInstallation } from './installations/track.ts';
import type { Task } from './jobs/tasks.ts';
import type { Log } from './log.ts';
import type { AnthropicModel } from './model/anthropic.ts';
import type { Route } from './operations/http.ts';
import type { Meter } from './operations/meter.ts';
import type { Database } from './postgres/database.ts';
import { recording } from './record/recording.ts';
import { lookingFetch } from './send-guard.ts';
import { createClient, createInstallation, type Installations } from './slack/clients.ts';
import { identify } from './slack/identity.ts';
import { createInstallations } from './slack/install/many.ts';
import { createInstall } from './slack/install/provider.ts';
import { createRotation, ROTATE_BEFORE_SECONDS } from './slack/install/rotation.ts';
import { createSees } from './slack/read/channel-sight.ts';
import type { Web } from './slack/send/web.ts';
import { createKeyForm, type KeyForm, type ModelKeys } from './views/key/key.ts';

interface WorkspacesOptions {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly signal: AbortSignal;
  /** The only token of this process is dead: nothing can be done any more. */
  readonly onFatal: (error: SkeinError) => void;
}

/** The workspaces that this process serves, and what has to be done about their tokens. */
interface Workspaces {
  readonly installations: Installations;
  /** Pages for those who install the app; null: it is installed by its token. */
  readonly route: Route | null;
  /**
   * Finds out who we are, for as long as Slack or the database can't be reached; resolves with what to log about it.
   * Rejects with SLACK_AUTH_FAILED where the only token is refused.
   */
  start(): Promise<Record<string, unknown>>;
  /** What a process that works does beside, until it stops: never rejects. */
  tend(web: Web): Promise<void>;
  /** What is done now and then, once over all processes. */
  readonly tasks: readonly Task[];
  /** What other processes tell on the live connection. */
  readonly listen: Readonly<Record<string, (payload: string) => void>>;
  /** A workspace's own key of the Claude API; null: it has none. */
  keyOf(team: string): string | null;
  /** Stores such keys; null: there is nothing to seal them with. */
  readonly keys: Pick<ModelKeys, 'since' | 'save'> | null;
  /** What is done before a message of a channel is read: what lies under another workspace of its organisation moves. */
  arrivals(web: Web): (team: string, channel: string) => Promise<void>;
  /** Secret of the pseudonyms that the model's provider gets. */
  readonly pseudonymSecret: string;
  stop(): void;
}

/** What other processes stored is known after so long, where nobody told it. */
const REFRESH_MS = 5000;

export function createWorkspaces(options: WorkspacesOptions): Workspaces {
  return options.config.slack.install === null ? oneWorkspace(options) : manyWorkspaces(options);
}

function oneWorkspace({
  config,
  database,
  clock,
  log,
  meter,
  signal,
  onFatal,
}: WorkspacesOptions): Workspaces {
  const botToken = config.slack.botToken ?? '';
  const one = createInstallation({
    token: botToken,
    slackApiUrl: config.slack.apiUrl,
    log,
    meter,
    onDead(error) {
      void tracked.gone();
      onFatal(error);
    },
  });
  const tracked = trackInstallation({ database, identity: one.identity, clock, log, signal });
  const vault =
    config.encryptionKeys.length === 0
      ? null
      : createVault({ database, seal: createSeal(config.encryptionKeys), log });
  const known = new Map<string, string | null>();
  const refresh = async (): Promise<void> => {
    for (const { id, modelKey } of (await vault?.changed()) ?? []) known.set(id, modelKey);
  };
  const quietly = () =>
    void refresh().catch((err) => log.warn({ err: toError(err) }, 'keys of workspaces could not be read'));
  const stopRefreshing = vault === null ? () => {} : clock.every(REFRESH_MS, quietly);
  return {
    installations: one,
    route: null,
    async start() {
      const us = await identify(one.client, { clock, log, signal });
      one.identify(us);
      await tracked.here();
      quietly();
      return { team: us.team };
    },
    tend: (web) => tracked.adopt(createSees(web)),
    tasks: [],
    listen: { [INSTALLATIONS_CHANNEL]: quietly },
    keyOf: (team) => known.get(team) ?? null,
    keys: vault === null ? null : keysIn({ vault, database, refresh, note: recording(database, log) }),
    arrivals: () => async () => {},
    pseudonymSecret: botToken,
    stop: stopRefreshing,
  };
}

function manyWorkspaces({ config, database, clock, log, meter, signal }: WorkspacesOptions): Workspaces {
  const { install, apiUrl, botToken } = config.slack;
  if (install === null) throw new Error('there is nothing to install with');
  const { clientId, clientSecret, stateSecret, publicUrl } = install;
  const seal: Seal = createSeal(config.encryptionKeys);
  const vault = createVault({ database, seal, log });
  const rotation = createRotation({
    vault,
    client: createClient({ token: undefined, slackApiUrl: apiUrl, log }),
    clientId,
    clientSecret,
    clock,
    log,
  });
  const note = recording(database, log);
  const many = createInstallations({
    vault,
    rotation,
    slackApiUrl: apiUrl,
    clock,
    log,
    meter,
    onGone: ({ id }) => note({ team: id, person: null, what: 'uninstalled' }),
  });
  const stopRefreshing = clock.every(REFRESH_MS, () => void many.refresh());

  /** A workspace that was served by its token in the environment becomes the first of many. */
  async function takeOver(): Promise<void> {
    if (botToken === null) return;
    const client = createClient({ token: botToken, slackApiUrl: apiUrl, log });
    try {
      const us = await identify(client, { clock, log, signal });
      const [stored] = await vault.find({ ids: [us.team], botIds: [] });
      if (stored !== undefined && stored.token !== null) return;
      const told = await client.auth.test();
      const scopes = told.response_metadata?.scopes ?? [];
      await vault.save({
        id: us.team,
        name: told.team ?? null,
        enterprise: told.enterprise_id ?? null,
        wide: told.is_enterprise_install === true,
        botUserId: us.botUserId,
        botId: us.botId,
        appId: told.app_id ?? null,
        scopes: scopes.join(','),
        botToken,
        refreshToken: null,
        expiresAt: null,
        installedBy: null,
      });
      await many.refresh();
      log.info({ team: us.team }, 'the workspace of SLACK_BOT_TOKEN is stored: take that variable out');
    } catch (thrown) {
      if (!(thrown instanceof SkeinError)) throw thrown;
      log.warn({ code: thrown.code, err: thrown }, 'SLACK_BOT_TOKEN is refused: take it out');
    }
  }

  async function reseal(): Promise<void> {
    const count = await vault.reseal();
    if (count > 0) log.info({ installations: count }, 'secrets were sealed with the first key');
  }

  return {
    installations: many,
    route:
      stateSecret === null || publicUrl === null
        ? null
        : createInstall({
            clientId,
            clientSecret,
            stateSecret,
            publicUrl,
            slackApiUrl: apiUrl,
            eraseDays: config.eraseGoneAfterDays,
            fetch: lookingFetch,
            takeState: (hash) => takeState(database.query, hash),
            async store(one) {
              await vault.save(one);
              await note({ team: one.id, person: one.installedBy, what: 'installed' });
              await many.refresh();
            },
            log,
          }),
    async start() {
      await many.start();
      await takeOver();
      await reseal();
      if (many.count() === 0 && publicUrl !== null)
        log.info({ url: `${publicUrl}/slack/install` }, 'no workspace has installed the app yet');
      return { workspaces: many.count() };
    },
    tend: async () => {},
    tasks: [
      {
        name: 'rotate_tokens',
        cron: '* * * * *',
        async run() {
          for (const id of await expiring(database.query, ROTATE_BEFORE_SECONDS)) {
            const [installed] = await vault.find({ ids: [id], botIds: [] });
            const fresh = installed === undefined ? 'dead' : await rotation.rotate(installed);
            if (typeof fresh !== 'string') await note({ team: id, person: null, what: 'token_rotated' });
          }
          await many.refresh();
        },
      },
      { name: 'check_tokens', cron: '41 4 * * *', run: (stopped) => many.checkAll(stopped) },
      {
        name: 'erase_gone',
        cron: '27 * * * *',
        run: (stopped) =>
          eraseGone({ database, days: config.eraseGoneAfterDays, clock, log, signal: stopped }),
      },
      { name: 'purge_states', cron: '17 * * * *', run: () => purgeStates(database.query) },
      {
        name: 'reseal_tokens',
        cron: '23 * * * *',
        run: reseal,
      },
    ],
    listen: { [INSTALLATIONS_CHANNEL]: () => void many.refresh() },
    keyOf: many.modelKey,
    keys: keysIn({ vault, database, refresh: many.refresh, note }),
    arrivals: (web) =>
      createMoves({
        database,
        siblings: many.siblings,
        sees: createSees(web),
        note: ({ to: team, from, channel }) =>
          note(
            channel === null
              ? { team, person: null, what: 'workspace_joined', scope: 'workspace', scopeId: from }
              : { team, person: null, what: 'channel_moved', scope: 'channel', scopeId: channel },
          ),
        clock,
        log,
      }),
    pseudonymSecret: clientSecret,
    stop: stopRefreshing,
  };
}

function keysIn({
  vault,
  database,
  refresh,
  note,
}: {
  readonly vault: Vault;
  readonly database: Database;
  readonly refresh: () => Promise<void>;
  readonly note: ReturnType<typeof recording>;
}): Pick<ModelKeys, 'since' | 'save'> {
  return {
    since: (team) => modelKeySince(database.query, team),
    async save(team, key, by) {
      await vault.saveModelKey({ id: team, by }, key);
      await refresh();
      await note({ team, person: by, what: key === null ? 'model_key_removed' : 'model_key_set' });
    },
  };
}

/** The form by which admins give a workspace a key of its own; null where such keys can't be stored. */
export function keyFormOf(
  keys: Workspaces['keys'],
  {
    model,
    ...more
  }: Omit<Parameters<typeof createKeyForm>[0], 'keys'> & { readonly model: Pick<AnthropicModel, 'testKey'> },
): KeyForm | null {
  if (keys === null) return null;
  const test = async (key: string) => {
    const asked = await model.testKey(key);
    return asked.ok ? null : asked.failure.code;
  };
  return createKeyForm({ keys: { ...keys, test }, ...more });
}
