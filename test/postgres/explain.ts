import { drizzle } from 'drizzle-orm/node-postgres';
import type { Database, Queryable } from '../../src/postgres/database.ts';

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Plan[];
}

/**
 * How Postgres would run the statements that `work` makes: `table by index`, or `table read whole`. The
 * statements are run as well.
 */
export async function accessOf(
  database: Database,
  work: (db: Queryable) => Promise<unknown>,
): Promise<string[]> {
  const statements: { text: string; values: unknown[] }[] = [];
  const db = drizzle(database.pool, {
    logger: { logQuery: (text, values) => statements.push({ text, values }) },
  });
  await work(db);
  const found = new Set<string>();
  for (const { text, values } of statements) {
    const { rows } = await database.pool.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
      `explain (format json) ${text}`,
      values,
    );
    for (const { Plan } of rows[0]?.['QUERY PLAN'] ?? []) collect(Plan, found);
  }
  return [...found].sort();
}

function collect(plan: Plan, found: Set<string>): void {
  const table = plan['Relation Name'];
  if (plan['Node Type'] === 'Seq Scan') found.add(`${table} read whole`);
  else if (plan['Index Name'] !== undefined) found.add(plan['Index Name']);
  for (const inner of plan.Plans ?? []) collect(inner, found);
}
