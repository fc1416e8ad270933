import { date, primaryKey, text } from 'drizzle-orm/pg-core';
import { skein } from '../postgres/schema.ts';

/** A person who was told that they may not ask here: once a day is enough. */
export const refusals = skein.table(
  'refusals',
  {
    team: text().notNull(),
    channel: text().notNull(),
    person: text().notNull(),
    /** UTC. */
    day: date().notNull(),
  },
  (t) => [primaryKey({ columns: [t.day, t.team, t.channel, t.person] })],
);
