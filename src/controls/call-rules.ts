import type { CallChoice } from '../reply/cards/actions.ts';
import type { CardCall } from '../reply/cards/store.ts';
import { CALL_LINES } from '../words/tools-cards.ts';
import type { Judgement } from './rules.ts';

/** What must be known of a call to say whether a press may decide about it. */
export type CallFacts = Pick<
  CardCall,
  'state' | 'sharing' | 'account' | 'direct' | 'live' | 'late' | 'reads'
>;

/** `expire`: nobody can decide about it any more, so that it ends here. */
export type CallJudgement =
  | Judgement
  | { readonly kind: 'expire'; readonly reason: string; readonly line: string };

/** Who presses, as far as it is known without Slack. */
interface CallPresser {
  /** The one who asked, in whose name a personal account speaks. */
  readonly isAsker: boolean;
  /** May change the settings of the channel. */
  readonly manages: boolean;
}

/** Whether somebody who did not ask may decide with their rights in the channel: a shared account's call, and no more. */
export function managersDecide({ account, direct }: Pick<CallFacts, 'account' | 'direct'>): boolean {
  return account === 'workspace' && !direct;
}

/**
 * May this press be carried out, by what the row says and by who presses? Who may decide: the one who asked; about the account
 * of the workspace also whoever may change the channel's settings. What would let a tool run or a result be seen without
 * asking is for the one who asked alone. A call is decided about once.
 */
export function judgeCall(choice: CallChoice, call: CallFacts, by: CallPresser): CallJudgement {
  switch (choice) {
    case 'show':
      return DO;
    case 'show_result':
    case 'share':
    case 'share_always':
    case 'keep':
      if (!by.isAsker) return leave('not_owner', CALL_LINES.notOwner);
      return choice === 'show_result' ? DO : judgeSharing(choice, call);
    case 'ask_again':
      return by.isAsker ? DO : leave('not_asker', CALL_LINES.onlyAsker);
    case 'always':
      if (!by.isAsker) return leave('not_asker', CALL_LINES.onlyAsker);
      return judgeState(call);
    case 'approve':
    case 'deny':
      if (!by.isAsker && !managersDecide(call)) return leave('not_asker', CALL_LINES.notYours);
      if (!by.isAsker && !by.manages) return leave('not_manager', CALL_LINES.notManager);
      return judgeState(call);
  }
}

function judgeState({ state, live, late }: CallFacts): CallJudgement {
  if (state === 'denied') return leave('denied', CALL_LINES.denied);
  if (state === 'expired' || state === 'refused') return leave('over', CALL_LINES.over);
  if (state !== 'proposed') return leave('approved', CALL_LINES.approved);
  return live && !late ? DO : { kind: 'expire', reason: 'over', line: CALL_LINES.over };
}

function judgeSharing(
  choice: 'share' | 'share_always' | 'keep',
  { sharing, live, late, reads }: CallFacts,
): CallJudgement {
  if (sharing !== 'withheld') return leave('decided', null);
  // The button is drawn for reading tools alone: it would let a changing one run unasked.
  if (choice === 'share_always' && !reads) return leave('not_offered', CALL_LINES.over);
  return live && !late ? DO : { kind: 'expire', reason: 'over', line: CALL_LINES.over };
}

const DO: Judgement = { kind: 'do' };

function leave(reason: string, line: string | null): Judgement {
  return { kind: 'leave', reason, line };
}
