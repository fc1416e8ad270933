import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { parseToolHosts } from '../../../src/tool-hosts.ts';
import { isPublic } from '../../../src/tools/mcp/addresses.ts';
import {
  createOutgoing,
  NotSent,
  type Outgoing,
  type OutgoingOptions,
} from '../../../src/tools/mcp/outgoing.ts';
import { modelName } from '../../../src/tools/servers/names.ts';
import { standin } from '../../support/tools.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function outgoing(options: Partial<OutgoingOptions> = {}): Outgoing {
  const one = createOutgoing({ hosts: { any: true, named: [] }, proxy: null, ...options });
  ends.push(() => one.close());
  return one;
}

const inside = fc.constantFrom(
  [10, 0, 0, 1],
  [127, 0, 0, 1],
  [127, 9, 9, 9],
  [169, 254, 169, 254],
  [172, 16, 0, 1],
  [172, 31, 255, 255],
  [192, 168, 1, 1],
  [100, 64, 0, 1],
  [0, 0, 0, 0],
  [224, 0, 0, 1],
  [255, 255, 255, 255],
);

/** The ways in which a browser, and so `URL`, takes one address. */
const forms: readonly ((b: readonly number[]) => string)[] = [
  (b) => b.join('.'),
  (b) => String(b.reduce((sum, byte) => sum * 256 + byte, 0)),
  (b) => `0x${b.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`,
  (b) => b.map((byte) => `0${byte.toString(8)}`).join('.'),
  (b) => b.map((byte) => `0x${byte.toString(16)}`).join('.'),
  (b) => `${b[0]}.${((b[1] ?? 0) * 256 + (b[2] ?? 0)) * 256 + (b[3] ?? 0)}`,
  (b) => `${b.join('.')}.`,
  (b) => b.join('.').replaceAll('.', '。'),
  (b) => `[::ffff:${b.join('.')}]`,
  (b) => `[64:ff9b::${b.join('.')}]`,
  (b) => `[::${b.join('.')}]`,
  (b) =>
    `[2002:${((b[0] ?? 0) * 256 + (b[1] ?? 0)).toString(16)}:${((b[2] ?? 0) * 256 + (b[3] ?? 0)).toString(16)}::1]`,
];

describe('addresses', () => {
  test('of the inside are refused in whatever form they are written', () => {
    const one = outgoing();
    fc.assert(
      fc.property(
        inside,
        fc.constantFrom(...forms),
        fc.constantFrom('', ':443', ':8443'),
        (bytes, form, port) => {
          const url = new URL(`https://${form(bytes)}${port}/mcp`);
          expect(one.problem(url)).toBeInstanceOf(NotSent);
        },
      ),
    );
  });

  test('of IPv4 are public exactly outside of the special networks', () => {
    const special = (b: readonly number[]) => {
      const [a = 0, c = 0] = b;
      return (
        a === 0 ||
        a === 10 ||
        a === 127 ||
        a >= 224 ||
        (a === 169 && c === 254) ||
        (a === 192 && c === 168) ||
        (a === 172 && c >= 16 && c < 32) ||
        (a === 100 && c >= 64 && c < 128)
      );
    };
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), (bytes) => {
        if (special(bytes)) expect(isPublic(bytes.join('.'))).toBe(false);
        expect(isPublic(`::ffff:${bytes.join('.')}`)).toBe(isPublic(bytes.join('.')));
      }),
    );
    for (const address of ['8.8.8.8', '1.1.1.1', '104.16.0.1', '2606:4700::1111', '2a00:1450:4001:80b::200e'])
      expect(isPublic(address)).toBe(true);
    for (const address of [
      '::1',
      '::',
      'fe80::1',
      'fc00::1',
      'fd00:ec2::254',
      '2001:db8::1',
      '2001:0:1::1',
      'ff02::1',
      'fe80::1%eth0',
      '',
      'a.b',
    ])
      expect(isPublic(address)).toBe(false);
  });

  test('to which a name leads are looked at when the socket is opened, also when the name changes its mind', async () => {
    const tools = await standin(ends);
    let answers = ['93.184.216.34'];
    let asked = 0;
    const lookup: OutgoingOptions['lookup'] = (_host, _options, done) => {
      asked += 1;
      done(
        null,
        answers.map((address) => ({ address, family: 4 })),
      );
    };
    const one = outgoing({ lookup });
    const port = new URL(tools.url).port;
    answers = ['127.0.0.1'];
    await expect(one.fetch(`https://tools.example.com:${port}/mcp`)).rejects.toMatchObject({
      why: 'address',
    });
    answers = ['93.184.216.34', '10.0.0.1'];
    await expect(one.fetch(`https://tools.example.com:${port}/mcp`)).rejects.toMatchObject({
      why: 'address',
    });
    expect(asked).toBe(2);
    expect(tools.requests()).toHaveLength(0);
  });

  test('of hosts that the operator named are called, and no others where there is no star', async () => {
    const tools = await standin(ends);
    const { host } = new URL(tools.url);
    const one = outgoing({ hosts: { any: false, named: [host] } });
    expect((await one.fetch(tools.url)).status).toBe(406);
    await expect(one.fetch('https://tools.example.com/')).rejects.toMatchObject({ why: 'host' });
    await expect(one.fetch('http://127.0.0.1:1/')).rejects.toMatchObject({ why: 'host' });
  });

  test('to which a server redirects are not called', async () => {
    const [tools, other] = [await standin(ends), await standin(ends)];
    const named = [new URL(tools.url).host];
    const one = outgoing({ hosts: { any: true, named } });
    tools.fault({
      method: 'POST /mcp',
      fault: { kind: 'status', status: 307, headers: { location: other.url } },
    });
    expect(
      (await one.fetch(tools.url, { method: 'POST', body: 'x', headers: { authorization: 'Bearer secret' } }))
        .status,
    ).toBe(307);
    expect(other.requests()).toHaveLength(0);
  });
});

test('hosts are read as the operator writes them', () => {
  expect(parseToolHosts('*')).toEqual({ any: true, named: [] });
  expect(parseToolHosts('off')).toEqual({ any: false, named: [] });
  expect(parseToolHosts('*, Tools.example.com 127.0.0.1:4000,[::1]:80')).toEqual({
    any: true,
    named: ['tools.example.com', '127.0.0.1:4000', '[::1]:80'],
  });
  for (const wrong of ['https://x.example.com', 'a b/c', 'off, x.example.com', '*.example.com'])
    expect(typeof parseToolHosts(wrong)).toBe('string');
});

test('names for the model fit its API, stay, and differ where the names of tools differ', () => {
  const server = fc.stringMatching(/^[a-z][a-z0-9-]{0,19}$/);
  const tool = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 128 }),
    fc.stringMatching(/^[a-z_. /-]{0,60}$/),
  );
  fc.assert(
    fc.property(server, tool, tool, (name, one, other) => {
      expect(modelName(name, one)).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      if (one !== other) expect(modelName(name, one)).not.toBe(modelName(name, other));
    }),
  );
});
