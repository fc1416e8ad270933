import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { createFiles } from '../files/reading.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import type { Clients } from './clients.ts';
import { createFileSource } from './read/files.ts';
import { createOutlet } from './send/outlet.ts';
import type { Web } from './send/web.ts';

interface AnswerFilesOptions {
  readonly config: Config;
  readonly database: Database;
  readonly clients: Clients;
  readonly web: Web;
  readonly clock: Clock;
  readonly log: Log;
}

/** What answers need for files, of people and of their own: the ports of `reply/` over Slack. */
export function createAnswerFiles({ config, database, clients, web, clock, log }: AnswerFilesOptions) {
  const { apiUrl } = config.slack;
  const source = createFileSource({ clients, apiUrl, clock, log });
  return {
    files: createFiles({ database, source, mostKept: config.filesKept, clock, log }),
    outlet: createOutlet({ web, apiUrl, clock, log }),
    /** For the setting `files_out`. */
    defaults: config.defaults,
  };
}
