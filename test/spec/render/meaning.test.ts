import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRenderer } from '../../../src/render/renderer.ts';
import { divide, limitsBelow } from '../../../src/render/smaller.ts';
import { runs } from '../../support/runs.ts';
import { deltasOf } from './generate.ts';
import { closed, nasty } from './nasty.ts';
import { meaningOf, READINGS } from './reading.ts';
import { joinedText } from './visible.ts';

/** The parts in which a refused segment is tried next; [] if it is small. */
const inParts = (markdown: string): string[] => {
  const limits = limitsBelow(markdown);
  return limits === null ? [] : divide(markdown, limits);
};

function render(text: string, options: Parameters<typeof createRenderer>[0] = {}): string[] {
  const renderer = createRenderer(options);
  renderer.push(text);
  renderer.finish();
  return renderer.segments().map(({ markdown }) => markdown);
}

const small = { characters: 480, bytes: 640, json: 700, tableCharacters: 450 };
const lettersOf = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '');

describe.each(Object.entries(READINGS))('what Claude writes, read as %s', (_name, read) => {
  it('has the links, the code and the emphasis that Claude put there, and no others', () => {
    fc.assert(
      fc.property(nasty, fc.boolean(), ({ source, ...meaning }, steady) => {
        expect(meaningOf(render(source, { steady }).join('\n\n'), read)).toEqual(meaning);
      }),
      runs(150, 80_000),
    );
  });
});

describe('what Claude writes', () => {
  it('is all there when it takes several messages, and again when Slack refused those', () => {
    fc.assert(
      fc.property(closed, ({ source, text }) => {
        const segments = render(source, small);
        expect(joinedText(segments)).toBe(text);
        const again = segments.flatMap((markdown) => {
          const pieces = inParts(markdown);
          return pieces.length === 0 ? [markdown] : pieces;
        });
        expect(joinedText(again)).toBe(text);
      }),
      runs(50, 20_000),
    );
  });

  it('is rendered once: a segment that is rendered again stays as it is', () => {
    fc.assert(
      fc.property(nasty, ({ source }) => {
        const once = render(source);
        expect(once.flatMap((markdown) => render(markdown))).toEqual(once);
      }),
      runs(50, 20_000),
    );
  });

  it('appears letter by letter: what was shown stays', () => {
    fc.assert(
      fc.property(nasty, fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 12 }), ({ source }, places) => {
        const whole = lettersOf(joinedText(render(source)));
        const renderer = createRenderer();
        for (const delta of deltasOf(source, places)) {
          renderer.push(delta);
          const shown = lettersOf(joinedText(renderer.segments().map(({ markdown }) => markdown)));
          expect(shown).toBe(whole.slice(0, shown.length));
        }
      }),
      runs(50, 20_000),
    );
  });
});
