import { expect, test } from 'vitest';
import { checkUndici, undiciProblem } from '../../../../src/slack/guards/undici.ts';

test.each([
  ['7.30.2', 'v20.20.2'],
  ['7.0.0', 'v24.1.0'],
  ['8.0.0', 'v22.19.0'],
  ['8.4.1', 'v24.0.0'],
])('undici %s runs on Node.js %s', (undici, node) => {
  expect(undiciProblem(undici, node)).toBeNull();
});

test.each([
  ['8.0.0', 'v20.20.2', 'npm install undici@7'],
  ['8.0.0', 'v22.18.9', 'Node.js 22.19 or newer'],
  ['9.0.0', 'v20.0.0', 'npm install undici@7'],
  ['6.21.0', 'v20.20.2', 'too old'],
  ['unknown', 'v20.20.2', "can't be read"],
  ['7.1.1', 'latest', "can't be read"],
])('undici %s on Node.js %s is refused with a way out', (undici, node, words) => {
  expect(undiciProblem(undici, node)).toContain(words);
});

test('the installed undici fits the Node.js that runs the tests', () => {
  expect(() => checkUndici(process.version)).not.toThrow();
});

test('an undici that does not fit stops the start with a code', () => {
  expect(() => checkUndici('v20.20.2', '8.1.0')).toThrow(
    expect.objectContaining({ code: 'RUNTIME_UNSUPPORTED' }),
  );
});
