import { configDefaults, defineConfig } from 'vitest/config';

// These look at processes through /proc. The launcher itself is not bound to Linux.
const onlyOnLinux = process.platform === 'linux' ? [] : ['test/postgres/embedded/**'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...onlyOnLinux],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Most time goes to waiting for Postgres and sockets, so one more than the two cores of a small CI machine.
    maxWorkers: 3,
    // Waits look often and give up late, so that a busy machine changes nothing; each of them before its test does.
    expect: { poll: { timeout: 60_000, interval: 50 } },
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
