import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFrameReader, sqlOf } from './frames.ts';

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
            at % 2 === 0 ? message('Q', `${sql}\0`) : message('P', `name\0${sql}\0\0\0`),
            message('S', ''),
          ]),
        ]);
        const read = createFrameReader('client');
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

it('a client that asks for TLS first says who it is after that', () => {
  const tls = Buffer.alloc(8);
  tls.writeInt32BE(8);
  tls.writeInt32BE(80_877_103, 4);
  const read = createFrameReader('client');
  expect(
    read(Buffer.concat([tls, message('', 'protocol and user'), message('Q', 'select 1\0')])),
  ).toHaveLength(1);
});
