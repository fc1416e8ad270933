import type { Home, Modal, Option } from './blocks.ts';

/** What Slack is told in the acknowledgement, within 3 s. */
export type GestureAnswer =
  | { readonly kind: 'none' }
  | { readonly kind: 'errors'; readonly errors: Readonly<Record<string, string>> }
  | { readonly kind: 'update'; readonly view: Modal }
  | { readonly kind: 'options'; readonly options: readonly Option[] };

export type Opened =
  | { readonly kind: 'done'; readonly viewId: string }
  /** Slack takes a trigger for three seconds only. */
  | { readonly kind: 'expired' }
  | { readonly kind: 'failed' };

/** Views in front of people. Slack provides it. Nothing here throws. */
export interface Windows {
  open(team: string, triggerId: string, view: Modal): Promise<Opened>;
  /** Changes an open modal; one that is closed stays so. */
  update(team: string, viewId: string, view: Modal): Promise<void>;
  publish(team: string, user: string, view: Home): Promise<void>;
  /** The address of a message; null if Slack does not tell. */
  permalink(team: string, channel: string, ts: string): Promise<string | null>;
}
