import { chance, type Trace, traceOf } from './trace.ts';

export interface Scenario {
  readonly key: string;
  readonly title: string;
  /** Answers that are written at the same time, in one workspace. */
  readonly traces: readonly Trace[];
  /** How long earlier answers of this process took, in milliseconds from question to end. */
  readonly history: readonly number[];
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

/** `count` answers, all asked for within a second. */
export function crowd(count: number, seed: number, length: Length = alike): readonly Trace[] {
  const random = chance(seed);
  return Array.from({ length: count }, () => traceOf(1000 * random(), length(random), random));
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

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
