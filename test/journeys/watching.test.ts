import { expect, it } from 'vitest';
import { ana, finishedReply, general, startWorld } from './world.ts';

it('/metrics tells of a question from its first sign to its end, of its calls and its money, and names nobody', async () => {
  const world = await startWorld({ script: () => ({ text: 'One answer to be counted.' }) });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  await finishedReply(world, general, ts);
  const scrape = async () => (await fetch(`http://127.0.0.1:${world.bot.port}/metrics`)).text();
  await expect.poll(scrape).toContain('skein_questions_total{outcome="answered",code=""} 1');
  for (const line of [
    'skein_first_sign_seconds_count 1',
    'skein_first_words_seconds_count 1',
    'skein_answer_seconds_count 1',
    'skein_slack_calls_total{method="chat.postMessage",outcome="ok"} 1',
    'skein_model_calls_total{model="claude-sonnet-4-6",end="end"} 1',
    'skein_installations 1',
    'skein_jobs_due 0',
    'skein_check{name="database"} 1',
  ])
    await expect.poll(scrape).toContain(line);
  const body = await scrape();
  expect(Number(/skein_unseen_text_seconds_count (\d+)/.exec(body)?.[1])).toBeGreaterThan(0);
  expect(
    Number(/skein_cost_usd_total\{model="claude-sonnet-4-6"\} ([\d.e-]+)/.exec(body)?.[1]),
  ).toBeGreaterThan(0);
  expect(body).not.toMatch(/U0ANA|C0GENERAL|T0NORTHWIND/);
});
