import { describe, expect, it } from 'vitest';
import { createRenderer } from '../../../src/render/renderer.ts';

/** Work of a whole reply, in characters looked at. */
function work(text: string, delta: number, look: boolean): number {
  const renderer = createRenderer();
  for (let at = 0; at < text.length; at += delta) {
    renderer.push(text.slice(at, at + delta));
    if (look) renderer.segments();
  }
  renderer.finish();
  renderer.segments();
  return renderer.work();
}

const shapes: readonly (readonly [string, (size: number) => string])[] = [
  ['prose', (size) => 'Some words, **bold** and `code`.\n\n'.repeat(size / 34)],
  ['one word without end', (size) => 'a'.repeat(size)],
  ['rows of a table', (size) => `| a | b |\n|---|---|\n${'| one | two |\n'.repeat(size / 14)}`],
  ['an open fence', (size) => `\`\`\`ts\n${'const a = 1;\n'.repeat(size / 13)}`],
  ['an open bold', (size) => `**${'word '.repeat(size / 5)}`],
  ['open brackets', (size) => '['.repeat(size)],
  ['half links', (size) => '[a]('.repeat(size / 4)],
  ['back-ticks', (size) => '` `` ``` '.repeat(size / 9)],
  ['asterisks', (size) => '*a **b '.repeat(size / 7)],
  ['angle brackets', (size) => '<'.repeat(size)],
  ['ampersands', (size) => '&amp'.repeat(size / 4)],
  ['empty lines', (size) => '\n'.repeat(size)],
  ['bare addresses', (size) => 'https://example.com/a_b '.repeat(size / 24)],
  ['formulas without an end', (size) => '\\(a \\[b= $x '.repeat(size / 13)],
  ['tildes and names', (size) => '~a __b **c '.repeat(size / 11)],
  ['pieces of mentions', (size) => '<@U1| <!subteam^'.repeat(size / 16)],
  ['pipes in code', (size) => `| a | b |\n|---|---|\n${'| `a | b` | ` |\n'.repeat(size / 16)}`],
  ['quotes in quotes', (size) => `${'> '.repeat(40)}x\n`.repeat(size / 82)],
];

describe('the cost of a reply', () => {
  it.each(shapes)('grows with its length and no faster: %s', (_name, make) => {
    const once = work(make(50_000), 997, false);
    const four = work(make(200_000), 997, false);
    expect(four).toBeLessThan(once * 4.6);
    expect(four).toBeLessThan(200_000 * 14);
  });

  it.each(shapes)('has a bound for each look at it: %s', (_name, make) => {
    const blind = work(make(60_000), 300, false);
    const seeing = work(make(60_000), 300, true);
    // 200 looks, each at most a few times what one segment holds.
    expect(seeing - blind).toBeLessThan(201 * 5 * 11_000);
  });
});
