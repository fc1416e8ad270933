/**
 * The life of a call of a connected tool. Each state is durable before what it says is done:
 *
 *   proposed  it may change something             → a person decides, or the time does
 *   approved  nobody need say more                → it is run
 *   running   committed before the request leaves → its end, or after a crash: again if that changes nothing more, else unknown
 *   done, failed, unknown                         → what came of it; nothing follows
 *   denied, expired, refused                      → it never left; nothing follows
 *
 * So nothing that was denied, let lapse or left unknown is ever run, and what may change something is sent at most once.
 */
const CALL_STATES = [
  'proposed',
  'approved',
  'denied',
  'expired',
  'refused',
  'running',
  'done',
  'failed',
  'unknown',
] as const;
export type CallState = (typeof CALL_STATES)[number];

/** Of what a personal account gave, in a channel: its owner has not seen it yet, lets it be used, or keeps it. */
const SHARINGS = ['withheld', 'released', 'kept'] as const;
export type Sharing = (typeof SHARINGS)[number];

const NEXT: Readonly<Record<CallState, readonly CallState[]>> = {
  proposed: ['approved', 'denied', 'expired'],
  // It lapses where the answer ends, or begins anew, before it was run.
  approved: ['running', 'expired'],
  running: ['done', 'failed', 'unknown'],
  denied: [],
  expired: [],
  refused: [],
  done: [],
  failed: [],
  unknown: [],
};

/** The states that another may follow from: what the statements of `store.ts` ask for in their conditions. */
export function statesBefore(to: CallState): readonly CallState[] {
  return CALL_STATES.filter((from) => NEXT[from].includes(to));
}

export function callStateOf(value: string): CallState {
  // A word of a later version: nobody knows whether that call left.
  return CALL_STATES.find((state) => state === value) ?? 'unknown';
}

export function sharingOf(value: string | null): Sharing | null {
  return SHARINGS.find((sharing) => sharing === value) ?? null;
}

/** Most calls in one version of an answer: each is a line of a record, and each result is read by the model again and again. */
export const MOST_CALLS = 24;
/** Most bytes of what the model writes for one call, as JSON: a card has to show it, and a person has to read it. */
export const MOST_INPUT_BYTES = 32_000;
/** Most bytes of results that one version of an answer takes in: some 60,000 tokens beside the thread. */
export const MOST_RESULTS_BYTES = 256_000;
/** So many calls that only read go side by side: a server of tools is somebody else's machine. */
export const MOST_AT_ONCE = 4;
/** Longest that one call may take, in milliseconds: people wait for it. */
export const MOST_CALL_MS = 60_000;

/** Why a call is refused before anybody is asked. */
export type Refusal =
  | 'unknown_tool'
  | 'not_json'
  | 'too_large'
  | 'unfit'
  | 'too_many'
  | 'unlinked'
  | 'not_allowed'
  | 'nobody_to_ask';

/** What must be known of a call to say how it begins. */
export interface BirthFacts {
  /** The tool is offered here. */
  readonly known: boolean;
  /** What the model wrote is JSON. */
  readonly isJson: boolean;
  readonly inputBytes: number;
  /** It is as the tool's schema says. */
  readonly fits: boolean;
  /** Calls that this version of the answer made before. */
  readonly before: number;
  /** What the person may. */
  readonly right: 'may' | 'unlinked' | 'not_allowed';
  readonly reads: boolean;
  /** "Always for this thread" was said of it by this person. */
  readonly granted: boolean;
  /** There is a way to ask somebody. */
  readonly canAsk: boolean;
}

type Birth =
  | { readonly state: 'approved' | 'proposed' }
  | { readonly state: 'refused'; readonly why: Refusal };

/** How a call begins: what only reads, or was granted, needs no word; what may change something waits for one. */
export function birthOf(facts: BirthFacts): Birth {
  const refused = (why: Refusal): Birth => ({ state: 'refused', why });
  if (facts.before >= MOST_CALLS) return refused('too_many');
  if (!facts.known) return refused('unknown_tool');
  if (!facts.isJson) return refused('not_json');
  if (facts.inputBytes > MOST_INPUT_BYTES) return refused('too_large');
  if (!facts.fits) return refused('unfit');
  if (facts.right !== 'may') return refused(facts.right);
  if (facts.reads || facts.granted) return { state: 'approved' };
  return facts.canAsk ? { state: 'proposed' } : refused('nobody_to_ask');
}

/** What of a call decides what is to be done about it. */
interface DueFacts {
  readonly state: CallState;
  readonly reads: boolean;
  readonly repeatable: boolean;
  readonly sharing: Sharing | null;
}

/**
 * What is to be done about a call by whoever owns its answer now. `again`: it was begun by an owner before us, and a second
 * time changes nothing more; `give_up`: it was begun so, and may have happened; `ask`, `share`: a person has the next word.
 */
type Due = 'ask' | 'run' | 'again' | 'give_up' | 'share' | 'nothing';

export function dueOf({ state, reads, repeatable, sharing }: DueFacts): Due {
  switch (state) {
    case 'proposed':
      return 'ask';
    case 'approved':
      return 'run';
    case 'running':
      return reads || repeatable ? 'again' : 'give_up';
    case 'done':
    case 'failed':
      return sharing === 'withheld' ? 'share' : 'nothing';
    case 'denied':
    case 'expired':
    case 'refused':
    case 'unknown':
      return 'nothing';
  }
}

/** Whether what a call gave has to be seen by its owner first: a personal account, where others read along. */
export function isWithheld(account: string, direct: boolean): boolean {
  return account === 'person' && !direct;
}
