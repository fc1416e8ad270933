import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/**/tables.ts',
  out: './migrations',
  schemaFilter: ['skein'],
  migrations: { schema: 'skein', table: 'migrations' },
});
