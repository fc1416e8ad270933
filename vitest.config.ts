import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

// These look at processes through /proc. The launcher itself is not bound to Linux.
const onlyOnLinux = process.platform === 'linux' ? [] : ['test/postgres/embedded/**'];
/** Files for a process each: servers that a process joins and leaves as a whole, memory that is measured. */
const ALONE = ['test/postgres/embedded/**/*.test.ts', 'test/spec/files/**/*.test.ts'];

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    // Most time goes to waiting for Postgres, sockets and leases, so more than the two cores of a small CI machine.
    maxWorkers: 5,
    // Those with a process each first: the longest waits are among them.
    projects: [
      project('alone', true, ALONE, []),
      // The same modules are loaded once for each worker, not for each file.
      project('together', false, ['test/**/*.test.ts'], ALONE),
    ],
  },
});

function project(
  name: string,
  isolate: boolean,
  include: string[],
  exclude: readonly string[],
): TestProjectInlineConfiguration {
  return {
    test: {
      name,
      isolate,
      include,
      exclude: [...configDefaults.exclude, ...onlyOnLinux, ...exclude],
      pool: 'forks',
      // Waits look often and give up late, so that a busy machine changes nothing; each of them before its test does.
      expect: { poll: { timeout: 60_000, interval: 50 } },
      testTimeout: 180_000,
      hookTimeout: 180_000,
    },
  };
}
