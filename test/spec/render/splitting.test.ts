import { describe, expect, it } from 'vitest';
import type { RenderLimits } from '../../../src/render/limits.ts';
import { createRenderer } from '../../../src/render/renderer.ts';
import { nodes, parse, squeeze } from './visible.ts';

function segments(text: string, limits: Partial<RenderLimits> = { characters: 400 }): string[] {
  const renderer = createRenderer(limits);
  renderer.push(text);
  renderer.finish();
  return renderer.segments().map((segment) => segment.markdown);
}

const filler = (length: number) =>
  'lorem ipsum '
    .repeat(Math.ceil(length / 12))
    .slice(0, length)
    .trim();

describe('a reply that is too long for one message', () => {
  it('is cut at a blank line where there is one late enough', () => {
    const [first, second] = segments(`${filler(300)}\n\n${filler(200)}`);
    expect(first).toBe(filler(300));
    expect(second).toBe(filler(200));
  });

  it('is cut at the end of a sentence rather than in the middle of one', () => {
    const sentence = `${filler(90)}. `;
    const [first] = segments(sentence.repeat(8));
    expect(first).toMatch(/\.$/);
  });

  it('never leaves a heading alone at the end', () => {
    const [first, second] = segments(`${filler(345)}\n\n## Next\n\n${filler(90)} ${filler(90)}`);
    expect(first).toBe(filler(345));
    expect(second).toMatch(/^## Next\n\n/);
  });

  it('closes a code block and opens it again with its language', () => {
    const parts = segments(`\`\`\`ts\n${'const a = 1;\n'.repeat(60)}\`\`\``);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect(part).toMatch(/^```ts\nconst a = 1;\n[\s\S]*\nconst a = 1;\n```$/);
  });

  it('closes a code block in a list at its depth and keeps the number of the item', () => {
    const parts = segments(`3. do\n\n   \`\`\`sh\n${'   echo hello\n'.repeat(50)}   \`\`\`\n4. done`);
    expect(parts[1]).toMatch(/^3\. ```sh\n {3}echo hello\n/);
    expect(parts[0]).toMatch(/\n {3}```$/);
    expect(parts.at(-1)).toMatch(/(?:^|\n)4\. done$/);
  });

  it('repeats the header of a table', () => {
    const parts = segments(`| name | value |\n| :-- | --: |\n${'| alpha | 12345678 |\n'.repeat(40)}`);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect(part).toMatch(/^\| name \| value \|\n\| :-- \| --: \|\n\| alpha/);
    const rows = parts.flatMap((part) => part.split('\n').filter((line) => line.includes('alpha')));
    expect(rows).toHaveLength(40);
  });

  it('keeps tables within the rows that Slack shows', () => {
    const parts = segments(
      `| n |\n|---|\n${Array.from({ length: 250 }, (_, n) => `| ${n} |\n`).join('')}`,
      {},
    );
    for (const part of parts) expect(part.split('\n').length - 1).toBeLessThanOrEqual(100);
    expect(squeeze(parts.join('').replace(/[^\d]/g, ''))).toBe(
      Array.from({ length: 250 }, (_, n) => n).join(''),
    );
  });

  it('shows a table that is too wide for Slack as code', () => {
    const row = `|${' x |'.repeat(25)}`;
    const [part] = segments(`${row}\n|${'---|'.repeat(25)}\n${row}\n\nafter`, {});
    expect(parse(part ?? '').children?.map((node) => node.type)).toEqual(['code', 'paragraph']);
  });

  it('keeps the numbers of an ordered list', () => {
    const parts = segments(Array.from({ length: 30 }, (_, n) => `${n + 1}. ${filler(40)}`).join('\n'));
    const numbers = parts.flatMap((part) =>
      [...part.matchAll(/^(\d+)\. /gm)].map((found) => Number(found[1])),
    );
    expect(numbers).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
  });

  it('goes on at the same depth of a nested list', () => {
    const parts = segments(`1. top\n${`   - ${filler(60)}\n`.repeat(14)}2. next`);
    expect(parts[1]).toMatch(/^1\. - lorem[^\n]*\n {3}- lorem/);
  });

  it('closes emphasis and code and opens them again', () => {
    const bold = segments(`**${filler(900)}**`);
    for (const part of bold) expect(part).toMatch(/^\*\*[^*]+\*\*$/);
    const code = segments(`\`${filler(900)}\``);
    for (const part of code) expect(part).toMatch(/^`[^`]+`$/);
  });

  it('does not turn the middle of a line into a block', () => {
    const text = `${filler(341)} ${'- item # no heading 1. no number > no quote '.repeat(12)}`;
    for (const part of segments(text)) {
      expect(parse(part).children?.map((node) => node.type)).toEqual(['paragraph']);
    }
  });

  it('cuts a word without end between characters, never inside a family or a flag', () => {
    for (const unit of ['👩‍👩‍👧‍👦', '🇩🇪', 'e\u0301', '👍🏽', '日']) {
      const parts = segments(unit.repeat(400));
      expect(parts.join('')).toBe(unit.repeat(400));
      for (const part of parts) expect(part.replaceAll(unit, '')).toBe('');
    }
  });

  it('keeps a link whole', () => {
    const text = `${filler(330)} [a label of some length](https://example.com/${'x'.repeat(40)}) ${filler(200)}`;
    const links = segments(text).flatMap((part) =>
      [...nodes(parse(part))].filter((node) => node.type === 'link'),
    );
    expect(links.map((link) => link.url)).toEqual([`https://example.com/${'x'.repeat(40)}`]);
  });

  it('keeps bytes as well as characters', () => {
    for (const part of segments('汉字'.repeat(9_000), {}))
      expect(Buffer.byteLength(part)).toBeLessThanOrEqual(12_000);
  });

  it('refuses limits that leave no room for what is repeated', () => {
    expect(() => createRenderer({ characters: 50 })).toThrow(RangeError);
  });
});
