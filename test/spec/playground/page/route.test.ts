import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatRoute,
  INSPECTOR_TABS,
  parseRoute,
  type Route,
} from '../../../../playground/page/state/route.ts';

const EMPTY_ROUTE: Route = { channel: null, thread: null, home: false, person: null, inspector: null };

const id = fc.stringMatching(/^[A-Z0-9]{1,12}$/);
const ts = fc
  .tuple(fc.nat(2_000_000_000), fc.nat(999_999))
  .map(([s, us]) => `${s}.${String(us).padStart(6, '0')}`);
const route = fc
  .record({
    channel: id,
    thread: fc.option(ts),
    home: fc.boolean(),
    person: fc.option(id),
    inspector: fc.option(fc.constantFrom(...INSPECTOR_TABS)),
  })
  // One sees a thread or the Home tab, never both.
  .map((one) => ({ ...one, home: one.home && one.thread === null }));

describe('the address of what is on screen', () => {
  test('leads back to the same place, person and inspector', () => {
    fc.assert(
      fc.property(route, (wanted) => {
        expect(parseRoute(formatRoute(wanted))).toEqual(wanted);
      }),
    );
  });

  test('may be anything without harm', () => {
    fc.assert(
      fc.property(fc.string(), (hash) => {
        const { channel, thread } = parseRoute(hash);
        expect(channel ?? 'A').toMatch(/^[\w-]+$/);
        expect(thread ?? '1.1').toMatch(/^[\d.]+$/);
      }),
    );
    expect(parseRoute('')).toEqual(EMPTY_ROUTE);
    expect(parseRoute('#/C1/<img src=x>?as=%00&inspect=secrets')).toEqual({ ...EMPTY_ROUTE, channel: 'C1' });
  });
});
