import { asksFor, CARD_LINE, SHARE_LINE } from '../../words/tools-cards.ts';
import { askAgainButton, decisionButtons, sharingButtons } from './actions.ts';
import { argumentRows, line, resultText } from './arguments.ts';
import type { Card, Piece } from './ports.ts';

/**
 * How long somebody may take to decide, in milliseconds: until the same hour of the next day, so that who went home finds it
 * in the morning; what was meant yesterday is no consent for tomorrow. From the call on, for its result too: the answer waits no
 * longer in all.
 */
export const DECIDED_WITHIN_MS = 24 * 60 * 60_000;

/** Characters; a server may call its tools anything. */
const MOST_TITLE = 120;

/** What a card shows of a row of `tool_calls`. */
export interface CardFacts {
  readonly id: string;
  readonly server: string;
  readonly tool: string;
  /** What the server calls the tool, for people. */
  readonly title: string;
  readonly input: string;
  readonly reads: boolean;
  /** `none`, `workspace`, `person`. */
  readonly account: string;
  /** Slack user id of the one who asked. */
  readonly person: string;
  readonly state: string;
  readonly decidedBy: string | null;
  readonly result: string | null;
  readonly sharing: string | null;
  readonly createdAt: Date;
  readonly channel: string;
  readonly direct: boolean;
  /** The asker needs not be asked again in this thread. */
  readonly granted: boolean;
}

/** The card of a call as it is now. `calls`: it may name its asker so that they hear of it. Pure. */
export function cardOf(call: CardFacts, calls: boolean): Card {
  const title = titleOf(call);
  if (call.state !== 'proposed') {
    const { granted, state } = call;
    const always = granted && ['approved', 'running', 'done', 'failed', 'unknown'].includes(state);
    return {
      ...EMPTY,
      line: [[`${title} (${call.server})`], ...endOf(call), ...(always ? [[CARD_LINE.always]] : [])],
      buttons: always ? [askAgainButton({ ...call, title })] : [],
    };
  }
  const { rows, shortened } = argumentRows(call.input);
  const shared = call.account === 'workspace' && !call.direct;
  return {
    ...EMPTY,
    mention: calls ? call.person : null,
    title: asksFor(title, call.server),
    rows,
    line: [
      accountOf(call),
      [CARD_LINE.decides, { user: call.person }, ...(shared ? [CARD_LINE.orManagers] : [])],
      [CARD_LINE.until, { time: endsAt(call.createdAt) }],
    ],
    buttons: decisionButtons({ ...call, title }, shortened),
  };
}

/** The private card of a result that its owner is to look at. Pure. */
export function shareCardOf(call: CardFacts): Card {
  const title = SHARE_LINE.title(titleOf(call), call.server);
  if (call.sharing !== 'withheld') {
    const shared = call.sharing === 'released';
    const always = shared && call.granted;
    return {
      ...EMPTY,
      line: [
        [title],
        [shared ? SHARE_LINE.shared : SHARE_LINE.kept],
        ...(always ? [[CARD_LINE.always]] : []),
      ],
      buttons: always ? [askAgainButton({ ...call, title: titleOf(call) })] : [],
    };
  }
  const { text, shortened } = resultText(call.result);
  return {
    ...EMPTY,
    title,
    text,
    line: [
      [SHARE_LINE.place, { channel: call.channel }],
      [SHARE_LINE.only],
      [SHARE_LINE.until, { time: endsAt(call.createdAt) }],
    ],
    buttons: sharingButtons({ ...call, title: titleOf(call) }, shortened),
  };
}

const EMPTY: Card = { mention: null, title: '', rows: [], text: '', line: [], buttons: [] };

function titleOf({ title, tool }: CardFacts): string {
  return line(title.trim() === '' ? tool : title, MOST_TITLE);
}

const endsAt = (since: Date) => Math.floor((since.getTime() + DECIDED_WITHIN_MS) / 1000);

function accountOf({ account, person }: CardFacts): readonly Piece[] {
  if (account === 'person') return [CARD_LINE.account.person, { user: person }];
  return [account === 'workspace' ? CARD_LINE.account.workspace : CARD_LINE.account.none];
}

/** Who decided, and what came of it. */
function endOf({ state, decidedBy, result }: CardFacts): readonly (readonly Piece[])[] {
  const approved: readonly Piece[] =
    decidedBy === null ? [CARD_LINE.approved] : [CARD_LINE.approvedBy, { user: decidedBy }];
  switch (state) {
    case 'approved':
      return [approved];
    case 'running':
    case 'done':
    case 'failed':
    case 'unknown':
      return [approved, [CARD_LINE[state]]];
    case 'denied':
      return [decidedBy === null ? [CARD_LINE.notAsked] : [CARD_LINE.deniedBy, { user: decidedBy }]];
    case 'expired':
      // Approved, and its answer ended before it was run.
      if (decidedBy !== null) return [approved, [CARD_LINE.ended]];
      return [[result === null ? CARD_LINE.expired : CARD_LINE.notAllowed]];
    default:
      return [[CARD_LINE.refused]];
  }
}
