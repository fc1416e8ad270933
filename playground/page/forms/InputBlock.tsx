import { useId } from 'react';
import { type Fields, fields, str } from '../text/fields.ts';
import { Control } from './Control.tsx';
import { textOf, useControls } from './controls.ts';

/** A field of a form: its label, the input, a hint, and what is wrong with it. */
export function InputBlock({ block }: { readonly block: Fields }) {
  const { form } = useControls();
  const id = useId();
  const blockId = str(block['block_id']);
  const error = form?.errors[blockId] ?? '';
  const hint = textOf(block['hint']);
  const optional = block['optional'] === true;
  const described = [error !== '' && `${id}-error`, hint !== '' && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div className={error === '' ? 'field' : 'field field-wrong'} data-testid="field" data-block={blockId}>
      <div className="field-label" id={`${id}-label`}>
        {textOf(block['label'])}
        {optional && <span className="field-optional"> (optional)</span>}
      </div>
      <Control
        element={fields(block['element'])}
        blockId={blockId}
        dispatches={block['dispatch_action'] === true}
        optional={optional}
        labelledBy={`${id}-label`}
        describedBy={described === '' ? undefined : described}
        invalid={error !== ''}
      />
      {error !== '' && (
        <p className="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      {hint !== '' && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
