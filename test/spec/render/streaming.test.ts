import { describe, expect, it } from 'vitest';
import { createRenderer } from '../../../src/render/renderer.ts';
import { visibleText } from './visible.ts';

/** What is shown after these deltas, while more may come. */
function shown(...deltas: string[]): string {
  const renderer = createRenderer();
  for (const delta of deltas) renderer.push(delta);
  return renderer
    .segments()
    .map((segment) => segment.markdown)
    .join('\n=====\n');
}

describe('while a reply is written', () => {
  it.each([
    ['open bold is closed', 'some **bold te', 'some **bold te**'],
    ['half a closing marker is not shown', 'some **bold*', 'some **bold**'],
    ['nested emphasis is closed from the inside', 'a **b *c', 'a **b *c***'],
    ['a marker with nothing behind it is held back', 'some **', 'some'],
    ['strikethrough is closed', 'a ~~b', 'a ~~b~~'],
    ['inline code is closed', 'run `npm te', 'run `npm te`'],
    ['a multiplication sign stays one', '5*3 and 2 * 4 ', '5\\*3 and 2 * 4'],
    ['names with underscores stay as they are', 'use snake_case_na', 'use snake_case_na'],
    ['a half link is held back', 'see [the docs](https://exa', 'see'],
    ['a label alone is held back', 'see [the docs]', 'see'],
    ['emphasis around a held link is held too', 'see **[the docs](ht', 'see'],
    ['a half image is held back', 'see ![alt', 'see'],
    ['a half token is held back', 'dear <!chan', 'dear'],
    ['a half entity is held back', 'a &l', 'a'],
    ['a lone list marker is held back', 'a\n\n-', 'a'],
    ['a lone number is held back', 'a\n\n12.', 'a'],
    ['a lone heading marker is held back', 'a\n\n##', 'a'],
    ['a lone quote marker is held back', 'a\n\n>', 'a'],
    ['half a task is held back', '- a\n- [', '- a'],
    ['what may be a rule or an underline is held back', 'Title\n--', 'Title'],
    ['an open fence is closed', '```ts\nconst a', '```ts\nconst a\n```'],
    ['a longer fence is closed with as many', '````\n```\nx', '````\n```\nx\n````'],
    ['a tilde fence is closed', '~~~\nx\n', '~~~\nx\n~~~'],
    ['half a token in code leaves no back-tick to its end', 'a ```x`<!chan', 'a ```x```'],
    ['half a closing fence is not code', '```\nx\n``', '```\nx\n```'],
    ['a fence without a line is held back', 'a\n\n```py', 'a'],
    ['a fence in a list is closed at its depth', '1. a\n   ```js\n   x', '1. a\n   ```js\n   x\n   ```'],
    ['a table waits for its separator', 'a\n\n| x | y |\n| --', 'a'],
    ['a table without rows shows its header', '| x |\n|---|\n| 1', '| x |\n| --- |'],
    ['rows come whole', '| x |\n|---|\n| 1 |\n| 2', '| x |\n| --- |\n| 1 |'],
  ])('%s', (_what, text, expected) => {
    expect(shown(text)).toBe(expected);
    expect(shown(...text)).toBe(expected);
  });

  it('shows a line with pipes once it is clear that it is no table', () => {
    expect(shown('| not a table\n')).toBe('');
    expect(shown('| not a table\nbut text')).toBe('| not a table\nbut text');
  });

  it('shows the end as it stands when nothing more comes', () => {
    const renderer = createRenderer();
    renderer.push('see [the docs');
    renderer.finish();
    expect(renderer.segments()).toEqual([{ index: 0, markdown: 'see [the docs', sealed: true, final: true }]);
  });

  it('shows nothing for an empty answer', () => {
    const renderer = createRenderer();
    renderer.push(' \n\n');
    renderer.finish();
    expect(renderer.segments()).toEqual([]);
  });

  it('refuses text after the end', () => {
    const renderer = createRenderer();
    renderer.finish();
    renderer.finish();
    expect(() => renderer.push('late')).toThrow('finish');
  });

  it('bolds Chinese beside quotation marks, which bare Markdown does not', () => {
    const renderer = createRenderer();
    renderer.push('这是**「重点」**内容');
    renderer.finish();
    const [segment] = renderer.segments();
    expect(visibleText(segment?.markdown ?? '')).toBe('这是「重点」内容');
  });

  it('drops control characters and repairs halves of surrogate pairs, also between deltas', () => {
    const renderer = createRenderer();
    for (const delta of ['a\u0000b\r', '\nc\ud83d', '\ude00 \ud83d', 'x\u001b']) renderer.push(delta);
    renderer.finish();
    expect(renderer.segments()[0]?.markdown).toBe('ab\nc😀 \ufffdx');
  });
});
