import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { createSeal } from '../installations/tokens/seal.ts';
import { createVault } from '../installations/tokens/vault.ts';
import type { Log } from '../log.ts';
import type { AnthropicModel } from '../model/anthropic.ts';
import type { Finding } from '../operations/finding.ts';
import { openDatabase } from '../postgres/database.ts';
import { doctorWords as words } from '../words/doctor.ts';
import { checkDatabase, checkDisk, checkMessagesTab, checkModel } from './parts.ts';
import {
  checkClock,
  checkToken,
  checkWay,
  ok,
  type SlackSurroundings,
  unchecked,
  warning,
  wrong,
} from './slack.ts';
import { checkAllTools, serversUnchecked } from './tools.ts';

const { names } = words;
/** Each is a call to Slack; who has more finds the others in the log and by `skein_coded_lines_total`. */
const MOST_INSTALLATIONS = 50;
const storedUnchecked = unchecked(names.installs, words.installs.unchecked, words.installs.uncheckedTodo);

interface DoctorOptions {
  readonly config: Config;
  /** Null: the embedded server, which nobody started for this. */
  readonly databaseUrl: string | null;
  readonly model: Pick<AnthropicModel, 'checkModel' | 'listModels'>;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly log: Log;
}

/** Everything that can be looked at from here, in the order in which a message would meet it. Never throws. */
export async function examine(options: DoctorOptions): Promise<Finding[]> {
  const { config, databaseUrl, clock, log, fetch } = options;
  const slack: SlackSurroundings = { apiUrl: config.slack.apiUrl, fetch, clock };
  const { directUrl, ca, pool, dataDir } = config.database;
  const [tokens, events, time, database, model] = await Promise.all([
    config.slack.botToken === null
      ? []
      : checkToken(slack, config.slack.botToken, { todo: words.token.install }),
    checkEvents(config, slack),
    checkClock(slack),
    databaseUrl === null
      ? [unchecked(names.database, words.database.embedded, words.database.embeddedTodo)]
      : checkDatabase({ url: databaseUrl, directUrl, ca, pool }, clock),
    config.role === 'receive'
      ? [ok(names.key, words.key.none)]
      : checkModel(options.model, config.defaults.model, clock),
  ]);
  const databaseWorks = databaseUrl !== null && !database.some(({ state }) => state === 'wrong');
  return [
    ok(names.configuration, words.configuration.ok),
    ...tokens,
    ...(config.slack.install === null
      ? []
      : databaseWorks
        ? await checkInstallations(options, slack, databaseUrl)
        : [storedUnchecked]),
    events,
    time,
    databaseWorks
      ? await checkMessagesTab({ url: databaseUrl, ca }, clock, log)
      : unchecked(names.messages, words.messages.unchecked, words.messages.todo),
    ...database,
    ...(config.database.url === null ? [await checkDisk(dataDir)] : []),
    ...model,
    ...(databaseWorks ? await checkServers(options, databaseUrl) : [serversUnchecked()]),
  ];
}

/** What a configuration that can't be read leaves to say: each problem by its variable. */
export function examineProblems(problems: readonly string[]): Finding[] {
  return problems.map((problem) =>
    wrong(names.configuration, `${problem}.`.replace(/\.\.$/, '.'), words.configuration.todo),
  );
}

async function checkEvents(config: Config, slack: SlackSurroundings): Promise<Finding> {
  if (config.role === 'work') return ok(names.events, words.events.works);
  return checkWay(config, slack);
}

/** The servers of tools that workspaces connected. */
async function checkServers({ config, clock, log }: DoctorOptions, url: string): Promise<Finding[]> {
  const database = openDatabase({ url, ca: config.database.ca, max: 2, clock, log });
  try {
    return await checkAllTools(config, database, { clock, log });
  } finally {
    await database.close();
  }
}

/** The stored tokens of everybody who installed the app. */
async function checkInstallations(
  { config, clock, log }: DoctorOptions,
  slack: SlackSurroundings,
  url: string,
): Promise<Finding[]> {
  const database = openDatabase({ url, ca: config.database.ca, max: 2, clock, log });
  try {
    const vault = createVault({ database, seal: createSeal(config.encryptionKeys), log });
    const here = (await vault.changed()).filter(({ gone }) => !gone);
    const unreadable = here.filter(({ token }) => token === null).map(({ id }) => id);
    if (here.length === 0)
      return [warning(names.installs, words.installs.none, words.installs.noneTodo(config.publicUrl ?? ''))];
    const found: Finding[] = [ok(names.installs, words.installs.some(here.length))];
    found.push(
      unreadable.length > 0
        ? wrong(names.secrets, words.secrets.wrong(unreadable.join(', ')), words.secrets.todo)
        : ok(names.secrets, words.secrets.ok(here.length)),
    );
    for (const { id, name, token } of here.slice(0, MOST_INSTALLATIONS))
      if (token !== null)
        found.push(...(await checkToken(slack, token, { todo: words.token.again, named: name ?? id })));
    const left = here.length - MOST_INSTALLATIONS;
    if (left > 0) found.push(unchecked(names.token, words.token.left(left), words.token.leftTodo));
    return found;
  } catch {
    // Its tables are made when Skein starts; what else is wrong with the database is told in its own line.
    return [storedUnchecked];
  } finally {
    await database.close();
  }
}
