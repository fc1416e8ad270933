import { isJson, type Json, listOf } from '../../playground/slack/json.ts';
import type { View } from '../../playground/slack/records.ts';
import type { World } from './world.ts';

/** All text that a person reads in a view. */
export function textOf(view: View): string {
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (isJson(value)) {
      if (typeof value.text === 'string') texts.push(value.text);
      if (typeof value.initial_value === 'string') texts.push(value.initial_value);
      Object.values(value).forEach(walk);
    }
  };
  walk(view.content);
  return texts.join('\n');
}

export function blocksOf(view: View): readonly Json[] {
  return listOf(view.content.blocks).filter(isJson);
}

/** Opens somebody's Home tab and waits until it was drawn for this opening. */
export async function openHome(world: World, user: string): Promise<View> {
  const before = homeOf(world, user)?.hash;
  world.slack.interactions.openHome(user, 'home');
  return world.slack.waitForView(
    ({ kind, user: whose, hash }) => kind === 'home' && whose === user && hash !== before,
  );
}

function homeOf(world: World, user: string): View | undefined {
  return [...world.slack.workspace.views.values()].find((view) => view.kind === 'home' && view.user === user);
}

/** The filled settings modal of somebody, by the button of the Home tab. */
export async function openSettings(
  world: World,
  user: string,
  scope: 'person' | 'workspace' = 'person',
): Promise<View> {
  // On a machine that is very busy a Home tab may say that it cannot be drawn now: it is opened again, as it says.
  let home = await openHome(world, user);
  for (let again = 0; again < 10 && !JSON.stringify(home.content).includes('home_settings_'); again += 1)
    home = await openHome(world, user);
  await world.slack.interactions.clickView(user, home.id, {
    actionId: `home_settings_${scope === 'workspace' ? 'workspace' : 'person'}`,
  });
  return filled(world, user);
}

/** The modal in front of somebody once it has its fields. */
export function filled(world: World, user: string, not?: string): Promise<View> {
  return world.slack.waitForView(
    (view) =>
      view.kind === 'modal' &&
      view.open &&
      view.user === user &&
      view.hash !== not &&
      blocksOf(view).length > 1,
  );
}

/** Fields of a modal by key: block id and action id. */
export function field(view: View, key: string): { readonly block: string; readonly action: string } {
  const found = blocksOf(view).find(({ block_id }) => String(block_id).startsWith(`set.${key}.`));
  const element = isJson(found?.element) ? found.element : {};
  if (found === undefined) throw new Error(`the modal has no field ${key}:\n${textOf(view)}`);
  return { block: String(found.block_id), action: String(element.action_id) };
}

/** Fills in fields by key and presses Save. */
export function save(world: World, user: string, view: View, entries: Readonly<Record<string, string>>) {
  const values = Object.fromEntries(
    Object.entries(entries).map(([key, value]) => {
      const { block, action } = field(view, key);
      return [block, { [action]: value }];
    }),
  );
  return world.slack.interactions.submitView(user, view.id, values);
}
