import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText } from '../../../src/render/plain.ts';
import { runs } from '../../support/runs.ts';
import { answer, hostile } from './generate.ts';

describe('the accessibility text', () => {
  it.each([
    ['# Title\n\nSome **bold** and _soft_ `code`.', 'Title\n\nSome bold and soft code.'],
    ['- one\n- [x] two\n\n3. three', '• one\n• two\n\n3. three'],
    ['see [the **docs**](https://example.com) now', 'see the docs now'],
    ['```ts\nconst a = b < c && d;\n```', 'const a = b &lt; c &amp;&amp; d;'],
    ['| a | b |\n| --- | --- |\n| 1 | **2** |', 'a, b\n1, 2'],
    ['> said\n\n---\n\nsnake_case 5*3', 'said\n\nsnake_case 5*3'],
    ['<!channel> &amp; <@U1>', '@channel &amp; @someone'],
    ['```\n<!channel>\n```', '&lt;!channel&gt;'],
  ])('is the words of %j', (markdown, expected) => {
    expect(plainText(markdown, 3_000)).toBe(expected);
  });

  it('is cut between characters and says so', () => {
    expect(plainText('👩‍👩‍👧‍👦'.repeat(3), 25)).toBe(`${'👩‍👩‍👧‍👦'.repeat(2)}…`);
    expect(plainText('a & b & c', 5)).toBe('a…');
  });

  it('keeps its limit and carries no live token, whatever it is made from', () => {
    fc.assert(
      fc.property(fc.oneof(answer, hostile), fc.integer({ min: 1, max: 600 }), (markdown, limit) => {
        const text = plainText(markdown, limit);
        expect(text.length).toBeLessThanOrEqual(limit);
        expect(text).not.toMatch(/[<>]/);
        expect(text.replace(/&(?:amp|lt|gt);/g, '')).not.toContain('&');
      }),
      runs(150, 15_000),
    );
  });
});
