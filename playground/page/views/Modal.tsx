import {
  type FormEvent,
  type KeyboardEvent,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { PageValues, PageView } from '../../protocol.ts';
import { ControlsContext, textOf } from '../forms/controls.ts';
import { useAct, useApp } from '../shell/app.ts';
import { Icon, Logo } from '../shell/icons.tsx';
import { topModal } from '../state/views.ts';
import { Blocks } from '../text/Blocks.tsx';
import { Boundary } from '../text/Boundary.tsx';
import { useViewControls } from './useViewControls.ts';

/** The modal that the app has opened in front of the person who is speaking, if any. */
export function Modals() {
  const { world, me } = useApp();
  const view = topModal(world, me.id);
  const kept = useRef(new Map<string, PageValues>()).current;
  return view === null ? null : <Modal key={view.id} view={view} kept={kept} />;
}

/** One modal. The browser keeps the focus in it; Escape and the cross close it; Enter in a line submits it. */
function Modal({ view, kept }: { readonly view: PageView; readonly kept: Map<string, PageValues> }) {
  const act = useAct();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const [sending, setSending] = useState(false);
  const { controls, values, errors, setErrors } = useViewControls(view, kept);
  const { content, id, user } = view;
  const submit = textOf(content['submit']);
  const blocks = Array.isArray(content['blocks']) ? content['blocks'] : [];

  useLayoutEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    shown?.showModal();
    return () => {
      shown?.close();
      // Closing gives the focus back, but Chromium leaves the caret in the field that is gone: nothing could be typed.
      // Mended when the dialog is gone, and before the next key is read.
      queueMicrotask(() => {
        if (!(before instanceof HTMLElement) || document.activeElement !== before) return;
        before.blur();
        before.focus();
      });
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at again whenever the app changed the view
  useEffect(() => {
    const body = dialog.current?.querySelector('.modal-body');
    // The browser begins at the cross; one begins at the first thing that can be used, and stays where one is.
    if (body == null || body.contains(document.activeElement)) return;
    body.querySelector<HTMLElement>('button, input, textarea')?.focus();
  }, [view.hash]);
  useEffect(() => {
    if (Object.keys(errors).length > 0)
      dialog.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);

  const close = () => void act({ type: 'close_view', user, viewId: id });
  const send = async () => {
    if (sending || submit === '') return;
    setSending(true);
    const result = await act({ type: 'submit_view', user, viewId: id, values: values() });
    setSending(false);
    setErrors(result.ok ? (result.errors ?? {}) : { '': 'We had some trouble connecting. Try again?' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // What is typed here is for nothing behind it.
    event.stopPropagation();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send();
    }
  };
  return (
    <dialog
      ref={dialog}
      className="modal"
      aria-labelledby={title}
      data-testid="modal"
      data-callback={String(content['callback_id'] ?? '')}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onKeyDown={onKeyDown}
    >
      <form
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void send();
        }}
      >
        <header>
          <Logo size={28} />
          <h2 id={title}>{textOf(content['title'])}</h2>
          <button type="button" className="icon-button" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        <div className="modal-body">
          {errors[''] !== undefined && (
            <p className="form-error" role="alert">
              {errors['']}
            </p>
          )}
          <div className="content view-blocks">
            <Boundary of={blocks} fallback={<p className="block-unknown">This view can’t be drawn.</p>}>
              <ControlsContext value={controls}>
                <Blocks blocks={blocks} />
              </ControlsContext>
            </Boundary>
          </div>
        </div>
        <footer>
          <button type="button" className="button" data-testid="modal-close" onClick={close}>
            {textOf(content['close']) || (submit === '' ? 'Close' : 'Cancel')}
          </button>
          {submit !== '' && (
            <button
              type="submit"
              className="button primary"
              data-testid="modal-submit"
              aria-disabled={sending}
              aria-busy={sending}
            >
              {sending && <span className="spinner" aria-hidden="true" />}
              {submit}
            </button>
          )}
        </footer>
      </form>
    </dialog>
  );
}
