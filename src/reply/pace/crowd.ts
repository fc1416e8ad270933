import type { Lengths } from './lengths.ts';

/** Beginnings less than this apart are one occasion: many asked at once say nothing about the next minute. */
const OCCASION_MS = 1200;
const REMEMBERED_MS = 60_000;
/** Fewer occasions than this are no habit. */
const LEAST_OCCASIONS = 2;
/** A reply of another process is forgotten after this time: its process may be dead. Until then it holds back one call. */
const PATIENCE_MS = 300_000;

/** What is known of a workspace beside our own replies: how often somebody asks, and who else is writing. */
export interface Crowd {
  /** A reply began at `at`, here (`ours`) or in another process. */
  begun(at: number, ours: boolean): void;
  /** A reply of another process ended at `at`; which one is not known, so the oldest. What it took is learned. */
  endedElsewhere(at: number): void;
  /** When the replies of other processes began that are still being written. */
  elsewhere(now: number): readonly number[];
  /** Replies that begin per millisecond, going by the last minute. */
  arrivalRate(now: number): number;
}

export function createCrowd(lengths: Lengths): Crowd {
  let occasions: number[] = [];
  let others: number[] = [];
  return {
    begun(at, ours) {
      if (occasions.every((occasion) => Math.abs(occasion - at) >= OCCASION_MS)) occasions.push(at);
      if (ours) return;
      others.push(at);
      others.sort((a, b) => a - b);
    },
    endedElsewhere(at) {
      const begunAt = others.shift();
      if (begunAt !== undefined) lengths.note(at - begunAt);
    },
    elsewhere(now) {
      others = others.filter((at) => now - at < PATIENCE_MS);
      return others;
    },
    arrivalRate(now) {
      occasions = occasions.filter((at) => at > now - REMEMBERED_MS);
      if (occasions.length < LEAST_OCCASIONS) return 0;
      return occasions.length / Math.max(OCCASION_MS, now - Math.min(...occasions));
    },
  };
}
