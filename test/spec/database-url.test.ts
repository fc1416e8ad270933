import fc from 'fast-check';
import { expect, it } from 'vitest';
import { databaseUrlProblem } from '../../src/database-url.ts';

it.each([
  'postgres://u:p@h:5432/db',
  'postgresql://u@h/db',
  'postgres://h',
  'postgres://u:p%23%2F%3F%25@h/db?sslmode=verify-full&sslrootcert=/etc/ca.pem',
  'postgres://u:p@ss@h/db',
  'postgres:///db?host=/var/run/postgresql',
  'postgres://u@/db?host=/var/run/postgresql',
  'postgres://u:p@/db?host=/tmp',
  'postgres://%2Fvar%2Frun%2Fpostgresql/db',
  'postgres://u:p@[::1]:5432/db',
  'postgres://h:5432/db?application_name=me@home',
])('%s is taken', (url) => {
  expect(databaseUrlProblem(url)).toBeNull();
});

it.each([
  ['postgres://u:pa#ss@h:5432/db', '%23'],
  ['postgres://u:pa/ss@h:5432/db', '%2F'],
  ['postgres://u:pa?ss@h:5432/db', '%3F'],
  ['postgres://u:1/ss@h:5432/db', '%2F'],
  ['postgres://h/db#x', '%23'],
  ['postgres://u:p%zz@h/db', '%25'],
  ['postgres://u:p%@h/db', '%25'],
  ['postgres://u:p%ff@h/db', '%25'],
  ['postgres://u:p@h1,h2/db', 'several hosts'],
  ['postgres://u:p@h1:5432,h2:5432/db', 'several hosts'],
  ['postgres://u:p@/db?host=h1,h2', 'several hosts'],
  ['host=h dbname=db user=u', 'key=value'],
  ['/var/run/postgresql', '?host='],
  ['"postgres://u:p@h/db"', 'quotes'],
  ['mysql://u:p@h/db', 'postgres://'],
  ['postgres://u:p@h:99999/db', 'no URL'],
  ['postgres://h/db?sslmode=prefer', 'sslmode=prefer'],
  ['postgres://h/db?sslmode=on', 'unknown sslmode'],
])('%s is refused with what to do: %s', (url, what) => {
  const problem = databaseUrlProblem(url) ?? '';
  expect(problem).toContain(what);
  expect(problem).not.toMatch(/pa[#/?]ss/);
});

it('a password of any characters is taken once it is encoded, and never told when it is not', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (password) => {
      let encoded: string;
      try {
        encoded = encodeURIComponent(password);
      } catch {
        return;
      }
      expect(databaseUrlProblem(`postgres://u:${encoded}@h:5432/db?sslmode=require`)).toBeNull();
      const problem = databaseUrlProblem(`postgres://u:secret${password}secret@h:5432/db`);
      expect(problem ?? '').not.toContain('secret');
    }),
  );
});

it('no URL takes long to be looked at', () => {
  for (const part of ['a', '@', '%41', '/', '?', '#', ',', ':', '?host=', ' '])
    expect(() => databaseUrlProblem(`postgres://${part.repeat(20_000)}`)).not.toThrow();
});
