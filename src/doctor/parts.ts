import type { Clock } from '../clock.ts';
import { lastDirectAt } from '../conversation/store.ts';
import { SkeinError } from '../errors.ts';
import { dayOf } from '../ledger/periods.ts';
import { priceOf } from '../ledger/prices.ts';
import type { Log } from '../log.ts';
import type { AnthropicModel } from '../model/anthropic.ts';
import { freeBytes } from '../operations/disk.ts';
import type { Finding } from '../operations/finding.ts';
import type { Address } from '../postgres/address.ts';
import { conditionOf } from '../postgres/condition.ts';
import { openDatabase } from '../postgres/database.ts';
import { requireSessions } from '../postgres/sessions.ts';
import { doctorWords as words } from '../words/doctor.ts';
import { ok, reasonOf, unchecked, warning, wrong } from './slack.ts';

const { names } = words;
const LEAST_MAJOR = 15;
/** Connections that one process takes beside its pool: the live one, and the queue's. */
const BESIDE_POOL = 3;
const RETIRES_SOON_MS = 60 * 24 * 60 * 60 * 1000;
/** A direct message says so long that direct messages are allowed. */
const DIRECT_MS = 7 * 24 * 60 * 60 * 1000;
const DISK_WARNING = 2 * 1024 ** 3;
const DISK_WRONG = 256 * 1024 ** 2;

/** The database: version, writes, rights, pooler, free connections, migrations. */
export async function checkDatabase(
  { url, directUrl, ca, pool }: { url: string; directUrl: string | null; ca: string | null; pool: number },
  clock: Clock,
): Promise<Finding[]> {
  const address: Address = { url, ca };
  let seen: Awaited<ReturnType<typeof conditionOf>>;
  try {
    seen = await conditionOf({ url: directUrl ?? url, ca });
  } catch (thrown) {
    return [wrong(names.database, words.database.away(reasonOf(thrown)), words.database.awayTodo)];
  }
  const { version, major, writable, mayCreate, connections, migrations } = seen;
  const server =
    major < LEAST_MAJOR
      ? wrong(names.database, words.database.old(version), words.database.oldTodo)
      : writable
        ? ok(names.database, words.database.ok(version))
        : wrong(names.database, words.database.readOnly, words.database.readOnlyTodo);
  const free = connections.most - connections.used;
  const need = pool + BESIDE_POOL;
  return [
    server,
    mayCreate
      ? ok(names.rights, words.rights.ok)
      : wrong(names.rights, words.rights.wrong, words.rights.todo),
    await poolerOf(address, directUrl !== null, clock),
    {
      name: names.connections,
      state: free < need ? 'warning' : 'ok',
      found: words.connections.found(free, connections.most),
      todo: free < need ? words.connections.todo(need) : null,
    },
    migrations.unknown > 0
      ? warning(names.migrations, words.migrations.newer, words.migrations.newerTodo)
      : migrations.missing > 0
        ? warning(
            names.migrations,
            words.migrations.missing(migrations.missing),
            words.migrations.missingTodo,
          )
        : ok(names.migrations, words.migrations.ok),
  ];
}

async function poolerOf(address: Address, direct: boolean, clock: Clock): Promise<Finding> {
  if (direct) return ok(names.pooler, words.pooler.direct);
  try {
    await requireSessions(address, clock);
    return ok(names.pooler, words.pooler.ok);
  } catch (thrown) {
    return thrown instanceof SkeinError && thrown.code === 'DATABASE_POOLED'
      ? wrong(names.pooler, words.pooler.wrong, words.pooler.todo)
      : wrong(names.database, words.database.away(reasonOf(thrown)), words.database.awayTodo);
  }
}

/**
 * Whether people may write to the app (Messages tab on, and not read-only). Slack tells it to nobody who has a bot's token:
 * `apps.manifest.export` needs a token of the app's configuration (`AppsManifestExportResponse` of `@slack/web-api`, its page),
 * and `messages_tab_disabled` is an error of posting (page of `chat.postMessage`), which would be seen. What somebody wrote
 * to us is a proof, for as long as nobody switched it off since: it is a setting of the app, the same in every workspace.
 */
export async function checkMessagesTab(address: Address, clock: Clock, log: Log): Promise<Finding> {
  const database = openDatabase({ ...address, max: 1, clock, log });
  try {
    const at = await lastDirectAt(database.query);
    if (at !== null && clock.now() - at.getTime() < DIRECT_MS)
      return ok(names.messages, words.messages.ok(dayOf(at)));
  } catch {
    // What is wrong with the database is told in its own line.
  } finally {
    await database.close();
  }
  return unchecked(names.messages, words.messages.unchecked, words.messages.todo);
}

/** Room for the embedded server. */
export async function checkDisk(directory: string): Promise<Finding> {
  return diskOf(await freeBytes(directory));
}

/** `free`: bytes; null: nobody says. */
export function diskOf(free: number | null): Finding {
  if (free === null) return unchecked(names.disk, words.disk.unknown, words.disk.todo);
  const found = words.disk.found(`${(free / 1024 ** 3).toFixed(1)} GiB`);
  if (free < DISK_WRONG) return wrong(names.disk, found, words.disk.todo);
  return free < DISK_WARNING ? warning(names.disk, found, words.disk.todo) : ok(names.disk, found);
}

/** The key, the model of the defaults, when it retires, and whether its price is known. */
export async function checkModel(
  model: Pick<AnthropicModel, 'checkModel' | 'listModels'>,
  id: string,
  clock: Clock,
): Promise<Finding[]> {
  const key = await model.checkModel();
  if (!key.ok) return [wrong(names.key, words.key.wrong(key.failure.code), words.key.todo)];
  const today = dayOf(clock.now());
  const price =
    priceOf(id, today, 0) === null
      ? warning(names.price, words.price.unknown(id), words.price.todo)
      : ok(names.price, words.price.ok(id));
  const listed = await model.listModels();
  if (!listed.ok) return [wrong(names.key, words.key.wrong(listed.failure.code), words.key.todo), price];
  const found = listed.models.find((one) => one.id === id);
  return [ok(names.key, words.key.ok), modelOf(id, found, clock.now()), price];
}

function modelOf(
  id: string,
  found: { readonly lifecycle: string; readonly retiresAt: string | null } | undefined,
  now: number,
): Finding {
  if (found === undefined) return wrong(names.model, words.model.missing(id), words.model.missingTodo);
  if (found.lifecycle === 'retired')
    return wrong(names.model, words.model.retired(id), words.model.retiresTodo);
  const at = found.retiresAt === null ? Number.NaN : Date.parse(found.retiresAt);
  return at - now < RETIRES_SOON_MS
    ? warning(names.model, words.model.retires(id, dayOf(at)), words.model.retiresTodo)
    : ok(names.model, words.model.ok(id));
}
