import fc from 'fast-check';
import { expect, test } from 'vitest';
import { showcaseScript } from '../../../../playground/model/showcase.ts';
import type { ScriptTurn } from '../../../../playground/model/types.ts';

const user = (text: string): ScriptTurn => ({ role: 'user', text });
const assistant = (text: string): ScriptTurn => ({ role: 'assistant', text });

function answer(...turns: ScriptTurn[]): string {
  return answerUnder('', ...turns);
}

function answerUnder(system: string, ...turns: ScriptTurn[]): string {
  const { text } = showcaseScript({
    number: 1,
    model: 'claude-sonnet-4-6',
    maxTokens: 1024,
    system,
    turns,
    body: {},
  });
  if (typeof text !== 'string') throw new Error('the showcase answers with strings');
  return text;
}

test('the first answer of a thread says that no Claude is here, later ones do not', () => {
  expect(answer(user('hello'))).toContain('scripted stand-in, not Claude; set `ANTHROPIC_API_KEY`');
  expect(answer(user('hello'), assistant('Hi'), user('and?'))).not.toContain('stand-in');
});

test('the history is at work: it counts and quotes by speaker', () => {
  const text = answer(
    user('[Ana (U1)]: what is a skein?'),
    assistant('A length of thread.'),
    user('[Ben (U2)]: never heard of it\n[Ana (U1)]: and a hank?'),
    assistant('Nearly the same.'),
    user('[Ana (U1)]: fine'),
  );
  expect(text).toContain('This is your 3rd message in this thread; you first said “what is a skein?”');
  expect(text).toContain('Ana, you said: “fine”');
});

test('it remembers names and what was said', () => {
  const turns = [user('my name is Ana'), assistant('Hello')];
  expect(answer(...turns, user('what is my name?'))).toContain('**Ana**');
  expect(answer(...turns, user('what did I say?'))).toContain('1. “my name is Ana”');
  expect(answer(user('[Ben]: hi'), assistant('x'), user('[Ana]: what did we say?'))).toContain(
    '**Ben**: “hi”',
  );
});

test.each([
  ['table', /^\| Form \|/m],
  ['code', /^```ts$/m],
  ['list', /^ {5}- look inside first/m],
  ['quote', /^> /m],
  ['link', /\]\(https:\/\//],
  ['help', /\*\*error demo\*\*/],
  ['thanks!', /welcome/],
])('"%s" is answered with what it asks for', (word, expected) => {
  expect(answer(user(word))).toMatch(expected);
});

test('"everything" is all of it and "long" is longer than a Slack message', () => {
  for (const part of ['| Form |', '```ts', '1. **Open it.**', '> A thread', '](https://']) {
    expect(answer(user('show me everything'))).toContain(part);
  }
  expect(answer(user('something long please')).length).toBeGreaterThan(12_000);
});

test('small talk is short', () => {
  expect(answer(user('hello there')).length).toBeLessThan(400);
});

test('the error demo breaks the first time and is finished when it is asked to go on', () => {
  const turns = [user('error demo')];
  const script = { number: 1, model: 'm', maxTokens: 1024, system: '', body: {} };
  expect(showcaseScript({ ...script, turns }).fault).toMatchObject({ kind: 'reset' });
  const goOn = [...turns, assistant(answer(...turns).slice(0, 180)), user('Continue where you left off.')];
  expect(showcaseScript({ ...script, turns: goOn }).fault).toBeUndefined();
});

test('an answer that was cut anywhere, any number of times, is continued to its end', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('long', 'everything', 'error demo', 'hello'),
      fc.array(fc.double({ min: 0.01, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 3 }),
      (word, cuts) => {
        const turns = [user(word)];
        const whole = answer(...turns);
        let received = '';
        let rest = whole;
        for (const cut of cuts) {
          // What is stored ends with a character, not with a blank: the API refuses blank turns.
          const part = rest.slice(0, Math.ceil(rest.length * cut)).trimEnd();
          // A cut behind the last character is no cut: then "go on" is small talk.
          if (part === '' || part === rest.trimEnd()) continue;
          received += part;
          turns.push(assistant(part), user('Go on exactly where you left off.'));
          rest = answer(...turns);
        }
        expect(received + rest).toBe(whole);
      },
    ),
    { numRuns: 60 },
  );
});

test('asking to go on after a complete answer is small talk, not the answer again', () => {
  const turns = [user('table')];
  const text = answer(...turns, assistant(answer(...turns)), user('go on'));
  expect(text).toContain('you first said “table”');
});

test('nothing that a person writes comes back as markup, ping or link', () => {
  const hostile = fc.array(
    fc.oneof(
      fc.constantFrom(
        '<!channel>',
        '<@U123>',
        '```',
        '|',
        '[x](https://evil.example)',
        '\u202e',
        '\n',
        '&lt;',
        '#',
      ),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    ),
  );
  const quotedPart = (text: string) => /“([^”]*)”/.exec(text)?.[1] ?? '';
  fc.assert(
    fc.property(hostile, (parts) => {
      const said = parts.join('').replace(/[“”]/g, '');
      const text = answer(user('hello'), assistant('Hi'), user(`zzz ${said}`));
      if (!text.includes('said: “')) return;
      expect(quotedPart(text.slice(text.indexOf('said: “')))).not.toMatch(/[`*_~<>[\]()|#@\\&\n]|:\/\//);
    }),
    { numRuns: 200 },
  );
});

test('asked for a summary it tells what people wrote, and keeps what an earlier summary told', () => {
  const rules = 'You keep the memory of a thread and write a summary.';
  const first = answerUnder(
    rules,
    user('The thread:\n\n[Ana]: my cat is grey\n\nYou: How nice.\n\n[Ben]: so is mine'),
  );
  expect(first.split('\n').slice(1)).toEqual(['- Ana said: “my cat is grey”', '- Ben said: “so is mine”']);
  const second = answerUnder(rules, user(`Before:\n\n${first}\n\nThe thread:\n\n[Ana]: it sleeps`));
  expect(second.split('\n').slice(1)).toEqual([...first.split('\n').slice(1), '- Ana said: “it sleeps”']);
  expect(answerUnder(rules, user('nothing'))).toContain('found nothing');
});
