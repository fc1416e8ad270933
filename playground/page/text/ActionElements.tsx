import { useState } from 'react';
import { useControls } from '../forms/controls.ts';
import { ConfirmDialog } from '../shell/ConfirmDialog.tsx';
import { Icon } from '../shell/icons.tsx';
import { Menu } from '../shell/Menu.tsx';
import { isStop } from '../state/writing.ts';
import { emojiOf } from './emoji.ts';
import { type Fields, fields, list, str } from './fields.ts';
import { Emoji, SafeLink } from './Inline.tsx';

interface Press {
  readonly actionId: string;
  readonly value: string;
  readonly label: string;
  readonly spoken: string;
  readonly style: string;
  readonly confirm: Fields | null;
  readonly stops: boolean;
  /** Slack draws it as a picture and says its text on hover. */
  readonly bin: boolean;
}

/** A button, a row of feedback or a menu of further actions. */
export function ActionElement({ element, blockId }: { readonly element: Fields; readonly blockId: string }) {
  if (element['type'] === 'overflow') return <Overflow element={element} blockId={blockId} />;
  const url = str(element['url']);
  if (element['type'] === 'button' && url !== '') {
    return (
      <span className="button-link">
        <SafeLink url={url}>{str(fields(element['text'])['text'])}</SafeLink>
      </span>
    );
  }
  return pressesOf(element).map((press) => (
    <ActionButton key={`${press.actionId} ${press.value}`} press={press} blockId={blockId} />
  ));
}

/** The rarer actions, behind three dots. */
function Overflow({ element, blockId }: { readonly element: Fields; readonly blockId: string }) {
  const { press } = useControls();
  const [asked, setAsked] = useState<string | null>(null);
  const actionId = str(element['action_id']);
  const confirm = element['confirm'] === undefined ? null : fields(element['confirm']);
  const pick = (value: string) => void press({ blockId, actionId, value });
  return (
    <>
      <Menu
        label="More actions"
        className="block-button block-overflow"
        align="end"
        testId="overflow"
        items={list(element['options']).map((option) => ({
          key: str(option['value']),
          label: <Label text={str(fields(option['text'])['text'])} />,
          note: str(fields(option['description'])['text']),
          onPick: () => (confirm === null ? pick(str(option['value'])) : setAsked(str(option['value']))),
        }))}
      >
        <Icon name="more" size={16} />
      </Menu>
      {asked !== null && confirm !== null && (
        <Confirm
          confirm={confirm}
          onConfirm={() => {
            setAsked(null);
            pick(asked);
          }}
          onCancel={() => setAsked(null)}
        />
      )}
    </>
  );
}

function Confirm(props: {
  readonly confirm: Fields;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}) {
  const words = (name: string) => str(fields(props.confirm[name])['text']);
  return (
    <ConfirmDialog
      title={words('title') || 'Are you sure?'}
      text={words('text')}
      confirm={words('confirm') || 'Yes'}
      cancel={words('deny') || 'Cancel'}
      danger={props.confirm['style'] === 'danger'}
      onConfirm={props.onConfirm}
      onCancel={props.onCancel}
    />
  );
}

function pressesOf(element: Fields): readonly Press[] {
  const actionId = str(element['action_id']);
  const confirm = element['confirm'] === undefined ? null : fields(element['confirm']);
  const press = (from: Fields, value: string): Press => {
    const label = str(fields(from['text'])['text']);
    const spoken = str(from['accessibility_label']);
    const bin = element['type'] === 'icon_button' && element['icon'] === 'trash';
    return {
      actionId,
      value,
      label,
      spoken,
      style: str(from['style']),
      confirm,
      stops: isStop(element),
      bin,
    };
  };
  if (element['type'] !== 'feedback_buttons') return [press(element, str(element['value']))];
  return [fields(element['positive_button']), fields(element['negative_button'])].map((side) =>
    press(side, str(side['value'])),
  );
}

function ActionButton({ press, blockId }: { readonly press: Press; readonly blockId: string }) {
  const controls = useControls();
  const [acting, setActing] = useState(false);
  const [asking, setAsking] = useState(false);
  const act = async () => {
    setAsking(false);
    setActing(true);
    await controls.press({ blockId, actionId: press.actionId, value: press.value });
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
        {...(press.spoken !== '' || press.bin ? { 'aria-label': press.spoken || press.label } : {})}
        title={press.bin ? press.label : undefined}
        data-testid={press.stops ? 'stop-button' : 'message-button'}
        data-action={press.actionId}
        onClick={() => {
          if (acting) return;
          if (press.confirm !== null) setAsking(true);
          else void act();
        }}
      >
        {acting && <span className="spinner" aria-hidden="true" />}
        {press.bin ? <Icon name="trash" size={16} /> : <Label text={press.label} />}
      </button>
      {asking && press.confirm !== null && (
        <Confirm confirm={press.confirm} onConfirm={() => void act()} onCancel={() => setAsking(false)} />
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
