import type { Trouble } from '../bots.ts';
import { isHarm } from './disturbed.ts';
import type { Evidence, Violation } from './evidence.ts';

/**
 * Letters and digits that a person sees: what a half-open mark or a table that is still growing can't change. The
 * language after a fence is not shown.
 */
const bare = (text: string) => text.replace(/^\s*(```|~~~).*$/gm, '').replace(/[^\p{L}\p{N}]/gu, '');

/** Enough letters to tell one place of a text from another. */
const TELLING = 24;

/** A line that was too long for this message once it was whole begins the next one. */
function movedOn(before: string, now: string, next: string): boolean {
  if (!before.startsWith(now)) return false;
  return bare(next).includes(before.slice(now.length, now.length + TELLING));
}

/** A process that is back needs this long to store what it had shown meanwhile. */
const STORED_WITHIN_MS = 3_000;

/**
 * The documented exception: the database was away when the text was shown, and the process that had it died or was
 * frozen before it could store it.
 */
function neverStored(troubles: readonly Trouble[], shownAt: number): boolean {
  return troubles.some((lost) => {
    if (lost.what !== 'killed' && lost.what !== 'frozen' && !isToldToEnd(troubles, lost)) return false;
    return outagesOf(troubles, lost.who).some(
      ({ from, to, hinderedTo }) =>
        from < shownAt &&
        shownAt < to + STORED_WITHIN_MS &&
        lost.from >= shownAt &&
        lost.from < hinderedTo + STORED_WITHIN_MS,
    );
  });
}

/**
 * The same, where its process lived: the server refused all of them when the text was shown, and without a moment between the
 * way of this process to it was silent, until another took it for dead. A lease that ends meanwhile was taken.
 */
function leaseTaken(
  { leases, replies, troubles }: Pick<Evidence, 'leases' | 'replies' | 'troubles'>,
  id: string | null,
  shownAt: number,
): boolean {
  const mailbox = replies.find((one) => one.id === id)?.mailbox;
  if (!refusedToAll(troubles, shownAt)) return false;
  return leases.some(
    ({ mailbox: of, who, from: takenAt, to: lostAt }) =>
      of === mailbox &&
      takenAt <= shownAt &&
      outagesOf(troubles, who).some(({ from, to }) => from < shownAt && shownAt < lostAt && lostAt < to),
  );
}

/** No process could write at that moment, so that nobody could take anything over. */
function refusedToAll(troubles: readonly Trouble[], at: number): boolean {
  const slotOf = ({ who }: Trouble) => who.split('#')[0];
  const away = troubles.filter(({ what, from, to }) => AWAY.has(what) && from <= at && at <= to);
  return new Set(away.map(slotOf)).size === new Set(troubles.map(slotOf)).size;
}

/** It was asked to stop, and its grace was over while its database was away. */
function isToldToEnd(troubles: readonly Trouble[], { what, who, from }: Trouble): boolean {
  const asked = (one: Trouble) => one.what === 'asked to stop' && one.who === who && one.from <= from;
  return what === 'ended' && troubles.some(asked);
}

/** While this lasts nothing is stored, and nobody can take anything over: text is shown all the same. */
const AWAY: ReadonlySet<Trouble['what']> = new Set(['database', 'read-only']);

interface Outage {
  readonly from: number;
  to: number;
  /** Until when it could not store what it had shown: its database was back, and a table locked or the disk full. */
  hinderedTo: number;
}

/** When a process was without its database; two outages with no time to store anything between them are one. */
function outagesOf(troubles: readonly Trouble[], who: string): Outage[] {
  const outages: Outage[] = [];
  const lasting = troubles.filter((one) => one.who === who && one.to > one.from);
  for (const { what, from, to } of lasting.toSorted((a, b) => a.from - b.from)) {
    const last = outages.at(-1);
    const goesOn = last !== undefined && from < last.hinderedTo + STORED_WITHIN_MS;
    if (goesOn && (AWAY.has(what) || !isHarm(what))) last.hinderedTo = Math.max(last.hinderedTo, to);
    if (!AWAY.has(what)) continue;
    if (goesOn) last.to = Math.max(last.to, to);
    else outages.push({ from, to, hinderedTo: to });
  }
  return outages;
}

/** A move is stored before it is seen; the look before it may have been on its way still. */
const ON_ITS_WAY_MS = 2_000;

/**
 * What a person has seen of an answer is never taken back, refusals aside, and where somebody wanted another text
 * at that moment, by a press or an edit. What comes instead is the beginning of something that was said.
 */
export function neverTakenBack({ messages, replies, questions, troubles, leases }: Evidence): {
  violations: Violation[];
  excused: number;
} {
  const found: Violation[] = [];
  let excused = 0;
  const refused = new Set(
    replies
      .filter((one) => [one, ...one.others].some(({ stopReason }) => stopReason === 'refusal'))
      .map(({ id }) => id),
  );
  const nextOf = (reply: string | null, segment: number) =>
    messages.find((other) => other.reply === reply && other.segment === segment + 1)?.texts.join('') ?? '';
  const wantedOf = (id: string | null): { moves: readonly number[]; drafts: readonly string[] } => {
    const reply = replies.find((one) => one.id === id);
    const question = questions.find(
      ({ channel, ts }) => channel === reply?.channel && ts === reply.questionTs,
    );
    if (reply === undefined || question === undefined) return { moves: [], drafts: [] };
    return {
      moves: reply.moves.map(({ at }) => at),
      drafts: question.expected.drafts.map(({ text }) => bare(text)),
    };
  };
  for (const { reply, segment, seen, texts, times } of messages) {
    if (reply !== null && refused.has(reply)) continue;
    const { moves, drafts } = wantedOf(reply);
    const open = [...moves];
    /** Each move changes the text once. */
    const moved = (since: number, until: number): boolean => {
      const at = open.findIndex((move) => move >= since - ON_ITS_WAY_MS && move <= until);
      return at >= 0 && open.splice(at, 1).length > 0;
    };
    // A later message begins in the middle of a draft.
    const isSaid = (now: string) =>
      drafts.some((text) => (segment === 0 ? text.startsWith(now) : text.includes(now)));
    let before = '';
    /** When what is there now was first seen: the same look may come again. */
    let seenAt = 0;
    for (const [look, text] of texts.entries()) {
      const now = bare(text);
      if (!now.startsWith(before) && !movedOn(before, now, nextOf(reply, segment))) {
        if (isSaid(now) && moved(times[look - 1] ?? 0, times[look] ?? 0)) {
          before = now;
          seenAt = times[look] ?? 0;
          continue;
        }
        if (neverStored(troubles, seenAt) || leaseTaken({ leases, replies, troubles }, reply, seenAt)) {
          excused += 1;
          before = now;
          seenAt = times[look] ?? 0;
          continue;
        }
        const what = `look ${look} of segment ${segment} (${seen.ts}, reply ${reply}) has ${now.length} letters where ${before.length} were: …${before.slice(-40)} became …${now.slice(-40)}`;
        found.push({ promise: 'nothing seen is taken back', question: null, what });
        break;
      }
      if (now !== before) seenAt = times[look] ?? 0;
      before = now;
    }
  }
  return { violations: found, excused };
}
