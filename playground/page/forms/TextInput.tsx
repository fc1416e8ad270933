import type { KeyboardEvent } from 'react';
import { str } from '../text/fields.ts';
import { type ControlTraits, textOf, useHeld } from './controls.ts';

/** Slack's own limit where the app sets none. */
const USUAL_MOST = 3_000;
/** From this share of the limit on the count is shown in every field; in long ones that have a limit, always. */
const NEARLY = 0.9;

/** One line or several, with the count of characters; numbers, addresses and mail too. */
export function TextInput(traits: ControlTraits) {
  const { element, dispatches } = traits;
  const [held, change] = useHeld(traits);
  const kind = str(element['type']);
  const value = str(held['value']);
  const own = typeof element['max_length'] === 'number';
  const most = typeof element['max_length'] === 'number' ? element['max_length'] : USUAL_MOST;
  const many = kind === 'plain_text_input' && element['multiline'] === true;
  const counted = kind === 'plain_text_input' && ((own && many) || value.length > most * NEARLY);

  const shared = {
    'aria-labelledby': traits.labelledBy,
    'aria-describedby': traits.describedBy,
    'aria-invalid': traits.invalid === true,
    'data-testid': 'input',
    'data-action': str(element['action_id']),
    placeholder: textOf(element['placeholder']),
    value,
    onChange: (event: { readonly target: { readonly value: string } }) =>
      // The app hears of a text when Enter is pressed, not of each letter.
      change({ value: event.target.value === '' ? null : event.target.value }, false),
    onKeyDown: (event: KeyboardEvent) => {
      if (!dispatches || event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
      event.preventDefault();
      change({ value: value === '' ? null : value });
    },
  };
  return (
    <span className="text-input">
      {many ? (
        <textarea rows={4} {...shared} />
      ) : (
        <input type="text" inputMode={kind === 'number_input' ? 'decimal' : 'text'} {...shared} />
      )}
      {counted && (
        <span className={value.length > most ? 'count count-over' : 'count'}>
          {value.length.toLocaleString('en')} / {most.toLocaleString('en')}
          <span className="hidden"> characters</span>
        </span>
      )}
    </span>
  );
}
