import { useId } from 'react';
import { type Fields, fields, list, str } from '../text/fields.ts';
import { Mrkdwn } from '../text/Mrkdwn.tsx';
import { type ControlTraits, textOf, useHeld } from './controls.ts';

/** Radio buttons: exactly one; checkboxes: any number. */
export function Choices(traits: ControlTraits) {
  const { element } = traits;
  const [held, change] = useHeld(traits);
  const name = useId();
  const several = element['type'] === 'checkboxes';
  const chosen = several
    ? list(held['selected_options']).map((option) => str(option['value']))
    : [str(fields(held['selected_option'])['value'])];
  const options = list(element['options']);
  const toggle = (option: Fields, on: boolean) => {
    if (!several) return change({ selected_option: option });
    const value = str(option['value']);
    const next = options.filter((one) =>
      str(one['value']) === value ? on : chosen.includes(str(one['value'])),
    );
    change({ selected_options: next });
  };
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles take a label
    <div
      role={several ? 'group' : 'radiogroup'}
      className="choices"
      aria-labelledby={traits.labelledBy}
      aria-describedby={traits.describedBy}
      data-action={str(element['action_id'])}
    >
      {options.map((option) => {
        const value = str(option['value']);
        const note = textOf(option['description']);
        return (
          <label key={value} className="choice">
            <input
              type={several ? 'checkbox' : 'radio'}
              name={name}
              value={value}
              checked={chosen.includes(value)}
              aria-invalid={traits.invalid === true}
              onChange={(event) => toggle(option, event.target.checked)}
            />
            <span>
              <Words text={fields(option['text'])} />
              {note !== '' && <span className="choice-note">{note}</span>}
            </span>
          </label>
        );
      })}
    </div>
  );
}

function Words({ text }: { readonly text: Fields }) {
  return text['type'] === 'mrkdwn' ? <Mrkdwn text={str(text['text'])} /> : str(text['text']);
}
