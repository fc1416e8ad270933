import { randomUUID } from 'node:crypto';
import { openSpending } from './allowances/store.ts';
import type { Clock } from './clock.ts';
import type { Meter } from './operations/meter.ts';
import type { Database } from './postgres/database.ts';
import { createLearning } from './reply/pace/learning.ts';
import { createLengths } from './reply/pace/lengths.ts';
import { createPacer, type PacerOptions } from './reply/pace/pacer.ts';
import { createStreamPacer } from './reply/pace/stream-pacer.ts';
import { timed } from './reply/pace/timed.ts';
import type { Native } from './reply/show/stream-setting.ts';
import type { Installations } from './slack/clients.ts';
import { createStreams } from './slack/send/streams.ts';
import type { Web } from './slack/send/web.ts';

/** What says when each call to Slack of this process is made, and what Slack's own streams need. */
export function createPacing({
  database,
  clients,
  web,
  meter,
  clock,
  tuning = {},
}: {
  readonly database: Database;
  readonly clients: Pick<Installations, 'self'>;
  readonly web: Web;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly tuning?:
    | { readonly pacer?: Omit<PacerOptions, 'clock'>; readonly streamAgeMs?: number }
    | undefined;
}) {
  const processId = randomUUID();
  // Each reads for itself what others did.
  const account = () => openSpending(database.query, processId);
  const spending = account();
  const lengths = createLengths();
  const pacer = timed(createPacer({ clock, spending, lengths, ...tuning.pacer }), meter, clock);
  const others = { appends: account(), others: account() };
  const native: Native = {
    streams: createStreams(web, clients.self),
    pacer: createStreamPacer({ clock, edits: pacer, lengths, spending: others }),
    ...(tuning.streamAgeMs === undefined ? {} : { ageMs: tuning.streamAgeMs }),
  };
  return { spending, pacer, native, learn: createLearning(database.query, lengths) };
}
