/**
 * The inputs of a view: what they hold before anyone touched them, what a person may put into them, and what
 * Slack's own client refuses to send. All in the words of `view.state.values`.
 */
import { isJson, type Json, listOf, objectOf, textOf } from './json.ts';

/** State by block id and action id. */
export type Values = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/** Typed text, the value of an option (several for checkboxes), or the whole state of an input. */
export type Given = string | readonly string[] | Json;

/** By block id and action id. */
export type ViewValues = Readonly<Record<string, Readonly<Record<string, Given>>>>;

interface Input {
  readonly block: Json;
  readonly element: Json;
  readonly blockId: string;
  readonly actionId: string;
}

/** For each kind of input the field that holds its value, and the field of the element that it starts from. */
const KINDS: Readonly<Record<string, readonly [held: string, first: string, empty: null | readonly []]>> = {
  plain_text_input: ['value', 'initial_value', null],
  email_text_input: ['value', 'initial_value', null],
  url_text_input: ['value', 'initial_value', null],
  number_input: ['value', 'initial_value', null],
  static_select: ['selected_option', 'initial_option', null],
  external_select: ['selected_option', 'initial_option', null],
  radio_buttons: ['selected_option', 'initial_option', null],
  checkboxes: ['selected_options', 'initial_options', []],
  multi_static_select: ['selected_options', 'initial_options', []],
  multi_external_select: ['selected_options', 'initial_options', []],
  users_select: ['selected_user', 'initial_user', null],
  channels_select: ['selected_channel', 'initial_channel', null],
  conversations_select: ['selected_conversation', 'initial_conversation', null],
  datepicker: ['selected_date', 'initial_date', null],
  timepicker: ['selected_time', 'initial_time', null],
};

/** Slack's words where a field was left empty that must not be. */
const REQUIRED = 'Please complete this required field.';

function inputsOf(view: Json): Input[] {
  return listOf(view.blocks)
    .filter(isJson)
    .flatMap((block) =>
      [block.element, block.accessory, ...(block.type === 'actions' ? listOf(block.elements) : [])]
        .filter(isJson)
        .flatMap((element): Input[] => {
          const blockId = textOf(block.block_id);
          const actionId = textOf(element.action_id);
          const known = KINDS[String(element.type)] !== undefined;
          return known && blockId !== undefined && actionId !== undefined
            ? [{ block, element, blockId, actionId }]
            : [];
        }),
    );
}

function atFirst(element: Json): Json {
  const [held, first, empty] = KINDS[String(element.type)] ?? ['value', 'initial_value', null];
  return { type: element.type, [held]: element[first] ?? empty };
}

/** What the inputs of a view hold when it opens. */
export function firstValues(view: Json): Values {
  const values: Record<string, Record<string, Json>> = {};
  for (const { element, blockId, actionId } of inputsOf(view))
    values[blockId] = { ...values[blockId], [actionId]: atFirst(element) };
  return values;
}

/**
 * The state after a person changed `given` and left the rest. Throws an `Error` for an input that the view
 * does not have or an option that it does not offer: nobody could have done that.
 */
export function filled(view: Json, given: ViewValues): Values {
  const values: Record<string, Record<string, Json>> = { ...firstValues(view) };
  const inputs = inputsOf(view);
  for (const [blockId, byAction] of Object.entries(given))
    for (const [actionId, value] of Object.entries(byAction)) {
      const input = inputs.find((one) => one.blockId === blockId && one.actionId === actionId);
      if (!input) throw new Error(`the view has no input ${blockId} ${actionId}`);
      values[blockId] = { ...values[blockId], [actionId]: heldOf(input.element, value) };
    }
  return values;
}

function heldOf(element: Json, value: Given): Json {
  const [held] = KINDS[String(element.type)] ?? ['value'];
  if (isJson(value)) return { ...value, type: element.type };
  const type = element.type;
  if (typeof value !== 'string') return { type, [held]: value.map((one) => optionOf(element, one)) };
  if (held === 'selected_option') return { type, [held]: optionOf(element, value) };
  if (held === 'selected_options') return { type, [held]: [optionOf(element, value)] };
  return { type, [held]: value === '' ? null : value };
}

function optionOf(element: Json, value: string): Json {
  const groups = listOf(element.option_groups).flatMap((group) => listOf(objectOf(group).options));
  const all = [...listOf(element.options), ...groups].filter(isJson);
  const found = all.find((option) => option.value === value);
  if (found) return found;
  // What an external select offers is known to the app alone.
  if (String(element.type).includes('external')) return { text: { type: 'plain_text', text: value }, value };
  throw new Error(`${String(element.action_id)} does not offer ${value}`);
}

/** What Slack's client says at the fields, by block id, instead of sending the form. Empty: it is sent. */
export function refusals(view: Json, values: Values): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { block, element, blockId, actionId } of inputsOf(view)) {
    if (block.type !== 'input') continue;
    const problem = refusal(element, block.optional === true, values[blockId]?.[actionId] ?? {});
    if (problem !== undefined) found[blockId] = problem;
  }
  return found;
}

function refusal(element: Json, optional: boolean, state: Json): string | undefined {
  const [held] = KINDS[String(element.type)] ?? ['value'];
  const value = state[held];
  const empty = value === undefined || value === null || value === '' || listOf(value).length === 0;
  if (empty && (typeof value !== 'string' || value === '') && !isJson(value))
    return optional ? undefined : REQUIRED;
  if (typeof value !== 'string') return undefined;
  if (element.type === 'number_input') return numberRefusal(element, value);
  if (element.type !== 'plain_text_input') return undefined;
  const most = typeof element.max_length === 'number' ? element.max_length : 3_000;
  const least = typeof element.min_length === 'number' ? element.min_length : 0;
  if (value.length > most) return `Please use at most ${most} characters.`;
  if (value.length < least) return `Please use at least ${least} characters.`;
  return undefined;
}

function numberRefusal(element: Json, value: string): string | undefined {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) return 'Please enter a number.';
  if (element.is_decimal_allowed !== true && !Number.isInteger(number)) return 'Please enter a whole number.';
  const least = Number(element.min_value ?? Number.NEGATIVE_INFINITY);
  const most = Number(element.max_value ?? Number.POSITIVE_INFINITY);
  if (number < least) return `Please enter a number that is not below ${least}.`;
  if (number > most) return `Please enter a number that is not above ${most}.`;
  return undefined;
}

/** Block ids of the fields at which the app may put an error. */
export function fieldIds(view: Json): ReadonlySet<string> {
  return new Set(inputsOf(view).flatMap(({ block, blockId }) => (block.type === 'input' ? [blockId] : [])));
}
