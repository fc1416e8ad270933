import type { Stage } from './stage.ts';

interface Moment {
  readonly at: number;
  readonly text: string;
}

/**
 * What the bot waited for in the last question: each statement and request, with its start in milliseconds
 * after the event and its length, among the moments that the stand-ins saw.
 */
export function timelineOf(
  stage: Stage,
  spans: readonly { what: string; from: number; to: number }[],
): string {
  const question = stage.slack
    .deliveries()
    .findLast(({ payload }) => JSON.stringify(payload['event']).includes('bench question'));
  const last = [...stage.moments.entries()].at(-1);
  const start = question?.attempts[0]?.at;
  if (start === undefined || last === undefined) return 'no question was asked';
  const [, model] = last;
  const moments: Moment[] = [
    { at: model.receivedAt, text: '● the model has the request' },
    ...(model.firstTokenAt === null ? [] : [{ at: model.firstTokenAt, text: '● first token sent' }]),
    ...(model.lastByteAt === null ? [] : [{ at: model.lastByteAt, text: '● last byte sent' }]),
    ...stage.slack
      .calls()
      .filter(({ at }) => at >= start)
      .map(({ at, method, tookMs }) => ({
        at,
        text: `● Slack has ${method} (answered in ${tookMs.toFixed(1)})`,
      })),
    ...spans
      .filter(({ from }) => from >= start)
      .map(({ what, from, to }) => ({ at: from, text: `${(to - from).toFixed(1).padStart(7)}  ${what}` })),
  ];
  return moments
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, text }) => `${(at - start).toFixed(1).padStart(8)}  ${text}`)
    .join('\n');
}
