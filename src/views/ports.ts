import type { Home, Modal, Option } from './blocks.ts';

/** A modal or the Home tab as Slack sent it back. Nothing in it is trusted: it was in somebody's hands. */
export interface SeenView {
  readonly id: string;
  readonly callbackId: string;
  readonly metadata: string;
  /** What the inputs hold, by block id: typed text or the value of an option; null: empty. */
  readonly values: ReadonlyMap<string, string | null>;
}

interface Who {
  readonly team: string;
  readonly user: string;
}

/** What a person does in a view. */
export type Gesture = Who &
  (
    | {
        readonly kind: 'pressed';
        readonly view: SeenView;
        readonly actionId: string;
        readonly value: string | null;
        readonly triggerId: string | null;
      }
    | { readonly kind: 'submitted'; readonly view: SeenView }
    /** Something was typed into a select whose options we give. */
    | {
        readonly kind: 'suggested';
        readonly view: SeenView;
        readonly actionId: string;
        readonly typed: string;
      }
  );

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
