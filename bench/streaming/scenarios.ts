import { chance, SHAPES, type Shape, type Trace, traceOf } from './trace.ts';

export interface Scenario {
  readonly key: string;
  readonly title: string;
  /** Answers that are written at the same time, in one workspace. */
  readonly traces: readonly Trace[];
  /** How long earlier answers of this process took, in milliseconds from question to end. */
  readonly history: readonly number[];
  /** In how many channels; a channel for each answer unless told. */
  readonly channels?: number;
}

/** The lone answer of the product's promise; the crowds write answers of about the same length. */
export const SECONDS = 15;
const SPREAD = 0.15;
const EARLIER = 20;

type Length = (random: () => number) => number;
const alike: Length = (random) => SECONDS * (1 - SPREAD + 2 * SPREAD * random());
/** From a sentence to a page: log-normal, median 10 s, one in twenty longer than 30 s. */
const mixed: Length = (random) => Math.min(60, Math.max(1.5, 10 * Math.exp(0.67 * normal(random))));
const short: Length = (random) => 1.5 + 2.5 * random();
const any: Length = (random) => 3 * 30 ** random();
const fixed =
  (seconds: number): Length =>
  (random) =>
    seconds * (1 - SPREAD / 3 + (2 / 3) * SPREAD * random());

/** `count` answers, all asked for within a second. */
export function crowd(count: number, seed: number, length: Length = alike, shape?: Shape): readonly Trace[] {
  const random = chance(seed);
  return Array.from({ length: count }, () => traceOf(1000 * random(), length(random), random, shape));
}

function earlier(seed: number, length: Length): readonly number[] {
  const random = chance(seed + 7777);
  return Array.from({ length: EARLIER }, () => 500 + 1000 * length(random));
}

export const CROWDS = [1, 5, 10, 20, 50] as const;

/** All scenarios, drawn with one seed. */
export function scenarios(seed: number): readonly Scenario[] {
  const random = chance(seed + 1);
  const shorts = Array.from({ length: 40 }, (_, index) => traceOf(1500 * index, short(random), random));
  return [
    {
      key: 'alone',
      title: 'one 15-second answer alone',
      traces: [traceOf(0, SECONDS, random)],
      history: earlier(seed, alike),
    },
    ...CROWDS.map((count) => ({
      key: `${count}`,
      title: `${count} at once`,
      traces: crowd(count, seed + count),
      history: earlier(seed, alike),
    })),
    { key: 'short', title: 'forty short questions', traces: shorts, history: earlier(seed, short) },
    ...CROWDS.map((count) => ({
      key: `${count} cold`,
      title: `${count} at once, nothing known of earlier answers`,
      traces: crowd(count, seed + count),
      history: [],
    })),
    ...CROWDS.map((count) => ({
      key: `${count} mixed`,
      title: `${count} at once, lengths from 2 s to 60 s`,
      traces: crowd(count, seed + count, mixed),
      history: earlier(seed, mixed),
    })),
    {
      key: '10 long',
      title: '10 at once, three minutes each',
      traces: crowd(10, seed + 3, () => 180),
      history: [],
    },
  ];
}

/** What a rhythm must stand: any length, nothing known or something wrong, and text that stops and goes on. */
export function rhythms(seed: number): readonly Scenario[] {
  const counts = [1, 2, 3, 5, 10, 20];
  const cold = (count: number, name: string, length: Length, shape?: Shape): Scenario => ({
    key: `r ${count} ${name}`,
    title: `${count} at once, ${name}, fresh process`,
    traces: crowd(count, seed + count, length, shape),
    history: [],
  });
  const after = (count: number, before: number, now: number): Scenario => ({
    key: `r ${count} of ${now} s after ${before} s`,
    title: `${count} at once of ${now} s, earlier answers ${before} s`,
    traces: crowd(count, seed + count, fixed(now)),
    history: earlier(seed, fixed(before)),
  });
  return [
    ...[3, 10, 20, 45, 90].flatMap((seconds) =>
      counts.map((count) => cold(count, `${seconds} s`, fixed(seconds))),
    ),
    ...counts.map((count) => cold(count, 'from 3 s to 90 s', any)),
    ...(['bursts', 'thinking', 'tools'] as const).flatMap((name) =>
      [1, 5, 10].map((count) => cold(count, `30 s in ${name}`, fixed(30), SHAPES[name])),
    ),
    ...[1, 5, 10].flatMap((count) => [after(count, 60, 5), after(count, 5, 60), after(count, 15, 45)]),
    {
      key: 'r hundred',
      title: 'a hundred short answers at once, twenty channels',
      traces: crowd(100, seed + 100, (random) => 2 + 4 * random()),
      history: [],
      channels: 20,
    },
  ];
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
