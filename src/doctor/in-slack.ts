import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { AnthropicModel } from '../model/anthropic.ts';
import type { Finding } from '../operations/finding.ts';
import { BOT_SCOPES } from '../slack/install/scopes.ts';
import type { Web } from '../slack/send/web.ts';
import { doctorWords as words } from '../words/doctor.ts';
import { checkDatabase, checkDisk, checkMessagesTab, checkModel } from './parts.ts';
import { checkClock, checkRequestUrl, checkSocket, ok, unchecked, wrong } from './slack.ts';

const { names } = words;

export interface InSlackOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly web: Web;
  readonly model: Pick<AnthropicModel, 'checkModel' | 'listModels'>;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly log: Log;
}

/** What an admin of a workspace is told of it by the process that runs. Never throws. */
export function createExamine(options: InSlackOptions): (team: string) => Promise<Finding[]> {
  const { config, databaseUrl, web, model, fetch, clock, log } = options;
  const slack = { apiUrl: config.slack.apiUrl, fetch, clock };
  const { directUrl, ca, pool, dataDir } = config.database;

  async function token(team: string): Promise<Finding[]> {
    const asked = await web.call(team, (client) => client.auth.test());
    if (!asked.ok)
      return [wrong(names.token, words.token.refused(asked.word ?? asked.refusal.kind), words.token.install)];
    const had = asked.answer.response_metadata?.scopes;
    const missing = had === undefined ? [] : BOT_SCOPES.filter((scope) => !had.includes(scope));
    return [
      ok(names.token, words.token.ok(asked.answer.team ?? team)),
      had === undefined
        ? unchecked(names.scopes, words.scopes.unknown, words.scopes.todo)
        : missing.length > 0
          ? wrong(names.scopes, words.scopes.missing(missing.join(', ')), words.scopes.todo)
          : ok(names.scopes, words.scopes.ok(BOT_SCOPES.length)),
    ];
  }

  async function events(): Promise<Finding> {
    const { appToken, signingSecret } = config.slack;
    if (appToken !== null) return checkSocket(slack, appToken);
    return config.publicUrl === null
      ? unchecked(names.events, words.events.httpUnchecked, words.events.httpUncheckedTodo)
      : checkRequestUrl(slack, config.publicUrl, signingSecret ?? '');
  }

  return async (team) => {
    const [ours, way, time, messages, database, claude, disk] = await Promise.all([
      token(team),
      events(),
      checkClock(slack),
      checkMessagesTab({ url: databaseUrl, ca }, clock, log),
      checkDatabase({ url: databaseUrl, directUrl, ca, pool }, clock),
      config.role === 'receive' ? [] : checkModel(model, config.defaults.model, clock),
      config.database.url === null ? checkDisk(dataDir) : null,
    ]);
    return [...ours, way, time, messages, ...database, ...(disk === null ? [] : [disk]), ...claude];
  };
}
