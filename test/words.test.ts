import { expect, test } from 'vitest';
import { type Literal, literalsOf } from './support/literals.ts';
import { readSources } from './support/source.ts';

/** Files with sentences of their own, each with its reason. Everything else that people in Slack read stands in src/words. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'src/errors.ts': 'one entry a code: what a person reads stands beside what it means to the operator',
  'src/config.ts': 'for operators: docs/configuration.md is compared with it',
  'src/config-values.ts': 'for operators: docs/configuration.md is compared with it',
  'src/operations/http.ts': 'the body of a 404, for programs',
  'src/operations/metrics.ts': 'what a metric tells, for operators',
  'src/reply/write/instructions.ts': 'said to the model',
  'src/conversation/window.ts': 'said to the model',
  'src/files/blocks.ts': 'said to the model',
  'src/files/convert/document.ts': 'said to the model',
  'src/reply/write/generate.ts': 'said to the model',
  'src/reply/write/seam.ts': 'said to the model',
  'src/reply/tools/told.ts': 'said to the model',
  'src/tools/mcp/failures.ts': 'said to the model',
  'src/tools/mcp/results.ts': 'said to the model',
  'src/settings/resolve.ts': 'headings of the instructions, for the model',
};
/** Not the bot: its stand-ins and their page, and what only a terminal shows. */
const OTHER_PROGRAMS = /^src\/(?:words|postgres)\//;

/** Begins as a sentence or a label does, and goes on in words. */
const SENTENCE = /^[^a-zA-Z]{0,4}[A-Z][\s\S]*\s[a-z]{2,}/;
const CAPITAL = /^[A-Z][a-z]/;
/** Where even one word is something that people read. */
const SHOWN_PROPERTY =
  /^(?:label|title|text|hint|placeholder|confirm|deny|yes|no|notice|line|problem|markdown|accessibility_?[lL]abel)$/;
const SHOWN_CALL = /^(?:plain|section|header|context)$/;
/** For the log: messages of errors, of outcomes and of the log itself. */
const UNSHOWN_CALL = /\blog\.\w+$|^new \w*Error$/;
const UNSHOWN_PROPERTY = /^message$/;

function isForPeople({ text, within, property }: Literal): boolean {
  if (within.some((call) => UNSHOWN_CALL.test(call)) || UNSHOWN_PROPERTY.test(property ?? '')) return false;
  if (SENTENCE.test(text)) return true;
  return CAPITAL.test(text) && (SHOWN_PROPERTY.test(property ?? '') || SHOWN_CALL.test(within[0] ?? ''));
}

/** Texts for people in one file, as `line: text`. */
function textsIn(code: string): string[] {
  return literalsOf(code)
    .filter(isForPeople)
    .map(({ line, text }) => `${line}: ${text}`);
}

const sources = [...readSources(['src'])].filter(([path]) => !OTHER_PROGRAMS.test(path));

test('every sentence, label and button that a person in Slack reads stands in src/words, beside the catalogue of errors', () => {
  const found = sources.flatMap(([path, code]) =>
    path in ELSEWHERE ? [] : textsIn(code).map((text) => `${path}:${text}`),
  );
  expect(found).toEqual([]);
});

test('the files with sentences of their own still have some', () => {
  const without = Object.keys(ELSEWHERE).filter(
    (path) => textsIn(sources.find(([one]) => one === path)?.[1] ?? '').length === 0,
  );
  expect(without).toEqual([]);
});

test('the check reads the words themselves', () => {
  const words = [...readSources(['src/words'])].flatMap(([, code]) => textsIn(code));
  expect(words.length).toBeGreaterThan(100);
});

test.each([
  ['a sentence', "whisper('Please try again.')", '1: Please try again.'],
  ['one in a template', 'const a = 1;\nsay(`Hello $' + '{name}, how are you?`)', '2: Hello …, how are you?'],
  ['one inside an expression', 'f(`a $' + "{b ? 'Not this time' : ''}`)", '1: Not this time'],
  ['one in bold', "markdown = '**Usage of** …'", '1: **Usage of** …'],
  ['a label of one word', "{ label: 'Stop' }", '1: Stop'],
  ['a button of one word', "plain('Save')", '1: Save'],
  ['one behind a regular expression', "a = /['`]/.test(b) ? 'It has one.' : c / d", '1: It has one.'],
  ['one with a quote in it', "f('Don\\'t do that')", "1: Don\\'t do that"],
])('it sees %s', (_what, code, found) => {
  expect(textsIn(code)).toEqual([found]);
});

test.each([
  ['a comment', "// say('Please try again.')\n/* 'Please try again.' */"],
  ['a message of the log', 'log.warn({ a: `b $' + "{c}` }, 'Slack is not there')"],
  ['the message of an error', "throw new SkeinError('CODE', 'Slack is not there')"],
  ['the message of an outcome', "return { kind: 'gone', message: 'Slack named no ts' }"],
  ['a name', "if (word === 'Retry-After') type = 'plain_text'"],
  ['a statement', 'sql`select 1 from t where a = $' + '{b}`'],
])('it leaves %s', (_what, code) => {
  expect(textsIn(code)).toEqual([]);
});
