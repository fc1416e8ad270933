import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { migrationProblems } from '../../../scripts/migration-rules.ts';
import { ROOT } from '../../support/source.ts';

it('all migrations of this version can meet a busy database', () => {
  const names = readdirSync(join(ROOT, 'migrations')).filter((name) => name.endsWith('.sql'));
  const text = (name: string) => readFileSync(join(ROOT, 'migrations', name), 'utf8');
  expect(names.flatMap((name) => migrationProblems(name.slice(0, -4), text(name)))).toEqual([]);
});

const T = '"skein"."messages"';

it.each([
  [`CREATE INDEX "x" ON ${T} ("a");`, 'built concurrently'],
  [`CREATE UNIQUE INDEX "x" ON ${T} ("a");`, 'built concurrently'],
  [`CREATE INDEX CONCURRENTLY IF NOT EXISTS "x" ON ${T} ("a");`, 'outside a transaction'],
  [`-- outside a transaction\nCREATE INDEX CONCURRENTLY "x" ON ${T} ("a");`, 'if not exists'],
  [`-- outside a transaction\nUPDATE ${T} SET a = 1;`, 'only indexes'],
  [`ALTER TABLE ${T} ADD CONSTRAINT "x" CHECK (a > 0);`, 'not valid'],
  [`ALTER TABLE ${T} ADD CONSTRAINT "x" FOREIGN KEY ("a") REFERENCES "skein"."replies"("id");`, 'not valid'],
  [`ALTER TABLE ${T} ADD CONSTRAINT "x" UNIQUE ("a");`, 'using index'],
  [`ALTER TABLE ${T} ADD COLUMN "a" integer NOT NULL;`, 'has a default'],
  [`ALTER TABLE ${T} ADD COLUMN "a" uuid DEFAULT gen_random_uuid() NOT NULL;`, 'the same for all rows'],
  [`UPDATE ${T} SET "a" = 1;`, 'in batches'],
  [`DELETE FROM ${T} WHERE "a" = 1;`, 'in batches'],
  [`ALTER TABLE ${T} ALTER COLUMN "a" SET NOT NULL;`, 'validated check'],
  [`ALTER TABLE ${T} ALTER COLUMN "a" SET DATA TYPE bigint;`, 'new column'],
  [`ALTER TABLE ${T} DROP COLUMN "a";`, 'needs'],
  [`DROP TABLE ${T};`, 'needs'],
])('%s is refused: %s', (text, what) => {
  expect(migrationProblems('0099_x', text).join('\n')).toContain(what);
});

it.each([
  `ALTER TABLE ${T} ADD COLUMN "a" integer DEFAULT 0 NOT NULL;`,
  `-- outside a transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS "x" ON ${T} ("a");`,
  `ALTER TABLE ${T} ADD CONSTRAINT "x" CHECK (a > 0) NOT VALID;--> statement-breakpoint\nALTER TABLE ${T} VALIDATE CONSTRAINT "x";`,
  `-- needs: 0018_fair_jobs\nALTER TABLE ${T} DROP COLUMN "a";`,
  `CREATE TABLE "skein"."new" ("a" integer);--> statement-breakpoint\nCREATE INDEX "x" ON "skein"."new" ("a");`,
  `ALTER TABLE ${T} ADD COLUMN "a" integer;`,
  `-- small: "settings"\nDELETE FROM "skein"."settings" WHERE "key" = 'a';`,
  `-- small: "settings", "installations"\nCREATE INDEX "x" ON "skein"."settings" USING btree ("a");`,
])('%s is taken', (text) => {
  expect(migrationProblems('0099_x', text)).toEqual([]);
});
