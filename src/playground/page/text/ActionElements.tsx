import { useState } from 'react';
import { ConfirmDialog } from '../shell/ConfirmDialog.tsx';
import { isStop } from '../state/writing.ts';
import { emojiOf } from './emoji.ts';
import { type Fields, fields, list, str } from './fields.ts';
import { Emoji, SafeLink } from './Inline.tsx';

/** Tells the app that a button was pressed; settles when the app has answered. */
export type Click = (press: {
  readonly blockId: string;
  readonly actionId: string;
  readonly value: string;
}) => Promise<unknown>;

interface Press {
  readonly actionId: string;
  readonly value: string;
  readonly label: string;
  readonly spoken: string;
  readonly style: string;
  readonly confirm: Fields | null;
  readonly stops: boolean;
}

/** The buttons of an `actions` or `context_actions` block, or the one beside a section. */
export function ActionElements({
  elements,
  blockId,
  onClick,
}: {
  readonly elements: readonly Fields[];
  readonly blockId: string;
  readonly onClick: Click;
}) {
  return (
    <div className="block-actions">
      {elements.map((element, index) => {
        const url = str(element['url']);
        if (element['type'] === 'button' && url !== '') {
          return (
            <span key={str(element['action_id']) || index} className="button-link">
              <SafeLink url={url}>{str(fields(element['text'])['text'])}</SafeLink>
            </span>
          );
        }
        const presses = pressesOf(element);
        if (presses.length === 0) {
          return (
            <span key={str(element['action_id']) || index} className="block-unknown">
              {str(element['type']).replaceAll('_', ' ') || 'Nameless'} control, not drawn here
            </span>
          );
        }
        return presses.map((press) => (
          <ActionButton
            key={`${press.actionId} ${press.value}`}
            press={press}
            blockId={blockId}
            onClick={onClick}
          />
        ));
      })}
    </div>
  );
}

function pressesOf(element: Fields): readonly Press[] {
  const actionId = str(element['action_id']);
  const confirm = element['confirm'] === undefined ? null : fields(element['confirm']);
  const press = (from: Fields, value: string): Press => {
    const label = str(fields(from['text'])['text']);
    const spoken = str(from['accessibility_label']);
    return { actionId, value, label, spoken, style: str(from['style']), confirm, stops: isStop(element) };
  };
  switch (element['type']) {
    case 'button':
    case 'icon_button':
      return [press(element, str(element['value']))];
    case 'feedback_buttons':
      return [fields(element['positive_button']), fields(element['negative_button'])].map((side) =>
        press(side, str(side['value'])),
      );
    case 'overflow':
      return list(element['options']).map((option) => press(option, str(option['value'])));
    default:
      return [];
  }
}

function ActionButton({
  press,
  blockId,
  onClick,
}: {
  readonly press: Press;
  readonly blockId: string;
  readonly onClick: Click;
}) {
  const [acting, setActing] = useState(false);
  const [asking, setAsking] = useState(false);
  const act = async () => {
    setAsking(false);
    setActing(true);
    await onClick({ blockId, actionId: press.actionId, value: press.value });
    setActing(false);
  };
  return (
    <>
      <button
        type="button"
        className={`block-button ${press.style}`}
        // Not `disabled`: that would throw the keyboard's focus away while the app answers.
        aria-disabled={acting}
        aria-busy={acting}
        {...(press.spoken === '' ? {} : { 'aria-label': press.spoken })}
        data-testid={press.stops ? 'stop-button' : 'message-button'}
        data-action={press.actionId}
        onClick={() => {
          if (acting) return;
          if (press.confirm !== null) setAsking(true);
          else void act();
        }}
      >
        {acting && <span className="spinner" aria-hidden="true" />}
        <Label text={press.label} />
      </button>
      {asking && press.confirm !== null && (
        <ConfirmDialog
          title={str(fields(press.confirm['title'])['text']) || 'Are you sure?'}
          text={str(fields(press.confirm['text'])['text'])}
          confirm={str(fields(press.confirm['confirm'])['text']) || 'Yes'}
          cancel={str(fields(press.confirm['deny'])['text']) || 'Cancel'}
          danger={press.confirm['style'] === 'danger'}
          onConfirm={() => void act()}
          onCancel={() => setAsking(false)}
        />
      )}
    </>
  );
}

/** A label is plain text in which Slack draws emoji names. */
function Label({ text }: { readonly text: string }) {
  const whole = /^:([a-z0-9_+-]+):$/.exec(text)?.[1];
  if (whole !== undefined) return <Emoji name={whole} />;
  return text.replace(/:([a-z0-9_+-]+):/g, (name, inner: string) => emojiOf(inner) ?? name);
}
