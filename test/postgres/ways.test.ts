import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createLog } from '../../src/log.ts';
import { type DatabaseOptions, openDatabase } from '../../src/postgres/database.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { requireSessions } from '../../src/postgres/sessions.ts';
import { createTestDatabase } from '../support/database.ts';
import { CERTIFICATE, throughPooler, withoutTls, withTls } from '../support/ways.ts';

async function direct(): Promise<string> {
  const { url, drop } = await createTestDatabase();
  onTestFinished(() => drop());
  return url;
}

function open(url: string, more: Partial<DatabaseOptions> = {}) {
  const log = createLog('error', { write: () => {} });
  const database = openDatabase({ url, max: 4, clock: systemClock, log, ...more });
  // Before the database is dropped: what was last registered runs first.
  onTestFinished(() => database.close());
  return database;
}

describe('a certificate of one’s own authority', () => {
  const secured = async (mode: string | null, host = '127.0.0.1') => {
    const url = new URL(await withTls(await direct()));
    url.hostname = host;
    if (mode !== null) url.searchParams.set('sslmode', mode);
    return url.href;
  };

  it.each(['require', 'verify-ca', 'verify-full'])(
    'is refused at the start without that authority, with what to do (sslmode=%s)',
    async (mode) => {
      const warnings: Error[] = [];
      const hear = (warning: Error) => void warnings.push(warning);
      process.on('warning', hear);
      const failed = await migrate(await secured(mode)).catch((thrown: unknown) => thrown);
      process.off('warning', hear);
      expect(failed).toMatchObject({ code: 'DATABASE_CERTIFICATE' });
      expect(String(failed)).toContain('DATABASE_CA');
      expect(String(failed)).toContain('sslmode=no-verify');
      expect(warnings).toEqual([]);
    },
  );

  it.each([
    ['require', '127.0.0.1', true],
    ['verify-ca', '127.0.0.1', true],
    ['verify-full', 'localhost', true],
    ['verify-full', '127.0.0.1', false],
    [null, 'localhost', true],
    [null, '127.0.0.1', false],
  ])('is trusted with it where the mode allows the name: sslmode=%s to %s: %s', async (mode, host, works) => {
    const url = await secured(mode, host);
    const trying = requireSessions({ url, ca: CERTIFICATE }, systemClock);
    if (works) await trying;
    else await expect(trying).rejects.toMatchObject({ code: 'DATABASE_CERTIFICATE' });
  });

  it('is not looked at with sslmode=no-verify, and the authority may be a file or a parameter of the URL', async () => {
    expect(await open(await secured('no-verify')).condition(5000)).toBe('ok');
    const file = join(tmpdir(), `skein-ca-${process.pid}.pem`);
    writeFileSync(file, CERTIFICATE);
    onTestFinished(() => rmSync(file));
    expect(await open(await secured('require'), { ca: file }).condition(5000)).toBe('ok');
    const url = new URL(await secured('verify-ca'));
    url.searchParams.set('sslrootcert', file);
    expect(await open(url.href).condition(5000)).toBe('ok');
  });

  it('in a file that is not there is a problem of the configuration, named by its path', async () => {
    const url = await secured('require');
    await expect(migrate(url, '/nope.pem')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(migrate(url, '/nope.pem')).rejects.toThrow('/nope.pem');
  });
});

it('a server without TLS is refused at the start where TLS is asked for, with what to do', async () => {
  const url = `${await withoutTls(await direct())}?sslmode=require`;
  const failed = await migrate(url).catch((thrown: unknown) => thrown);
  expect(failed).toMatchObject({ code: 'DATABASE_CERTIFICATE' });
  expect(String(failed)).toContain('sslmode=disable');
});

describe('a pooler in transaction mode', () => {
  it('is recognised, also while others use it, and told with what to do', async () => {
    const url = await throughPooler(await direct());
    for (let time = 0; time < 3; time++) {
      const failed = await requireSessions({ url }, systemClock).catch((thrown: unknown) => thrown);
      expect(failed).toMatchObject({ code: 'DATABASE_POOLED' });
      expect(String(failed)).toContain('DATABASE_DIRECT_URL');
    }
  });

  it('is not seen in the server itself', async () => {
    await requireSessions({ url: await direct() }, systemClock);
  });

  it('serves statements and transactions side by side if there is a direct way for the rest', async () => {
    const database = open(await throughPooler(await direct()), { sessions: false });
    const count = async (name: string) => {
      for (let time = 0; time < 20; time++)
        await database.transaction(async (tx) => {
          await tx.execute(
            sql`insert into skein.seen (team, channel, ts) values (${name}, 'C', ${String(time)})`,
          );
          const { rows } = await tx.execute(
            sql`select count(*)::int as n from skein.seen where team = ${name}`,
          );
          expect(rows).toEqual([{ n: time + 1 }]);
        });
    };
    await Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(count));
  });
});
