import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RenderLimits } from '../../../src/render/limits.ts';
import { createRenderer } from '../../../src/render/renderer.ts';
import { runs } from '../../support/runs.ts';
import { answer, deltasOf, hostile } from './generate.ts';
import { joinedText, nodes, parse, visibleText } from './visible.ts';

/** Small enough that every generated answer is cut several times. */
const small: RenderLimits = {
  characters: 480,
  bytes: 640,
  json: 700,
  tableRows: 6,
  tableColumns: 5,
  tableCharacters: 450,
  tables: 1,
};
const cuts = fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 30 });
const anything = fc.oneof(answer, hostile);

function render(text: string, limits: Partial<RenderLimits> = small): string[] {
  const renderer = createRenderer(limits);
  renderer.push(text);
  renderer.finish();
  return renderer.segments().map((segment) => segment.markdown);
}

/** Calls back with what is shown after each delta and after the end. */
function stream(
  text: string,
  places: readonly number[],
  look: (shown: string[], sealed: number) => void,
): string[] {
  const renderer = createRenderer(small);
  const see = () => {
    const segments = renderer.segments();
    const shown = segments.map((segment) => segment.markdown);
    look(shown, segments.filter((segment) => segment.sealed).length);
    return shown;
  };
  for (const delta of deltasOf(text, places)) {
    renderer.push(delta);
    see();
  }
  renderer.finish();
  return see();
}

// Slack's page on formatting text: these forms, whole, are all that is a mention.
const control =
  /<(?:!(?:channel|here|everyone|group)(?:[|^][^<>\n]*)?|!(?:subteam|date)\^[^<>\n]*|@[UWBST][A-Z0-9]+(?:\|[^<>\n]*)?|#[CDG][A-Z0-9]+(?:\|[^<>\n]*)?)>/;

const HOLDS_BLOCKS = new Set(['root', 'blockquote', 'list', 'listItem', 'table', 'tableRow']);

/** What a reader one step more lenient would make of it. */
const decoded = (text: string) =>
  text
    .replace(/&(?:lt|#0*60|#x0*3c);?/gi, '<')
    .replace(/&(?:excl|#33|#x21);/gi, '!')
    .replace(/&(?:commat|#64);/gi, '@')
    .replace(/&amp;/g, '&');

describe('an answer', () => {
  it('is shown completely, once and in order, over as many segments as it takes', () => {
    fc.assert(
      fc.property(answer, (text) => {
        expect(joinedText(render(text))).toBe(visibleText(text));
      }),
      runs(25, 2_000),
    );
  });

  it('reads the same when it fits one segment', () => {
    fc.assert(
      fc.property(answer, (text) => {
        expect(joinedText(render(text, {}))).toBe(visibleText(text));
      }),
      runs(25, 1_500),
    );
  });

  it('shows only true beginnings of itself while it is written', () => {
    fc.assert(
      fc.property(answer, fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 8 }), (text, places) => {
        const whole = visibleText(text);
        stream(text, places, (shown) => {
          const visible = joinedText(shown);
          expect(visible).toBe(whole.slice(0, visible.length));
        });
      }),
      runs(10, 1_000),
    );
  });
});

describe('anything a model may write', () => {
  it('is the same in the end however it was cut into deltas', () => {
    fc.assert(
      fc.property(anything, cuts, (text, places) => {
        expect(stream(text, places, () => {})).toEqual(render(text));
      }),
      runs(100, 20_000),
    );
  });

  it('keeps every limit at every moment', () => {
    fc.assert(
      fc.property(anything, cuts, (text, places) => {
        stream(text, places, (shown) => {
          for (const markdown of shown) {
            expect(markdown).not.toBe('');
            expect(markdown.length).toBeLessThanOrEqual(small.characters);
            expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(small.bytes);
            expect(markdown.isWellFormed?.() ?? true).toBe(true);
            let cells = 0;
            const tables = [...nodes(parse(markdown))].filter((node) => node.type === 'table');
            expect(tables.length).toBeLessThanOrEqual(small.tables);
            for (const table of tables) {
              expect(table.children?.length).toBeLessThanOrEqual(small.tableRows);
              for (const row of table.children ?? []) {
                expect(row.children?.length).toBeLessThanOrEqual(small.tableColumns);
                cells += [...nodes(row)].reduce((sum, node) => sum + (node.value?.length ?? 0), 0);
              }
            }
            expect(cells).toBeLessThanOrEqual(small.tableCharacters);
          }
        });
      }),
      runs(25, 2_500),
    );
  });

  it('never changes once it is sealed', () => {
    fc.assert(
      fc.property(anything, cuts, (text, places) => {
        let before: string[] = [];
        stream(text, places, (shown, sealed) => {
          expect(shown.slice(0, before.length)).toEqual(before);
          before = shown.slice(0, sealed);
        });
      }),
      runs(100, 22_000),
    );
  });

  it('contains no control sequence of Slack, neither as it stands nor as a parser reads it', () => {
    fc.assert(
      fc.property(hostile, cuts, (text, places) => {
        stream(text, places, (shown) => {
          for (const markdown of shown) {
            const readings = [markdown];
            for (const node of nodes(parse(markdown))) {
              // Nobody reads the end of one block and the beginning of the next as one word.
              if (!HOLDS_BLOCKS.has(node.type))
                readings.push([...nodes(node)].map((each) => each.value ?? '').join(''));
            }
            for (let reading of readings) {
              for (let layer = 0; layer < 3; layer++, reading = decoded(reading)) {
                expect(reading).not.toMatch(control);
              }
            }
          }
        });
      }),
      runs(80, 20_000),
    );
  });

  it('contains no HTML, no image and no link but to the web, mail and phone', () => {
    fc.assert(
      fc.property(anything, (text) => {
        for (const markdown of render(text)) {
          for (const node of nodes(parse(markdown))) {
            expect(node.type).not.toMatch(/^(?:html|image|definition)$/);
            if (node.type === 'link') expect(node.url).toMatch(/^(?:https?|mailto|tel):/i);
          }
        }
      }),
      runs(30, 15_000),
    );
  });
});
