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
    label: 'Stop',
    value: reply,
    style: 'danger',
    accessibilityLabel: 'Stop this answer',
  };
}

/** For an answer that failed: with text it goes on after it, without it begins again. */
export function retryButton({ reply, changes }: Drawn, hasText: boolean): Button {
  return {
    action: RETRY_ACTION,
    label: hasText ? 'Continue' : 'Try again',
    value: `${reply}:${changes}`,
    accessibilityLabel: hasText ? 'Continue this answer' : 'Try this question again',
  };
}

export function continueButton({ reply, changes }: Drawn): Button {
  return {
    action: CONTINUE_ACTION,
    label: 'Continue',
    value: `${reply}:${changes}`,
    style: 'primary',
    accessibilityLabel: 'Continue this answer where it was cut',
  };
}

/** `outdated`: the question was edited after this answer. */
export function regenerateButton({ reply, changes }: Drawn, outdated: boolean): Button {
  return {
    action: REGENERATE_ACTION,
    label: outdated ? 'Answer again' : 'Regenerate',
    value: `${reply}:${changes}`,
    ...(outdated ? { style: 'primary' as const } : {}),
    accessibilityLabel: outdated ? 'Answer the edited question' : 'Write another version of this answer',
  };
}

/** Ways to the version before this one and to the one after it. */
export function versionButtons({ reply, changes, version, versions }: Drawn): readonly Button[] {
  const to = (action: string, label: string, other: number): readonly Button[] =>
    other < 1 || other > versions
      ? []
      : [
          {
            action,
            label,
            value: `${reply}:${changes}:${other}`,
            accessibilityLabel: `Show version ${other} of ${versions}`,
          },
        ];
  return [
    ...to(EARLIER_ACTION, `‹ Version ${version - 1}`, version - 1),
    ...to(LATER_ACTION, `Version ${version + 1} ›`, version + 1),
  ];
}

export function rating({ reply, version }: Drawn): Rating {
  const value = (verdict: Verdict) => `${reply}:${version}:${verdict}`;
  return {
    kind: 'rating',
    action: RATE_ACTION,
    good: { label: '👍 Good', value: value('good'), accessibilityLabel: 'This answer is good' },
    bad: { label: '👎 Poor', value: value('bad'), accessibilityLabel: 'This answer is poor' },
  };
}

export function bin({ reply, changes, asker }: Drawn): Bin {
  return {
    kind: 'bin',
    action: DELETE_ACTION,
    label: 'Delete this answer',
    value: `${reply}:${changes}`,
    onlyFor: asker,
    confirm: {
      title: 'Delete this answer?',
      text: 'All its versions are deleted here and in what I remember of this thread. What it cost stays counted.',
      yes: 'Delete',
      no: 'Keep',
    },
  };
}
