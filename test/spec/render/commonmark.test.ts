import { describe, expect, it } from 'vitest';
import { createRenderer } from '../../../src/render/renderer.ts';
import { DIFFERENT, SECTIONS } from './commonmark.ts';
import { joinedText, visibleText } from './visible.ts';

function final(deltas: readonly string[]): string[] {
  const renderer = createRenderer();
  for (const delta of deltas) {
    renderer.push(delta);
    renderer.segments();
  }
  renderer.finish();
  return renderer.segments().map((segment) => segment.markdown);
}

describe.each(Object.entries(SECTIONS))('CommonMark: %s', (_section, texts) => {
  it.each(texts)('%j reads as it should', (text) => {
    expect(joinedText(final([text]))).toBe(DIFFERENT[text] ?? visibleText(text));
  });

  it.each(texts)('%j is the same however it comes', (text) => {
    const whole = final([text]);
    expect(final([...text])).toEqual(whole);
    for (let cut = 1; cut < text.length; cut++)
      expect(final([text.slice(0, cut), text.slice(cut)])).toEqual(whole);
  });
});
