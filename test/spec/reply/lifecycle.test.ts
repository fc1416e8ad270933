import { expect, it } from 'vitest';
import { answerJob, mailboxOf } from '../../../src/reply/job.ts';
import { isReplyState, nextStep } from '../../../src/reply/lifecycle.ts';
import { createStops } from '../../../src/reply/stops.ts';
import { systemPrompt } from '../../../src/reply/write/instructions.ts';

it('each state says what the next owner does, and none that is over asks the model again', () => {
  expect(
    ['waiting', 'writing', 'answered', 'shown', 'failed', 'refused'].filter(isReplyState).map(nextStep),
  ).toEqual(['begin', 'go_on', 'show', 'nothing', 'nothing', 'nothing']);
  for (const value of ['', 'Waiting', 'constructor']) expect(isReplyState(value)).toBe(false);
});

it('the job of a question is one for ever, and each press of “Try again” makes its own', () => {
  const job = (press: string | null) =>
    answerJob({ mailbox: mailboxOf(7), reply: 'r', questionTs: '1.5', press });
  expect(job(null)).toMatchObject({ mailbox: 'conversation:7', place: '1.5', name: 'answer' });
  expect(new Set([null, 'p1', 'p2'].map((press) => job(press).cause)).size).toBe(3);
  expect(job(null).subject).toBe('r');
});

it('a stop, and an edit of its question, reach the reply that is written here now, and no later one', () => {
  const stops = createStops();
  const heard: string[] = [];
  const writer = (name: string) => ({
    stop: () => void heard.push(name),
    anew: () => void heard.push(`${name} anew`),
  });
  const end = stops.register('a', writer('first'));
  stops.register('a', writer('second'));
  stops.register('b', writer('other'));
  // The end of an earlier owner does not take the later one's place away.
  end();
  stops.stop('a');
  stops.stop('unknown');
  stops.anew('a');
  stops.anew('unknown');
  expect(heard).toEqual(['second', 'second anew']);
});

it('the system prompt is the same for every request, so that the prompt cache matches', () => {
  expect(systemPrompt(' \n')).toBe(systemPrompt(''));
  expect(systemPrompt('Be kind.').startsWith(systemPrompt(''))).toBe(true);
  expect(systemPrompt('Be kind.')).toMatch(/Be kind\.$/);
  expect(systemPrompt('')).not.toMatch(/\d{4}-\d{2}-\d{2}|undefined/);
  // With the web it can open links, and is told nothing else.
  expect(systemPrompt('')).toContain('cannot open links');
  expect(systemPrompt('', { web: true })).not.toContain('cannot open links');
});
