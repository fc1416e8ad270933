import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import { createCallPress } from './controls/calls.ts';
import type { PressingOptions } from './controls/pressing.ts';
import { createWhole, type WholeOptions } from './controls/whole.ts';
import type { Defaults } from './defaults.ts';
import type { Handlers } from './jobs/worker.ts';
import type { Log } from './log.ts';
import type { Gate } from './people/gate.ts';
import type { People } from './people/person.ts';
import type { Database } from './postgres/database.ts';
import type { AnswerOptions } from './reply/answer.ts';
import { createCards } from './reply/cards/cards.ts';
import { createDrawCards, DRAW_CARDS } from './reply/cards/job.ts';
import type { Pacer } from './reply/pace/pacer.ts';
import type { Aside } from './reply/ports.ts';
import { createAllowed } from './reply/tools/allowed.ts';
import { createLinking, type LinkFor } from './reply/tools/linking.ts';
import type { Calling } from './reply/tools/ports.ts';
import { createCardSurface } from './slack/send/cards.ts';
import { createTellLink } from './slack/send/tell.ts';
import type { Web } from './slack/send/web.ts';
import type { Windows } from './views/ports.ts';

export interface CallingOptions {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly gate: Gate;
  readonly people: Pick<People, 'of' | 'inChannel' | 'weAreIn'>;
  readonly web: Web;
  readonly pacer: Pacer;
  readonly windows: Pick<Windows, 'open'>;
  readonly aside: Aside;
  readonly sendFile: WholeOptions['sendFile'];
  /** What answers may call; absent: no server of tools is connected. */
  readonly calling?: Calling | undefined;
  /** How people link accounts of their own; absent: there is no way. */
  readonly linkFor?: LinkFor | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Calls of connected tools: how answers make them, people decide about them, and cards show them. */
interface CallingHere {
  readonly answering: Pick<AnswerOptions, 'calling' | 'cards'>;
  readonly pressing: Pick<PressingOptions, 'calls' | 'whole'>;
  readonly jobs: Readonly<Record<string, Handlers>>;
}

export function wireCalling(options: CallingOptions): CallingHere {
  const { database, web, pacer, calling, linkFor, clock, log } = options;
  const cards = createCards({ database, surface: createCardSurface(web), pacer, clock, log });
  const tell = createTellLink(web, log);
  const linking = linkFor === undefined ? {} : { linking: createLinking({ database, linkFor, tell }) };
  const allowed = createAllowed({ ...options, ...calling });
  return {
    answering: {
      cards,
      ...(calling === undefined ? {} : { calling: { cards, ...linking, ...calling } }),
    },
    pressing: {
      calls: createCallPress({ ...options, allowed, newId: randomUUID }),
      whole: createWhole(options),
    },
    jobs: {
      // A card that Slack does not take shows what was; whoever presses it is told what is.
      [DRAW_CARDS]: { handle: createDrawCards(cards), giveUp: async () => {} },
    },
  };
}
