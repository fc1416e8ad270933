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
