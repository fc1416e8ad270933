import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { AnthropicModel } from '../model/anthropic.ts';
import type { Finding } from '../operations/finding.ts';
import type { Web } from '../slack/send/web.ts';
import { doctorWords as words } from '../words/doctor.ts';
import { checkDatabase, checkDisk, checkMessagesTab, checkModel } from './parts.ts';
import { checkClock, checkWay, ok, scopesOf, wrong } from './slack.ts';
import { checkTools, type ToolsToLookAt } from './tools.ts';

const { names } = words;

export interface InSlackOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly web: Web;
  readonly model: Pick<AnthropicModel, 'checkModel' | 'listModels'>;
  readonly fetch: typeof fetch;
  /** Connected servers of tools; absent: there can be none. */
  readonly tools?: ToolsToLookAt;
  readonly clock: Clock;
  readonly log: Log;
}

/** What an admin of a workspace is told of it by the process that runs. Never throws. */
export function createExamine(options: InSlackOptions): (team: string, person: string) => Promise<Finding[]> {
  const { config, databaseUrl, web, model, fetch, clock, log } = options;
  const slack = { apiUrl: config.slack.apiUrl, fetch, clock };
  const { directUrl, ca, pool, dataDir } = config.database;

  async function token(team: string): Promise<Finding[]> {
    const asked = await web.call(team, (client) => client.auth.test());
    if (!asked.ok)
      return [wrong(names.token, words.token.refused(asked.word ?? asked.refusal.kind), words.token.install)];
    const scopes = asked.answer.response_metadata?.scopes ?? null;
    return [ok(names.token, words.token.ok(asked.answer.team ?? team)), scopesOf(scopes)];
  }

  return async (team, person) => {
    const [ours, way, time, messages, database, claude, disk, servers] = await Promise.all([
      token(team),
      checkWay(config, slack),
      checkClock(slack),
      checkMessagesTab({ url: databaseUrl, ca }, clock, log),
      checkDatabase({ url: databaseUrl, directUrl, ca, pool }, clock),
      config.role === 'receive' ? [] : checkModel(model, config.defaults.model, clock),
      config.database.url === null ? checkDisk(dataDir) : null,
      options.tools === undefined ? [] : checkTools(options.tools, { team, person }, clock),
    ]);
    return [
      ...ours,
      way,
      time,
      messages,
      ...database,
      ...(disk === null ? [] : [disk]),
      ...claude,
      ...servers,
    ];
  };
}
