import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFrameReader, createSqlReader, createStartReader } from './frames.ts';

function message(type: string, body: string): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(4);
  head.writeInt32BE(bytes.length + 4);
  return Buffer.concat([Buffer.from(type), head, bytes]);
}

it('statements are read from a stream that is cut anywhere', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'é', ' ', '\n'), maxLength: 30 }), { maxLength: 8 }),
      fc.array(fc.nat({ max: 40 }), { maxLength: 30 }),
      (statements, cuts) => {
        const stream = Buffer.concat([
          message('', 'protocol and user'),
          ...statements.flatMap((sql, at) => [
            ...(at % 2 === 0
              ? [message('Q', `${sql}\0`)]
              : [message('P', `\0${sql}\0\0\0`), message('B', '\0\0\0\0\0\0\0\0')]),
            message('S', ''),
          ]),
        ]);
        const read = createFrameReader('client');
        const sqlOf = createSqlReader();
        const found: string[] = [];
        for (let from = 0, cut = 0; from < stream.length; cut++) {
          const to = from + 1 + (cuts[cut] ?? 1000);
          for (const frame of read(stream.subarray(from, to))) {
            const sql = sqlOf(frame);
            if (sql !== null) found.push(sql);
          }
          from = to;
        }
        expect(found).toEqual(statements);
      },
    ),
  );
});

it('a prepared statement is read each time it runs, not only when its text is sent', () => {
  const sqlOf = createSqlReader();
  const read = createFrameReader('client');
  const run = (name: string) => message('B', `\0${name}\0\0\0\0\0\0\0`);
  const stream = Buffer.concat([
    message('', 'protocol and user'),
    message('P', 'one\0select 1\0\0\0'),
    run('one'),
    message('P', 'two\0select 2\0\0\0'),
    run('one'),
    run('two'),
    run('one'),
  ]);
  expect(read(stream).map(sqlOf)).toEqual([null, 'select 1', null, 'select 1', 'select 2', 'select 1']);
});

it('a client that asks for TLS first says who it is after that', () => {
  const tls = Buffer.alloc(8);
  tls.writeInt32BE(8);
  tls.writeInt32BE(80_877_103, 4);
  const read = createFrameReader('client');
  expect(
    read(Buffer.concat([tls, message('', 'protocol and user'), message('Q', 'select 1\0')])),
  ).toHaveLength(1);
});

it('a client is known by the name that it gives when it connects, with or without a request for TLS before it', () => {
  const start = message('', '\0\x03\0\0user\0skein\0application_name\0skein presence\0\0');
  const tls = Buffer.alloc(8);
  tls.writeInt32BE(8);
  tls.writeInt32BE(80_877_103, 4);
  expect(createStartReader()(start)).toBe('skein presence');
  const after = createStartReader();
  expect([after(tls), after(start), after(start)]).toEqual([null, 'skein presence', null]);
  expect(createStartReader()(message('', '\0\x03\0\0user\0skein\0\0'))).toBeNull();
});
