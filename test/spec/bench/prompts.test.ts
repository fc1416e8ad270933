import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { judge, type Recorded } from '../../../bench/prompts/judge.ts';
import { QUESTIONS } from '../../../bench/prompts/questions.ts';
import { readChart } from '../../../src/render/chart.ts';
import { systemPrompt } from '../../../src/reply/write/instructions.ts';

const recorded = JSON.parse(
  readFileSync(new URL('../../../bench/prompts/recorded.json', import.meta.url), 'utf8'),
) as Recorded[];

it.each(recorded.map((one) => [one.name, one.wrong.join(', ') || 'nothing', one] as const))(
  'of the recorded answer to %s, what is wrong is %s',
  (_name, _wrong, one) => {
    expect(judge(one).unexpected).toEqual([]);
  },
);

it('every question has a good answer recorded', () => {
  const good = new Set(recorded.filter(({ wrong }) => wrong.length === 0).map(({ name }) => name));
  expect(QUESTIONS.filter(({ name }) => !good.has(name))).toEqual([]);
});

it('the chart that the system prompt shows as an example can be drawn', () => {
  const example = /fence named chart: (\{.*?\}\})\./.exec(systemPrompt(''))?.[1];
  expect(readChart(example ?? '')?.chart).not.toBeNull();
});
