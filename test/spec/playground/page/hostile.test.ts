import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import { build } from 'esbuild';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { quickest, timed } from '../../../support/quickest.ts';

/** Bundles the page's own components as the browser gets them, and renders blocks to markup. */
async function loadRenderer(): Promise<(blocks: readonly unknown[]) => string> {
  const result = await build({
    stdin: {
      contents: `
        import { createElement } from 'react';
        import { renderToStaticMarkup } from 'react-dom/server.browser';
        import { Blocks } from './Blocks.tsx';
        export const render = (blocks) => renderToStaticMarkup(createElement(Blocks, { blocks }));`,
      resolveDir: fileURLToPath(new URL('../../../../playground/page/text', import.meta.url)),
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'page',
    // Not `browser`: one library would then read character references with the document that is not there.
    platform: 'neutral',
    mainFields: ['module', 'main'],
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const code = result.outputFiles[0]?.text ?? '';
  const render: unknown = runInThisContext(`(() => { ${code}; return page.render; })()`);
  if (typeof render !== 'function') throw new Error('The bundle has no renderer');
  return (blocks) => String(render(blocks));
}

/** Plain text takes milliseconds; read as Markdown, the worst of these takes twenty seconds and then fails. */
const SOON_MS = 5_000;

let render: (blocks: readonly unknown[]) => string;
beforeAll(async () => {
  render = await loadRenderer();
});

/** Everything in the markup that a browser could run, load or follow. */
function dangers(markup: string): string[] {
  const tags =
    markup.match(/<(?:img|script|iframe|object|embed|link|style|svg|form|base|meta|video|audio)\b/gi) ?? [];
  // Attribute values are text: React quotes and escapes them, so that nothing in them is a tag or an attribute.
  const bare = markup.replace(/="[^"]*"/g, '=""');
  const attributes = bare.match(/<[^>]*\s(?:on\w+|src|srcset|srcdoc|action|formaction|ping)=/gi) ?? [];
  const links = [...markup.matchAll(/<a\b([^>]*)>/gi)].filter(
    ([, inside = '']) =>
      !/\shref="(?:https?:|mailto:)/.test(inside) || !inside.includes('rel="noopener noreferrer"'),
  );
  return [...tags, ...attributes, ...links.map(([whole]) => whole)];
}

const ATTACKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '![x](https://tracker.example/x.png)',
  '[x](javascript:alert(1))',
  '[x]( jAvAsCrIpT:alert(1))',
  '[x](data:text/html;base64,PHNjcmlwdD4=)',
  '[x](/playground/act)',
  '<javascript:alert(1)>',
  '<https://a.b/?"onmouseover="alert(1)|x>',
  '<javascript:alert(1)|x>',
  '[x]: javascript:alert(1)\n\n[x]',
  '<a href="javascript:alert(1)">x</a>',
  '```"><img src=x>\n<svg onload=alert(1)>\n```',
  '| <img src=x> | [a](vbscript:1) |\n|--|--|\n| <iframe> | ![](//a.b/c) |',
  'https://a.b/"><script>',
];
const piece = fc.oneof(
  fc.constantFrom(...ATTACKS),
  fc.string(),
  fc.constantFrom('\n', '\n\n', '> ', '- ', '**', '`'),
);
const hostileText = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

describe('a message', () => {
  test('with a plain link has that link, and it tells the other side nothing', () => {
    const markup = render([{ type: 'markdown', text: '[a](https://a.b/c)' }]);
    expect(markup).toContain('<a href="https://a.b/c" target="_blank" rel="noopener noreferrer"');
    expect(dangers(markup)).toEqual([]);
  });

  test('can neither run, load nor lead to anything but web pages, whatever its text is', () => {
    const plain = (type: string) => (text: string) => ({ type, text });
    fc.assert(
      fc.property(hostileText, (text) => {
        const blocks = [
          plain('markdown')(text),
          { type: 'header', text: { type: 'plain_text', text } },
          {
            type: 'section',
            text: { type: 'mrkdwn', text },
            accessory: { type: 'button', url: text, text: { text } },
          },
          {
            type: 'context',
            elements: [plain('mrkdwn')(text), { type: 'image', image_url: text, alt_text: text }],
          },
          { type: 'image', image_url: text, alt_text: text },
          { type: 'actions', elements: [{ type: 'button', action_id: text, value: text, text: { text } }] },
          {
            type: 'rich_text',
            elements: [
              {
                type: 'rich_text_section',
                elements: [{ type: 'link', url: text, text }, plain('text')(text)],
              },
              { type: 'rich_text_preformatted', elements: [plain('text')(text)] },
            ],
          },
          { type: 'table', rows: [[plain('raw_text')(text)], [plain('raw_number')(text)]] },
          { type: 'data_table', caption: text, rows: [[plain('raw_text')(text)], [plain('raw_text')(text)]] },
          {
            type: 'data_visualization',
            title: text,
            chart: {
              type: 'bar',
              series: [{ name: text, data: [{ label: text, value: 1 }] }],
              axis_config: { categories: [text], x_label: text, y_label: text },
            },
          },
          {
            type: 'data_visualization',
            title: text,
            chart: { type: 'pie', segments: [{ label: text, value: 1 }] },
          },
          {
            type: 'container',
            title: { type: 'plain_text', text },
            is_collapsible: true,
            child_blocks: [{ type: 'section', text: plain('mrkdwn')(text) }],
          },
          { type: text },
        ];
        // The two pictures of charts are drawn by the page itself, and nothing in their tags is of the text.
        const drawn = /<svg viewBox="[-\d. ]+" class="chart-(?:pie|axes)" aria-hidden="true">/g;
        const markup = render(blocks);
        expect(markup.match(drawn)).toHaveLength(2);
        expect(dangers(markup.replace(drawn, ''))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('of any shape is drawn or named, and never breaks the page', () => {
    const type = fc.constantFrom(
      'markdown',
      'section',
      'context',
      'actions',
      'context_actions',
      'rich_text',
      'table',
      'data_table',
      'data_visualization',
      'container',
      'header',
      'image',
    );
    const points = fc.array(
      fc.record({ label: fc.string(), value: fc.oneof(fc.double(), fc.constantFrom(1e308, -1e308, 5e-324)) }),
    );
    const anyBlock = fc.oneof(
      fc.anything({ maxDepth: 3 }),
      fc.record({
        type,
        text: fc.anything({ maxDepth: 1 }),
        elements: fc.anything({ maxDepth: 3 }),
        rows: fc.anything({ maxDepth: 2 }),
        fields: fc.anything({ maxDepth: 2 }),
        child_blocks: fc.anything({ maxDepth: 3 }),
        page_size: fc.anything(),
        chart: fc.record({
          type: fc.constantFrom('pie', 'bar', 'line', 'area', 'none'),
          segments: fc.oneof(fc.anything({ maxDepth: 1 }), points),
          series: fc.oneof(
            fc.anything({ maxDepth: 2 }),
            fc.array(fc.record({ name: fc.string(), data: points })),
          ),
          axis_config: fc.anything({ maxDepth: 1 }),
        }),
        accessory: fc.anything({ maxDepth: 2 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(anyBlock, { maxLength: 4 }), (blocks) => {
        expect(typeof render(JSON.parse(JSON.stringify(blocks)))).toBe('string');
      }),
      { numRuns: 100 },
    );
  });

  test('in Markdown has its table, tasks, code with language, one size of heading and quote', () => {
    const markup = render([
      {
        type: 'markdown',
        text: '# One\n### Three\n\n- [x] done\n- [ ] open\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```ts\nconst a = 1;\n```\n\n> said',
      },
    ]);
    expect(markup.match(/<h4 class="md-heading">/g)).toHaveLength(2);
    expect(markup).toContain('aria-label="done"');
    expect(markup).toContain('aria-label="to do"');
    expect(markup).toMatch(/<th>a<\/th>.*<td style="text-align:right">2<\/td>/s);
    expect(markup).toContain('<span>ts</span>');
    expect(markup).toContain('<span class="hl-keyword">const</span>');
    expect(markup).toContain('<blockquote>');
  });

  test.each(['>', '- > ', '1. ', '*a_ ', '`'])(
    'of only “%s” up to Slack’s limit neither breaks nor stops the page',
    async (piece) => {
      const text = piece.repeat(12_000 / piece.length);
      const show = () => expect(render([{ type: 'markdown', text }])).toContain('class="text markdown"');
      expect(await quickest(SOON_MS, () => timed(show))).toBeLessThan(SOON_MS);
    },
  );

  test('with feedback buttons has one button for each side', () => {
    const markup = render([
      {
        type: 'context_actions',
        elements: [
          {
            type: 'feedback_buttons',
            action_id: 'fb',
            positive_button: { text: { type: 'plain_text', text: 'Good' }, value: 'up' },
            negative_button: { text: { type: 'plain_text', text: 'Bad' }, value: 'down' },
          },
        ],
      },
    ]);
    expect(markup.match(/<button/g)).toHaveLength(2);
  });
});
