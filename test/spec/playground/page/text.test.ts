import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  candidates,
  complete,
  mentionAt,
  mentions,
} from '../../../../playground/page/conversation/mention.ts';
import { highlight } from '../../../../playground/page/text/highlight.ts';
import { safeUrl } from '../../../../playground/page/text/links.ts';
import { type Inline, parseMrkdwn, toTyped } from '../../../../playground/page/text/mrkdwn.ts';
import { quickest, timed } from '../../../support/quickest.ts';
import { snapshot } from './make.ts';

/** Long enough that a pass which reads the text again for every character would take minutes. */
const HOSTILE_LENGTH = 40_000;
const SOON_MS = 2_000;

function visible(text: string): string {
  const words = (node: Inline): string => {
    if (node.kind === 'text' || node.kind === 'code') return node.text;
    if (node.kind === 'break') return '\n';
    if (node.kind === 'link') return node.label;
    if (node.kind === 'emoji') return `:${node.name}:`;
    return 'children' in node ? node.children.map(words).join('') : `[${node.kind}]`;
  };
  return parseMrkdwn(text)
    .map((block) => (block.kind === 'code' ? block.text : block.children.map(words).join('')))
    .join('\n');
}

const stored = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

describe('mrkdwn', () => {
  test('shows every text without markup exactly as it was written', () => {
    const plain = fc.stringMatching(/^[\w .,;!?'"()<&#@|/\\-]*$/).filter((text) => !text.includes('_'));
    fc.assert(
      fc.property(fc.array(plain), (lines) => {
        expect(visible(stored(lines.join('\n')))).toBe(lines.join('\n'));
      }),
    );
  });

  test('has a tree for any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'*_~`<>@#!|&;:a \n') }), (text) => {
        expect(Array.isArray(parseMrkdwn(text))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('understands emphasis, code, mentions, links, quotes and fences', () => {
    expect(parseMrkdwn('*a _b_* `c &amp; *d*` <@U1> <https://e.f|g>\n&gt; q\n```x <y```')).toEqual([
      {
        kind: 'paragraph',
        children: [
          {
            kind: 'bold',
            children: [
              { kind: 'text', text: 'a ' },
              { kind: 'italic', children: [{ kind: 'text', text: 'b' }] },
            ],
          },
          { kind: 'text', text: ' ' },
          { kind: 'code', text: 'c & *d*' },
          { kind: 'text', text: ' ' },
          { kind: 'user', id: 'U1' },
          { kind: 'text', text: ' ' },
          { kind: 'link', url: 'https://e.f', label: 'g' },
        ],
      },
      { kind: 'quote', children: [{ kind: 'text', text: 'q' }] },
      { kind: 'code', text: 'x <y' },
    ]);
  });

  test('leaves stars and underscores inside words alone', () => {
    expect(visible('snake_case_name 2*3*4 a ~ b ~')).toBe('snake_case_name 2*3*4 a ~ b ~');
  });

  test.each(['*a ', '<', '_*~', '`', ':a', '```', '*(', '<@U1'])(
    'reads a long text of only “%s” without delay',
    async (piece) => {
      const read = () => parseMrkdwn(piece.repeat(HOSTILE_LENGTH / piece.length));
      expect(await quickest(SOON_MS, () => timed(read))).toBeLessThan(SOON_MS);
    },
  );

  test('gives back what a person typed, for editing', () => {
    const typed = toTyped(
      '<@U1> see <#C1|general> and <https://a.b> &lt;now&gt;',
      (id) => (id === 'U1' ? 'ana' : null),
      () => null,
    );
    expect(typed).toBe('@ana see #general and https://a.b <now>');
  });
});

describe('a link', () => {
  test('may lead to the web or to mail', () => {
    expect(safeUrl('https://a.b/c?d#e')).toBe('https://a.b/c?d#e');
    expect(safeUrl('mailto:a@b.c')).toBe('mailto:a@b.c');
  });

  test.each([
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://a.b/1',
    '/playground/act',
    '//a.b',
    '',
  ])('never leads to “%s”', (url) => {
    expect(safeUrl(url)).toBeNull();
  });
});

describe('coloured code', () => {
  const language = fc.constantFrom(
    '',
    'ts',
    'python',
    'bash',
    'sql',
    'rust',
    'diff',
    'TypeScript',
    'no such',
  );
  test('is the code, whole and in order', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'\'"`\\/*#-\n 1aif(){}') }),
        language,
        (code, name) => {
          expect(
            highlight(code, name)
              .map((piece) => piece.text)
              .join(''),
          ).toBe(code);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('tells comments, strings, numbers and keywords apart', () => {
    const kinds = highlight('const a = "x"; // no 1\nreturn 42', 'ts').filter(
      (piece) => piece.kind !== 'plain',
    );
    expect(kinds).toEqual([
      { kind: 'keyword', text: 'const' },
      { kind: 'string', text: '"x"' },
      { kind: 'comment', text: '// no 1' },
      { kind: 'keyword', text: 'return' },
      { kind: 'number', text: '42' },
    ]);
  });

  test.each(["\\'", '\\"', '/*', '`\\', "'a "])(
    'is made without delay for a long text of only “%s”',
    async (piece) => {
      const make = () => highlight(piece.repeat(20_000 / piece.length), 'ts');
      expect(await quickest(SOON_MS, () => timed(make))).toBeLessThan(SOON_MS);
    },
  );
});

describe('completing a mention', () => {
  test('begins at an @ that begins a word', () => {
    expect(mentionAt('hi @an', 6)).toEqual({ start: 3, end: 6, query: 'an' });
    expect(mentionAt('mail a@b', 8)).toBeNull();
    expect(mentionAt('hi @ana there', 13)).toBeNull();
  });

  test('finds people by handle or by any of their names, Skein first', () => {
    expect(candidates(snapshot.users, '').map((user) => user.handle)).toEqual([
      'skein',
      'ana',
      'ben',
      'dana',
    ]);
    expect(candidates(snapshot.users, 'oka').map((user) => user.handle)).toEqual(['ben']);
  });

  test('replaces only what was half-typed', () => {
    expect(complete('hi @an there', { start: 3, end: 6, query: 'an' }, 'ana')).toEqual({
      text: 'hi @ana there',
      caret: 8,
    });
  });

  test('knows a finished mention from a longer name', () => {
    expect(mentions('hey @Skein, look', 'skein')).toBe(true);
    expect(mentions('hey @skeins', 'skein')).toBe(false);
    expect(mentions('me@skein', 'skein')).toBe(false);
  });
});
