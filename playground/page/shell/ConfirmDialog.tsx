import { useEffect, useId, useRef } from 'react';

/** A question that must be answered before anything else. The browser keeps the focus in it. */
export function ConfirmDialog(props: {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly cancel: string;
  readonly danger: boolean;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={title}
      onCancel={props.onCancel}
      // Escape answers this question and nothing behind it.
      onKeyDown={(event) => event.stopPropagation()}
    >
      <h2 id={title}>{props.title}</h2>
      {props.text !== '' && <p>{props.text}</p>}
      <div className="dialog-buttons">
        <button type="button" className="button" onClick={props.onCancel}>
          {props.cancel}
        </button>
        <button
          type="button"
          className={props.danger ? 'button danger' : 'button primary'}
          data-testid="confirm"
          onClick={props.onConfirm}
        >
          {props.confirm}
        </button>
      </div>
    </dialog>
  );
}
