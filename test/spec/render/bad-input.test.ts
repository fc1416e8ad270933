import { describe, expect, it } from 'vitest';
import { slackLimits } from '../../../src/render/limits.ts';
import { createRenderer } from '../../../src/render/renderer.ts';

/** Pieces of a size that no mark in the text is a multiple of. */
const DELTA = 1009;
const LONG = 200_000;
const ROWS = 10_000;

function shown(text: string, steady: boolean): string[] {
  const renderer = createRenderer({ steady });
  for (let at = 0; at < text.length; at += DELTA) renderer.push(text.slice(at, at + DELTA));
  renderer.finish();
  return renderer.segments().map((segment) => segment.markdown);
}

function expectWithinLimits(segments: readonly string[]): void {
  for (const markdown of segments) {
    expect(markdown.length).toBeLessThanOrEqual(slackLimits.characters);
    expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(slackLimits.bytes);
    expect(markdown.isWellFormed()).toBe(true);
    expect(markdown).not.toContain('\u0000');
  }
}

const count = (segments: readonly string[], what: string | RegExp) =>
  segments.reduce((sum, markdown) => sum + markdown.split(what).length - 1, 0);

describe.each([
  ['edited', false],
  ['appended to', true],
])('in a message that is %s', (_how, steady) => {
  it.each([
    ['letters', 'a', 'a'],
    ['Chinese', '好', '好'],
    ['emoji', '🙂', '🙂'],
  ])('200,000 characters without a space are all shown: %s', (_what, unit, letter) => {
    const segments = shown(unit.repeat(LONG), steady);
    expectWithinLimits(segments);
    expect(count(segments, letter)).toBe(LONG);
  });

  it('10,000 rows of a table are all shown, each once, under a header', () => {
    const rows = Array.from({ length: ROWS }, (_, index) => `| row${index}. | ${index % 7} |\n`).join('');
    const segments = shown(`| Name | Number |\n|---|---|\n${rows}`, steady);
    expectWithinLimits(segments);
    for (const markdown of segments) {
      expect(markdown.split('\n').length - 1).toBeLessThanOrEqual(slackLimits.tableRows);
      expect(markdown).toMatch(/^\| Name \| Number \|\n/);
    }
    const seen = segments.flatMap((markdown) =>
      [...markdown.matchAll(/row(\d+)\./g)].map((row) => Number(row[1])),
    );
    expect(seen).toEqual(Array.from({ length: ROWS }, (_, index) => index));
  });

  it('whatever is begun and never ended is shown to its last word', () => {
    const begun = [
      '**bold ',
      '*it ',
      '~~gone ',
      '`code ',
      '[label ',
      '![alt ',
      '<!chan ',
      '> quote ',
      '- item ',
      '1. one ',
    ];
    for (const first of begun)
      for (const second of [...begun, '```ts\n', '| a | b |\n|---|---|\n| ', '<div ', '&amp']) {
        const segments = shown(`before ${first}middle\n\n${second}the end`, steady);
        expectWithinLimits(segments);
        expect(segments.join('\n')).toContain('the end');
        expect(segments.join('\n')).not.toMatch(/<!chan/);
      }
  });

  it('NUL and halves of characters are no part of what is shown, all else is', () => {
    const text = `be\u0000fore \ud83d middle \udc00\ud83d\ude00 af\u0000\u0000ter`;
    for (let cut = 0; cut <= text.length; cut++) {
      const renderer = createRenderer({ steady });
      renderer.push(text.slice(0, cut));
      renderer.push(text.slice(cut));
      renderer.finish();
      const segments = renderer.segments().map((segment) => segment.markdown);
      expectWithinLimits(segments);
      expect(segments.join('').replace(/[^a-z😀]/gu, '')).toBe('beforemiddle😀after');
    }
  });

  it('nothing at all is no segment', () => {
    for (const text of ['', ' ', '\n\n\n', '\u0000']) expect(shown(text, steady).join('').trim()).toBe('');
  });

  it.each(['<!channel>', '<!here|here>', '<@U0ANA>', '<!subteam^S1|@team>', '&lt;!everyone&gt;'])(
    'a ping that comes in two pieces reaches nobody: %s',
    (ping) => {
      for (const around of ['', '`', '**', '> ', '```\n']) {
        const text = `say ${around}${ping}${around.trim()} now`;
        for (let cut = 0; cut <= text.length; cut++) {
          const renderer = createRenderer({ steady });
          const look = () => {
            const markdown = renderer
              .segments()
              .map((segment) => segment.markdown)
              .join('\n');
            expect(markdown).not.toMatch(/<!(?:channel|here|everyone|subteam)|<@U/);
          };
          renderer.push(text.slice(0, cut));
          look();
          renderer.push(text.slice(cut));
          look();
          renderer.finish();
          look();
        }
      }
    },
  );
});
