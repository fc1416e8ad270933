/**
 * `npm run bench:prompts`: asks the questions with the system prompt and checks the form of the answers.
 *
 * With ANTHROPIC_API_KEY Claude is asked (about 20 short calls; `--model` names the model, `--record` keeps its answers);
 * without it the recorded answers are checked, so that a check that finds nothing, or everything, is found out itself.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { systemClock } from '../../src/clock.ts';
import { createLog } from '../../src/log.ts';
import { createAnthropicModel } from '../../src/model/anthropic.ts';
import { IDLE_LIMITS } from '../../src/model/stream.ts';
import { systemPrompt } from '../../src/reply/write/instructions.ts';
import { table } from '../figures.ts';
import { judge, type Recorded } from './judge.ts';
import { QUESTIONS } from './questions.ts';

const RECORDED = new URL('./recorded.json', import.meta.url);
const DEFAULT_MODEL = 'claude-sonnet-4-6';

const argument = (name: string) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : (process.argv[at + 1] ?? '');
};
const apiKey = process.env['ANTHROPIC_API_KEY']?.trim() ?? '';
const modelId = argument('model') ?? DEFAULT_MODEL;

async function asked(): Promise<Recorded[]> {
  const model = createAnthropicModel({
    apiKey,
    baseUrl: process.env['ANTHROPIC_BASE_URL'] ?? 'https://api.anthropic.com',
    clock: systemClock,
    idleMs: IDLE_LIMITS,
    maxRetries: 2,
    log: createLog('warn'),
  });
  const answers: Recorded[] = [];
  for (const { name, turns } of QUESTIONS) {
    const request = {
      model: modelId,
      maxTokens: 2_000,
      system: systemPrompt(''),
      turns: turns.map((text, at) => ({
        role: at % 2 === 0 ? ('user' as const) : ('assistant' as const),
        blocks: [{ type: 'text' as const, text }],
      })),
      user: 'bench-prompts',
    };
    let answer = '';
    for await (const event of model.stream(request, new AbortController().signal)) {
      if (event.type === 'text') answer += event.text;
      if (event.type === 'failure')
        throw new Error(`${name}: ${event.failure.code} ${event.failure.message}`);
    }
    answers.push({ name, answer, wrong: [] });
    process.stderr.write('.');
  }
  process.stderr.write('\n');
  return answers;
}

const recorded = JSON.parse(readFileSync(RECORDED, 'utf8')) as Recorded[];
const answers = apiKey === '' ? recorded : await asked();
const rows = answers.map((one) => judge(one));
const bad = rows.filter(({ unexpected }) => unexpected.length > 0);
console.log(
  apiKey === ''
    ? `${answers.length} recorded answers; with ANTHROPIC_API_KEY Claude is asked.`
    : `${answers.length} answers of ${modelId}.`,
);
console.log(
  table(
    ['question', 'checks', 'wrong'],
    rows.map(({ name, checks, unexpected }) => [name, String(checks), unexpected.join('; ') || '–']),
  ),
);
if (process.argv.includes('--record') && apiKey !== '') {
  // What was written to show what is wrong stays.
  const kept = [...answers, ...recorded.filter(({ wrong }) => wrong.length > 0)];
  writeFileSync(RECORDED, `${JSON.stringify(kept, null, 2)}\n`);
}
process.exitCode = bad.length > 0 ? 1 : 0;
