import { EFFORT_CHOICES, type EffortChoice, type Streaming } from '../defaults.ts';
import { joinInstructions, type Settings } from '../settings/resolve.ts';

/** The settings that a reply keeps from the moment at which its question was admitted. */
export interface Snapshot {
  readonly model: string;
  readonly maxTokens: number;
  /** Joined from all scopes. */
  readonly instructions: string;
  readonly footer: boolean;
  readonly streaming: Streaming;
  readonly effort: EffortChoice;
  /** Seconds; null: never. */
  readonly pingAfter: number | null;
}

export function snapshotOf(settings: Settings): Snapshot {
  return {
    model: settings.model.value,
    maxTokens: settings.max_tokens.value,
    instructions: joinInstructions(settings),
    footer: settings.footer.value,
    streaming: settings.streaming.value,
    effort: settings.effort.value,
    pingAfter: settings.ping_after.value,
  };
}

/** A stored effort; one that a newer Skein knows is left to the model. */
export function effortOf(value: string): EffortChoice {
  return EFFORT_CHOICES.find((one) => one === value) ?? 'auto';
}

/** A stored way of streaming; edits work everywhere. */
export function streamingOf(value: string): Streaming {
  return value === 'native' || value === 'auto' ? value : 'edit';
}
