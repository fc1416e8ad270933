import { describe, expect, it } from 'vitest';
import { createRenderer } from '../../../src/render/renderer.ts';

function final(text: string): string {
  const renderer = createRenderer();
  for (const char of text) renderer.push(char);
  renderer.finish();
  return renderer
    .segments()
    .map((segment) => segment.markdown)
    .join('\n');
}

describe('what Slack would take as a command becomes words', () => {
  it.each([
    ['<!channel> look', '@channel look'],
    ['<!here|here> look', '@here look'],
    ['<!subteam^S123|@platform>', '@platform'],
    ['<!subteam^S123>', '@group'],
    ['<@U123ABC|Ada> and <@U123ABC>', '@Ada and @someone'],
    ['<#C123|general> and <#C123>', '#general and #channel'],
    ['<!date^1700000000^{date}|14 November>', '14 November'],
    ['<https://example.com|our site>', '[our site](https://example.com)'],
    ['<https://example.com>', '<https://example.com>'],
    ['<mailto:a@example.com|write>', '[write](mailto:a@example.com)'],
    ['![chart](https://example.com/c.png)', '[chart](https://example.com/c.png)'],
    ['![](https://example.com/c.png)', '[image](https://example.com/c.png)'],
    ['[run](javascript:alert(1))', 'run (`javascript:alert(1)`)'],
    ['[file](src/a.ts)', 'file (`src/a.ts`)'],
    ['[https://bank.example](https://evil.example)', '<https://bank.example> (<https://evil.example>)'],
    ['[docs](https://example.com/a_(b) "t")', '[docs](https://example.com/a_(b))'],
    ['a < b and c > d', 'a < b and c > d'],
    ['!![chart](https://example.com/c.png)', '!\u2060[chart](https://example.com/c.png)'],
    ['!<https://example.com|our site>', '!\u2060[our site](https://example.com)'],
  ])('%s', (text, expected) => {
    expect(final(text)).toBe(expected);
  });

  it.each([
    ['in code', 'say `<!channel>`', 'say `<\u2060!channel>`'],
    ['in a fence', '```\n<@U123ABC>\n```', '```\n<\u2060@U123ABC>\n```'],
    ['as an entity in code', '`&lt;!here&gt;`', '`&lt;\u2060!here&gt;`'],
    ['as an entity', '&lt;!here&gt;', '&lt;\u2060!here&gt;'],
    ['as an entity of an entity', '&amp;lt;!here', '&amp;\u2060lt;!here'],
    ['behind a backslash', '\\<!channel>', '&lt;\u2060!channel>'],
  ])('keeps its look %s', (_where, text, expected) => {
    expect(final(text)).toBe(expected);
  });

  it('leaves HTML in code as it is, so that it can be copied', () => {
    const page = '```html\n<!doctype html>\n<!-- note -->\n<b>x</b>\n```';
    expect(final(page)).toBe(page);
  });
});
