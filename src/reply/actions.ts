import * as words from '../words/reply.ts';
import type { Bin, Button, Rating } from './ports.ts';

/** Ids of what can be pressed under a reply. */
const STOP_ACTION = 'reply_stop';
const RETRY_ACTION = 'reply_retry';
const CONTINUE_ACTION = 'reply_continue';
const REGENERATE_ACTION = 'reply_regenerate';
const EARLIER_ACTION = 'reply_version_earlier';
const LATER_ACTION = 'reply_version_later';
const RATE_ACTION = 'reply_rate';
const DELETE_ACTION = 'reply_delete';
const RAISE_ACTION = 'reply_raise';

export type Verdict = 'good' | 'bad';

/**
 * A press, read from what the client sent. `changes` says how the reply was when the button was drawn, so that a
 * second press of the same button does nothing; null: drawn before there was such a number.
 */
export type Press =
  | { readonly control: 'stop'; readonly reply: string }
  | {
      readonly control: 'retry' | 'continue' | 'regenerate' | 'delete';
      readonly reply: string;
      readonly changes: number | null;
    }
  | { readonly control: 'raise'; readonly reply: string; readonly changes: number | null }
  | {
      readonly control: 'show';
      readonly reply: string;
      readonly changes: number | null;
      readonly version: number;
    }
  | {
      readonly control: 'rate';
      readonly reply: string;
      readonly version: number;
      readonly verdict: Verdict;
    };

const VALUE =
  /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?::(\d{1,6}))?(?::(\d{1,3}|good|bad))?$/;

/** What was pressed; `unknown_action` or `bad_action_value` if that is none of ours. Total. */
export function parsePress(
  action: string,
  value: string | null,
): Press | 'unknown_action' | 'bad_action_value' {
  const control = CONTROLS.get(action);
  if (control === undefined) return 'unknown_action';
  // The value was visible to clients and may be anything.
  const [, reply, number, more] = VALUE.exec(value ?? '') ?? [];
  if (reply === undefined) return 'bad_action_value';
  const changes = number === undefined ? null : Number(number);
  if (control === 'stop') return { control, reply };
  if (control === 'rate')
    return changes !== null && (more === 'good' || more === 'bad')
      ? { control, reply, version: changes, verdict: more }
      : 'bad_action_value';
  if (control === 'show') {
    const version = Number(more);
    return Number.isInteger(version) && version > 0
      ? { control, reply, changes, version }
      : 'bad_action_value';
  }
  return { control, reply, changes };
}

const CONTROLS: ReadonlyMap<string, Press['control']> = new Map([
  [STOP_ACTION, 'stop'],
  [RETRY_ACTION, 'retry'],
  [CONTINUE_ACTION, 'continue'],
  [REGENERATE_ACTION, 'regenerate'],
  [EARLIER_ACTION, 'show'],
  [LATER_ACTION, 'show'],
  [RATE_ACTION, 'rate'],
  [DELETE_ACTION, 'delete'],
  [RAISE_ACTION, 'raise'],
]);

/** A reply as its buttons know it. */
export interface Drawn {
  readonly reply: string;
  readonly changes: number;
  readonly version: number;
  readonly versions: number;
  /** Slack user id. */
  readonly asker: string;
}

export function stopButton(reply: string): Button {
  return {
    action: STOP_ACTION,
    ...words.STOP_BUTTON,
    value: reply,
    style: 'danger',
  };
}

/** For an answer that failed: with text it goes on after it, without it begins again. */
export function retryButton({ reply, changes }: Drawn, hasText: boolean): Button {
  return {
    action: RETRY_ACTION,
    ...words.retryButton(hasText),
    value: `${reply}:${changes}`,
  };
}

/** For an answer that a budget refused which admins can raise. */
export function raiseButton({ reply, changes }: Drawn): Button {
  return { action: RAISE_ACTION, ...words.RAISE_BUTTON, value: `${reply}:${changes}` };
}

export function continueButton({ reply, changes }: Drawn): Button {
  return {
    action: CONTINUE_ACTION,
    ...words.CONTINUE_BUTTON,
    value: `${reply}:${changes}`,
    style: 'primary',
  };
}

/** `outdated`: the question was edited after this answer. */
export function regenerateButton({ reply, changes }: Drawn, outdated: boolean): Button {
  return {
    action: REGENERATE_ACTION,
    ...words.regenerateButton(outdated),
    value: `${reply}:${changes}`,
    ...(outdated ? { style: 'primary' as const } : {}),
  };
}

/** Ways to the version before this one and to the one after it. */
export function versionButtons({ reply, changes, version, versions }: Drawn): readonly Button[] {
  const to = (action: string, text: typeof words.laterButton, other: number): readonly Button[] =>
    other < 1 || other > versions
      ? []
      : [{ action, ...text(other, versions), value: `${reply}:${changes}:${other}` }];
  return [
    ...to(EARLIER_ACTION, words.earlierButton, version - 1),
    ...to(LATER_ACTION, words.laterButton, version + 1),
  ];
}

export function rating({ reply, version }: Drawn): Rating {
  const value = (verdict: Verdict) => `${reply}:${version}:${verdict}`;
  return {
    kind: 'rating',
    action: RATE_ACTION,
    good: { ...words.GOOD_BUTTON, value: value('good') },
    bad: { ...words.BAD_BUTTON, value: value('bad') },
  };
}

export function bin({ reply, changes, asker }: Drawn): Bin {
  return {
    kind: 'bin',
    action: DELETE_ACTION,
    label: words.DELETE_BUTTON,
    value: `${reply}:${changes}`,
    onlyFor: asker,
    confirm: words.DELETE_QUESTION,
  };
}
