import * as words from '../../words/tools-cards.ts';
import type { Button } from '../ports.ts';

/** What can be pressed on a card. `show`: all of what was shortened; `show_result`: the same of a result. */
export const CALL_CHOICES = [
  'approve',
  'deny',
  'always',
  'ask_again',
  'show',
  'share',
  'share_always',
  'keep',
  'show_result',
] as const;
export type CallChoice = (typeof CALL_CHOICES)[number];

/** A press on a card, read from what the client sent. */
export interface CallPress {
  readonly control: 'call';
  readonly choice: CallChoice;
  /** Id of the row that the card is a view of. */
  readonly call: string;
}

const PREFIX = 'reply_call_';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What was pressed on a card; null: it is no card's button, or its value is none of ours. Total. */
export function parseCallPress(action: string, value: string | null): CallPress | null {
  const choice = CALL_CHOICES.find((one) => action === `${PREFIX}${one}`);
  // The value was visible to clients and may be anything.
  return choice === undefined || value === null || !UUID.test(value)
    ? null
    : { control: 'call', choice, call: value };
}

interface Named {
  readonly id: string;
  readonly title: string;
  readonly server: string;
  readonly account: string;
}

function button(
  choice: CallChoice,
  call: Pick<Named, 'id'>,
  text: { readonly label: string; readonly accessibilityLabel?: string },
  more: Pick<Button, 'style' | 'confirm'> = {},
): Button {
  return { action: `${PREFIX}${choice}`, value: call.id, ...text, ...more };
}

const always = ({ title, server, account }: Named) => ({
  // Slack cuts nothing: a question of more than 300 characters is refused.
  confirm: words.alwaysQuestion(short(title), server, account === 'person'),
});

const short = (title: string) => (title.length > 60 ? `${title.slice(0, 59)}…` : title);

/** Under a call that is to be decided about. `shortened`: not all of its arguments are on the card. */
export function decisionButtons(call: Named, shortened: boolean): readonly Button[] {
  const { approve, deny, showAll } = words.CALL_BUTTONS;
  return [
    button('approve', call, approve, { style: 'primary' }),
    button('deny', call, deny, { style: 'danger' }),
    button('always', call, words.CALL_BUTTONS.always, always(call)),
    ...(shortened ? [button('show', call, showAll)] : []),
  ];
}

/** Under a call that its asker approved for the whole thread, or whose result they share there. */
export function askAgainButton(call: Named): Button {
  return button('ask_again', call, words.CALL_BUTTONS.askAgain);
}

/** Under a result that its owner is shown. What changes something is not allowed for the whole thread in passing. */
export function sharingButtons(call: Named & { readonly reads: boolean }, shortened: boolean) {
  const { share, keep, shareAlways, showAll } = words.CALL_BUTTONS;
  return [
    button('share', call, share, { style: 'primary' }),
    button('keep', call, keep, { style: 'danger' }),
    ...(call.reads ? [button('share_always', call, shareAlways, always(call))] : []),
    ...(shortened ? [button('show_result', call, showAll)] : []),
  ];
}
