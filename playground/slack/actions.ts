/** Elements that can be pressed or changed: finding one, and how Slack words what was done with it. */
import { compact, isJson, type Json, listOf, objectOf } from './json.ts';

export interface Click {
  readonly channel: string;
  readonly ts: string;
  readonly actionId: string;
  /** Where several elements share the action id. */
  readonly blockId?: string;
  /** The option of a select or feedback row; buttons have their own value. */
  readonly value?: string;
  /** What a select, checkbox or other input holds after it was changed, as `state.values` words it. */
  readonly held?: Json;
}

/** Every element with an action id: of `actions`, `context_actions`, inputs and accessories. */
function actionable(blocks: readonly unknown[]): { readonly block: Json; readonly element: Json }[] {
  return blocks.filter(isJson).flatMap((block) =>
    [...listOf(block.elements), block.accessory, block.element]
      .filter(isJson)
      .filter((element) => typeof element.action_id === 'string')
      .map((element) => ({ block, element })),
  );
}

/** The element that is meant, with its block. Throws an `Error` that names what is there instead. */
export function elementOf(
  blocks: readonly unknown[],
  target: { readonly actionId: string; readonly blockId?: string },
): { readonly block: Json; readonly element: Json } {
  const all = actionable(blocks);
  const found = all.find(
    ({ block, element }) =>
      element.action_id === target.actionId &&
      (target.blockId === undefined || block.block_id === target.blockId),
  );
  if (!found) {
    const present = all.map(({ element }) => String(element.action_id)).join(', ');
    throw new Error(
      `there is nothing to click with action id ${target.actionId}; there are: ${present || 'none'}`,
    );
  }
  return found;
}

/** What `actions[0]` of `block_actions` says of it. */
export function actionOf(
  blocks: readonly unknown[],
  click: Omit<Click, 'channel' | 'ts'>,
  actionTs: string,
): Json {
  const { block, element } = elementOf(blocks, click);
  if (click.held !== undefined) {
    return {
      ...click.held,
      type: element.type,
      action_id: element.action_id,
      block_id: block.block_id,
      action_ts: actionTs,
    };
  }
  const option = listOf(element.options)
    .filter(isJson)
    .find((one) => one.value === click.value);
  return compact({
    type: element.type,
    action_id: element.action_id,
    block_id: block.block_id,
    text: element.text,
    value: option ? undefined : (click.value ?? element.value),
    selected_option: option,
    action_ts: actionTs,
  });
}

/** Slack takes no more options in one answer. */
const mostOptions = 100;

function isOption(option: Json): boolean {
  const text = objectOf(option.text).text;
  const value = option.value;
  const fits = (part: unknown, most: number) =>
    typeof part === 'string' && part.length > 0 && part.length <= most;
  return fits(text, 75) && fits(value, 150);
}

/** The options in the answer to `block_suggestion`, groups laid flat; `undefined` if Slack would not take them. */
export function offered(answer: Json): readonly Json[] | undefined {
  const groups = listOf(answer.option_groups).flatMap((group) => listOf(objectOf(group).options));
  const options = [...listOf(answer.options), ...groups].filter(isJson);
  return options.length <= mostOptions && options.every(isOption) ? options : undefined;
}
