import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import { type NewDeed, noteDeed } from './store.ts';

/** Records deeds. Never rejects: nobody's work fails because it could not be recorded. */
export function recording(database: Database, log: Log): (deed: NewDeed) => Promise<void> {
  return (deed) =>
    noteDeed(database.query, deed).catch((err) =>
      log.warn(
        { err: toError(err), team: deed.team, what: deed.what },
        'what was done could not be recorded',
      ),
    );
}
