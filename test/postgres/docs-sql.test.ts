import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { ROOT } from '../support/source.ts';

/** Statements of a page: blocks of SQL, and inline ones. */
function statementsOf(page: string): string[] {
  const blocks = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.split(';'));
  const inline = [...page.matchAll(/`(select [^`]+)`/g)].map(([, text = '']) => text);
  return [...blocks, ...inline].map((text) => text.trim()).filter((text) => text !== '');
}

it('each query that the pages give to operators asks for what there is', async () => {
  const pages = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  const statements = pages.flatMap((name) => statementsOf(readFileSync(join(ROOT, 'docs', name), 'utf8')));
  expect(statements.length).toBeGreaterThan(10);
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  for (const text of statements)
    expect([
      text,
      await client.query(`explain ${text}`).then(
        () => 'can be asked',
        ({ message }: Error) => message,
      ),
    ]).toEqual([text, 'can be asked']);
  await client.end();
  await database.drop();
});
