import { describe, expect, it } from 'vitest';
import { plainPieces, plainText } from '../../../src/render/plain.ts';
import { createRenderer } from '../../../src/render/renderer.ts';
import { sizeOf } from '../../../src/render/size.ts';
import { divide, limitsBelow } from '../../../src/render/smaller.ts';
import { CASES } from './cases.ts';
import { meaningOf, READINGS } from './reading.ts';
import { squeeze } from './visible.ts';

/** The parts in which a refused segment is tried next; [] if it is small. */
const inParts = (markdown: string): string[] => {
  const limits = limitsBelow(markdown);
  return limits === null ? [] : divide(markdown, limits);
};

function render(text: string, steady = false): string[] {
  const renderer = createRenderer({ steady });
  for (const char of text) renderer.push(char);
  renderer.finish();
  return renderer.segments().map(({ markdown }) => markdown);
}

const meant = ({ source, text = source, code = [], links = [], marked = [] }: (typeof CASES)[number]) => ({
  text: squeeze(text),
  code,
  links,
  marked: marked.map(squeeze),
});

describe.each(Object.entries(READINGS))('read as %s', (_name, read) => {
  it.each(CASES.map((each) => [each.title, each] as const))('%s', (_title, each) => {
    for (const steady of [false, true])
      expect(meaningOf(render(each.source, steady).join('\n\n'), read)).toEqual(meant(each));
  });
});

describe('in a notification', () => {
  // A row is read as its cells with commas between them.
  const proses = CASES.filter(({ source }) => !source.includes('|---|'));
  it.each(proses.map((each) => [each.title, each] as const))('%s', (_title, each) => {
    const words = plainText(render(each.source).join('\n\n'), 3_000)
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&amp;/g, '&');
    expect(squeeze(words)).toBe(meant(each).text);
  });

  it('a row with a pipe in its code is its cells', () => {
    const [markdown = ''] = render('| a | b |\n|---|---|\n| `x | y` | 2*3*4 |');
    expect(plainText(markdown, 300)).toBe('a, b\nx | y, 2*3*4');
  });
});

describe('what can be copied', () => {
  it('code and placeholders have no invisible characters unless they hold a whole mention', () => {
    const source = '`Map<@UUIDString, T>` and `if (a<!b)`, <project-id>\n\n```\n<#CODE#>\n```';
    expect(render(source).join('')).not.toMatch(/[\u200b\u2060]/);
    expect(
      render('`<!channel>` `<@U123>` `<#C1|x>` `<!subteam^S1>`')
        .join('')
        .match(/\u2060/g),
    ).toHaveLength(4);
  });
});

describe('a segment that Slack refuses', () => {
  const code = `\`\`\`ts\n${'if ("a\\\\b" & <c>) "d"\n'.repeat(490)}\`\`\``;

  it('is counted as JSON with entities from the beginning', () => {
    for (const markdown of render(code)) expect(sizeOf(markdown).json).toBeLessThanOrEqual(12_600);
  });

  it('is cut into smaller ones until they are small, and nothing of it is lost', () => {
    let segments = render(code);
    for (let round = 0; round < 6; round++) {
      const next = segments.flatMap((markdown) => {
        const parts = inParts(markdown);
        for (const part of parts) expect(sizeOf(part).json).toBeLessThanOrEqual(sizeOf(markdown).json * 0.6);
        return parts.length === 0 ? [markdown] : parts;
      });
      segments = next;
    }
    for (const markdown of segments) expect(sizeOf(markdown).json).toBeLessThanOrEqual(1_600);
    const lines = segments.flatMap((markdown) =>
      markdown.split('\n').filter((line) => line.startsWith('if')),
    );
    expect(lines).toHaveLength(490);
  });

  it('is at last its words in pieces, with no mark, no mention and nothing lost', () => {
    const markdown = render(`**Bold** 2*3*4 <id> \`<!channel>\`\n\n${'word '.repeat(900)}`).join('');
    const pieces = plainPieces(markdown, 3_000);
    expect(pieces.length).toBe(2);
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(3_000);
    expect(pieces.join(' ')).toContain('Bold 2*3*4 <id> <\u2060!channel>');
    expect(pieces.join(' ').match(/word/g)).toHaveLength(900);
    expect(plainPieces('👩‍👩‍👧‍👦'.repeat(3), 25)).toEqual(['👩‍👩‍👧‍👦'.repeat(2), '👩‍👩‍👧‍👦']);
    expect(plainPieces('', 3_000)).toEqual([]);
  });
});
