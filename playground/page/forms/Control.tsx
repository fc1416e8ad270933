import { ActionElement } from '../text/ActionElements.tsx';
import { str } from '../text/fields.ts';
import { Choices } from './Choices.tsx';
import type { ControlTraits } from './controls.ts';
import { SelectBox } from './SelectBox.tsx';
import { TextInput } from './TextInput.tsx';

/** One control of Block Kit, whichever it is, in a message, a modal or App Home. */
export function Control(traits: ControlTraits) {
  switch (traits.element['type']) {
    case 'plain_text_input':
    case 'number_input':
    case 'email_text_input':
    case 'url_text_input':
      return <TextInput {...traits} />;
    case 'static_select':
    case 'external_select':
    case 'users_select':
    case 'channels_select':
    case 'conversations_select':
      return <SelectBox {...traits} />;
    case 'radio_buttons':
    case 'checkboxes':
      return <Choices {...traits} />;
    case 'button':
    case 'icon_button':
    case 'feedback_buttons':
    case 'overflow':
      return <ActionElement element={traits.element} blockId={traits.blockId} />;
    default:
      return (
        <span className="block-unknown">
          {str(traits.element['type']).replaceAll('_', ' ') || 'Nameless'} control, not drawn here
        </span>
      );
  }
}
