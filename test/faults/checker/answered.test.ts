import { expect, it } from 'vitest';
import { linesOf } from './answered.ts';

it('a table that was cut within its second line reads the same as it was said and as it is shown', () => {
  const said = 'Before.\n\n| name | count | what |\n| --- | --';
  expect(linesOf('Before.\n\n| name | count | what |\n\u2060| --- | --')).toBe(linesOf(said));
  expect(linesOf('Before.\n\n| name | count | what |\n| --- | ---: | --- |\n| kelp | 7 |')).not.toBe(
    linesOf(said),
  );
});
