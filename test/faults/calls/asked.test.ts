import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createScript } from '../script.ts';
import { answerTo, tagOf } from '../texts.ts';
import { SERVER } from './server.ts';
import { callsOf, titleIn } from './texts.ts';

const SEED = 5;

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly id?: string;
  readonly input?: Readonly<Record<string, unknown>>;
}

it('an answer that calls tools is the whole answer over its rounds, and each call is asked for once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 400 }), async (number) => {
      const places = callsOf(SEED, number);
      fc.pre(places.length > 0);
      const { script, understand } = createScript(SEED, 100);
      const question = `[Ana Ruiz]: @Skein please tell me about ${tagOf(number)}`;
      const messages: { role: 'user' | 'assistant'; content: object[] }[] = [
        { role: 'user', content: [{ type: 'text', text: question }] },
      ];
      const request = () => ({
        number: 1,
        model: 'm',
        maxTokens: 1,
        system: '',
        body: { messages, tools: [{ name: `${SERVER}__create_ticket` }] },
        turns: [{ role: 'user' as const, text: question }],
      });
      const titles: string[] = [];
      let said = '';
      for (let round = 0; round <= places.length; round += 1) {
        const { text, parts } = await script(request());
        const blocks = (parts ?? [{ text: String(text) }]).map((part): Block => {
          if ('call' in part) return { ...part.call, input: part.call.input as Record<string, unknown> };
          return { type: 'text', text: 'text' in part ? part.text : '' };
        });
        said += blocks.map((block) => block.text ?? '').join('');
        const uses = blocks.filter(({ type }) => type === 'tool_use');
        titles.push(...uses.flatMap(({ input = {} }) => titleIn(input) ?? []));
        messages.push({ role: 'assistant', content: blocks });
        if (uses.length === 0) break;
        const results = uses.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: [] }));
        messages.push({ role: 'user', content: results });
        expect(understand(request())).toMatchObject({ draft: 0, strange: null, exact: true });
      }
      expect(said).toBe(answerTo(SEED, number).text);
      expect(new Set(titles).size).toBe(titles.length);
    }),
    { numRuns: 100 },
  );
});

it('a round that goes on after a cut, and so repeats its last words, is read as the same answer behind its results', async () => {
  const number = Array.from({ length: 400 }, (_, at) => at + 1).find(
    (one) => (callsOf(SEED, one)[0]?.at ?? 0) > 200,
  );
  if (number === undefined) throw new Error('no answer calls something so late');
  const at = callsOf(SEED, number)[0]?.at ?? 0;
  const question = `[Ana Ruiz]: @Skein please tell me about ${tagOf(number)}`;
  const { text: whole } = answerTo(SEED, number);
  const cuts = Array.from({ length: at - 40 }, (_, offset) => offset + 20);
  // A letter that stands on both sides of a cut is no repetition.
  const twice = cuts.filter(
    (cut) => whole.slice(0, cut).trimEnd().at(-1) === whole.slice(cut).trimStart().at(0),
  );
  expect(twice).not.toEqual([]);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...cuts), async (cut) => {
      const { script, understand } = createScript(SEED, 100);
      const say = (text: string) => [{ type: 'text', text }];
      const messages: { role: 'user' | 'assistant'; content: object[] }[] = [
        { role: 'user', content: say(question) },
        { role: 'assistant', content: say(answerTo(SEED, number).text.slice(0, cut).trimEnd()) },
        { role: 'user', content: say('Your answer above was cut off by a technical fault.') },
      ];
      const turns = [{ role: 'user' as const, text: question }];
      const body = { messages, tools: [{ name: `${SERVER}__create_ticket` }] };
      const { parts } = await script({ number: 1, model: 'm', maxTokens: 1, system: '', body, turns });
      const blocks = (parts ?? []).map((part) =>
        'call' in part ? part.call : { type: 'text', text: 'text' in part ? part.text : '' },
      );
      const uses = blocks.filter(({ type }) => type === 'tool_use');
      expect(uses.length).toBeGreaterThan(0);
      messages.push({ role: 'assistant', content: blocks });
      const results = uses.map((use) => ({
        type: 'tool_result',
        tool_use_id: 'id' in use ? use.id : '',
        content: [],
      }));
      messages.push({ role: 'user', content: results });
      expect(understand({ turns, body })).toMatchObject({ strange: null, exact: true, from: at });
      // Another process goes on with what is stored, where nothing is said twice.
      const stored = say(answerTo(SEED, number).text.slice(cut, at));
      messages[3] = { role: 'assistant', content: [...stored, ...uses] };
      expect(understand({ turns, body })).toMatchObject({ strange: null, exact: true, from: at });
    }),
    { examples: twice.map((cut): [number] => [cut]) },
  );
});
