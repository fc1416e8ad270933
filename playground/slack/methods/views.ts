/** views.*: modals by trigger id, and App Home. */
import type { Args } from '../args.ts';
import { checkView } from '../blockLimits.ts';
import { isJson, type Json, textOf } from '../json.ts';
import type { View } from '../records.ts';
import { Refusal } from '../refusal.ts';
import { viewOnWire } from '../wire.ts';
import type { Workspace } from '../workspace.ts';
import { withBlockIds } from './content.ts';
import type { Methods, World } from './method.ts';

/** A trigger id works once and for three seconds. */
export const usualTriggerMs = 3_000;

/** Slack's stack of modals is three high. */
const mostStacked = 3;

/** Ids that let the app open a modal in front of one person. */
export class Triggers {
  readonly #world: Pick<World, 'clock' | 'workspace'>;
  readonly #lifetimeMs: number;
  readonly #issued = new Map<string, { readonly user: string; readonly at: number; used: boolean }>();

  constructor(world: Pick<World, 'clock' | 'workspace'>, lifetimeMs: number) {
    this.#world = world;
    this.#lifetimeMs = lifetimeMs;
  }

  issue(user: string): string {
    const id = this.#world.workspace.nextId('trigger.');
    this.#issued.set(id, { user, at: this.#world.clock.monotonic(), used: false });
    return id;
  }

  /** The person in front of whom it was issued. */
  redeem(id: string): string {
    const trigger = this.#issued.get(id);
    if (!trigger) throw new Refusal('invalid_trigger_id');
    if (trigger.used) throw new Refusal('exchanged_trigger_id');
    if (this.#world.clock.monotonic() - trigger.at > this.#lifetimeMs)
      throw new Refusal('expired_trigger_id');
    trigger.used = true;
    return trigger.user;
  }
}

/** Keeps a view that the app made, with ids for its blocks and a new hash. */
export function storeView(workspace: Workspace, content: Json, traits: Omit<View, 'content' | 'hash'>): View {
  checkView(content);
  const blocks = Array.isArray(content.blocks) ? withBlockIds(content.blocks, workspace.nextId('b')) : [];
  const view: View = { ...traits, content: { ...content, blocks }, hash: workspace.nextId('hash.') };
  workspace.put({ table: 'view', key: view.id, value: view });
  return view;
}

export function pushView(workspace: Workspace, content: Json, user: string, onto: View | undefined): View {
  const id = workspace.nextId('V');
  const traits = {
    id,
    kind: 'modal',
    user,
    open: true,
    previousId: onto?.id ?? null,
    rootId: onto?.rootId ?? id,
  } as const;
  return storeView(workspace, content, traits);
}

function viewArg(args: Args): Json {
  const view = args.object('view');
  if (!view) throw new Refusal('invalid_arguments', ['[ERROR] missing required field: view']);
  return view;
}

/** `home`: whether the app has a Home tab. */
export function viewMethods(world: World, triggers: Triggers, home: boolean): Methods {
  const { workspace } = world;
  const shown = (view: View): Json => ({ view: viewOnWire(view, workspace) });
  const openModals = (user: string) =>
    [...workspace.views.values()].filter((view) => view.kind === 'modal' && view.open && view.user === user);

  const checkExternalId = (content: Json, except?: string) => {
    const id = textOf(content.external_id);
    if (id === undefined || id === '') return;
    const taken = [...workspace.views.values()].some(
      (view) => view.open && view.id !== except && view.content.external_id === id,
    );
    if (taken) throw new Refusal('duplicate_external_id');
  };
  const checkHash = (args: Args, view: View) => {
    const hash = args.text('hash');
    if (hash !== undefined && hash !== view.hash) throw new Refusal('hash_conflict');
  };

  return {
    'views.open': (args) => {
      const content = viewArg(args);
      checkExternalId(content);
      checkView(content);
      const user = triggers.redeem(args.required('trigger_id'));
      for (const view of openModals(user))
        workspace.put({ table: 'view', key: view.id, value: { ...view, open: false } });
      return shown(pushView(workspace, content, user, undefined));
    },
    'views.push': (args) => {
      const content = viewArg(args);
      checkExternalId(content);
      checkView(content);
      const user = triggers.redeem(args.required('trigger_id'));
      const stack = openModals(user);
      if (stack.length >= mostStacked) throw new Refusal('push_limit_reached');
      return shown(pushView(workspace, content, user, stack.at(-1)));
    },
    'views.update': (args) => {
      const content = viewArg(args);
      const id = args.text('view_id');
      const externalId = args.text('external_id');
      const view = [...workspace.views.values()].find(
        (one) =>
          one.open && (one.id === id || (externalId !== undefined && one.content.external_id === externalId)),
      );
      if (!view) throw new Refusal('not_found');
      checkHash(args, view);
      checkExternalId(content, view.id);
      const { content: _, hash: __, ...traits } = view;
      return shown(storeView(workspace, content, traits));
    },
    'views.publish': (args) => {
      if (!home) throw new Refusal('not_enabled');
      const content = viewArg(args);
      const user = args.required('user_id');
      if (!workspace.people.has(user)) throw new Refusal('user_not_found');
      if (!isJson(content) || content.type !== 'home') {
        throw new Refusal('invalid_arguments', ['[ERROR] must be home [json-pointer:/view/type]']);
      }
      const before = homeOf(workspace, user);
      checkExternalId(content, before?.id);
      if (before) checkHash(args, before);
      const id = before?.id ?? workspace.nextId('V');
      return shown(
        storeView(workspace, content, { id, kind: 'home', user, open: true, previousId: null, rootId: id }),
      );
    },
  };
}

export function homeOf(workspace: Workspace, user: string): View | undefined {
  return [...workspace.views.values()].find((view) => view.kind === 'home' && view.user === user);
}
