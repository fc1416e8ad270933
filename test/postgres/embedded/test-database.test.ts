import { describe, expect, it } from 'vitest';
import { createTestDatabase, useDatabase } from '../../support/database.ts';
import { ask } from './harness.ts';

describe('the database of a test', () => {
  const database = useDatabase();

  it('is migrated, and is its own', async () => {
    const tables = await ask(database.url, "select to_regclass('skein.migrations') is not null as migrated");
    expect(tables).toEqual([{ migrated: true }]);
    await ask(database.url, 'create table only_here ()');
    const other = await createTestDatabase();
    expect(await ask(other.url, "select to_regclass('only_here') as found")).toEqual([{ found: null }]);
    await other.drop();
  });

  it('is named after the test', () => {
    expect(new URL(database.url).pathname).toMatch(
      /^\/test_test_database_is_named_after_the_test_[0-9a-f]{8}$/,
    );
  });

  it('is gone once it is dropped', async () => {
    const other = await createTestDatabase();
    await other.drop();
    await expect(ask(other.url, 'select 1')).rejects.toMatchObject({ code: '3D000' });
  });
});
