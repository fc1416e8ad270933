import { expect, it } from 'vitest';
import type { TurnBlock } from '../../../src/conversation/blocks.ts';
import { createRenderer } from '../../../src/render/renderer.ts';
import { listSources, missLines } from '../../../src/reply/show/sources.ts';
import type { LoggedBlock } from '../../../src/reply/write/logbook.ts';

/** What stands in the log after the sources of these blocks were listed below their words. */
function listed(blocks: readonly TurnBlock[], log: string) {
  const logged: LoggedBlock[] = blocks.map((block, seq) => ({ seq, upto: log.length, call: 1, block }));
  let text = log;
  listSources(
    {
      text: () => text,
      add: (more) => {
        text += more;
      },
      block: (block, call) => logged.push({ seq: logged.length, upto: text.length, call, block }),
      blocks: () => logged,
    },
    { calls: 1 } as Parameters<typeof listSources>[1],
  );
  return { text, logged };
}

const cites = (url: string, title: string): TurnBlock => ({
  type: 'text',
  text: 'So it is.',
  citations: [{ type: 'web_search_result_location', url, title }],
});

it('each source is listed once, by its number, with its host', () => {
  const { text, logged } = listed(
    [
      cites('https://www.a.com/1', 'One'),
      cites('https://b.org/2', 'Two'),
      cites('https://www.a.com/1', 'One'),
    ],
    'So it is.',
  );
  expect(text).toBe(
    'So it is.\n\n**Sources**\n- [1] [One](https://www.a.com/1) · a.com\n- [2] [Two](https://b.org/2) · b.org',
  );
  // The model is not given a list that it did not write.
  expect(logged.at(-1)?.block).toBeNull();
});

it('a title that pings, breaks out of its link or runs over lines is plain words', () => {
  const { text } = listed(
    [cites('https://evil.com/a)b', '<!channel> @here](https://x.com)\n# Big `code`')],
    'x',
  );
  const renderer = createRenderer();
  renderer.push(text);
  renderer.finish();
  const shown = renderer.segments()[0]?.markdown ?? '';
  expect(shown).not.toMatch(/<!|@here|x\.com\)|\n#|`/);
  expect(shown).toContain('](https://evil.com/a%29b)');
});

it('an address that is none is not listed, and one that is too long is named by its host', () => {
  expect(listed([cites('javascript:alert(1)', 'Bad')], 'x').text).toBe('x');
  const { text } = listed([cites(`https://long.com/${'a'.repeat(600)}`, 'Long')], 'x');
  expect(text).toContain('- [1] Long · long.com');
});

it('a code block that was cut does not take the list in', () => {
  const { text } = listed([cites('https://a.com/', 'One')], '```ts\nconst a = 1;');
  expect(text).toContain('const a = 1;\n```\n\n**Sources**');
});

it('a list that stands there is not repeated when the answer goes on', () => {
  const first = listed([cites('https://a.com/', 'One')], 'x');
  const added: string[] = [];
  listSources(
    {
      text: () => first.text,
      add: (more) => void added.push(more),
      block: () => {},
      blocks: () => first.logged,
    },
    { calls: 1 } as Parameters<typeof listSources>[1],
  );
  expect(added).toEqual([]);
});

it('what failed is told in words, once for each kind, also with a code from the future', () => {
  const failed = (id: string, code: string): readonly TurnBlock[] => [
    { type: 'server_tool_use', id, name: 'web_search', input: { query: 'x' } },
    { type: 'web_search_tool_result', tool_use_id: id, content: { error_code: code } },
  ];
  expect(missLines([...failed('a', 'too_many_requests'), ...failed('b', 'too_many_requests')])).toEqual([
    '2 searches of the web failed: there were too many at once.',
  ]);
  expect(missLines(failed('a', 'of_tomorrow'))).toEqual(['A search of the web failed.']);
});
