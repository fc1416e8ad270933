import { day } from './dates.ts';
import { count } from './numbers.ts';

/** The settings modal: its frame, its fields, and what it says when something is in the way. */

export const TITLE = 'Settings';
/** What a modal says while its values are read. */
export const ONE_MOMENT = 'One moment…';
export const BUTTONS = { save: 'Save', cancel: 'Cancel', close: 'Close' } as const;

/** The scopes to turn to. */
export const TABS = { person: 'Me', channel: 'This channel', workspace: 'Workspace' } as const;

/** The personal tab where an admin looks at somebody else's settings. */
export const PERSON_TAB = 'Person';

/** The tab that is shown now. */
export function currentTab(tab: string): string {
  return `✓ ${tab}`;
}

/** A tab read aloud. */
export function tabAloud(tab: string, current: boolean): string {
  return current ? `${tab}, shown now` : `Show settings of: ${tab}`;
}

/** The line under the tabs. */
export const ABOUT_SCOPE = {
  person:
    'Your own settings. They hold in direct messages with me; instructions, effort, the line under an answer, the ping and budgets hold wherever you ask.',
  channel: 'Settings of this channel, for everybody who asks here.',
  workspace: 'Settings of the whole workspace. Channels and people may set their own over most of them.',
} as const;

/** The line under the tabs where an admin looks at somebody else's settings. */
export const ABOUT_PERSON =
  'Settings of one person. They hold in direct messages with me; instructions, effort, the line under an answer, the ping and budgets hold wherever they ask.';

/** Who it is. `person`: Slack's id, which Slack shows as a name; a modal notifies nobody. */
export function personLine(person: string): string {
  return `Person: <@${person}>`;
}

/** Which channel it is. `channel`: Slack's id. */
export function channelLine(channel: string): string {
  return `Channel: <#${channel}>`;
}

/** Whose value holds, in brackets behind it. */
export const WHOSE_VALUE = {
  deployment: 'the usual value',
  workspace: 'as the workspace has it',
  channel: 'as the channel has it',
  person: 'your own',
} as const;

/** A value and whose it is: what holds where a field is left empty. */
export function valueFrom(shown: string, from: string): string {
  return `${shown} (${from})`;
}

/** The option that leaves a setting to the wider scope; `set`: it has a value of its own now. */
export function inheritOption(shown: string, from: string, set: boolean): string {
  return set ? `Reset to: ${valueFrom(shown, from)}` : valueFrom(shown, from);
}

/** A setting where the values can only be read; all in safe mrkdwn. */
export function readOnlyLine(label: string, value: string, from: string): string {
  return `*${label}*: ${value} (${from})`;
}

/** A model as an option; `price` null: not known. */
export function modelOption(name: string, price: { input: number; output: number } | null): string {
  return `${name} · ${price === null ? 'price not known' : `${usd(price.input)} in, ${usd(price.output)} out`}`;
}

/** A price that people know by heart: whole dollars without cents. */
function usd(dollars: number): string {
  return `$${Number.isInteger(dollars) ? dollars : dollars.toFixed(2)}`;
}

/** Below such an option. `date`: ISO. */
export function retiresOn(date: string): string {
  return `Retires on ${day(date)}`;
}

interface HintFacts {
  /** What the setting does. */
  readonly line: string;
  /** Its values name models with prices. */
  readonly priced: boolean;
  /** What may be typed; null: nothing is typed here. */
  readonly values: string | null;
  /** What the ids in the field stand for; null: the field says it itself. */
  readonly now: string | null;
  /** Who set it here and when; null: it is not set here. */
  readonly set: SetBy | null;
  /** What holds without it, and whose that is. */
  readonly inherited: { readonly shown: string; readonly from: string };
}

export interface SetBy {
  /** A name; null: not known. */
  readonly by: string | null;
  readonly at: Date;
}

/** The hint below a field. */
export function fieldHint({ line, priced, values, now, set, inherited }: HintFacts): string {
  const how = values === null ? '' : ` Enter ${values}.`;
  const prices = priced ? ' Prices are for a million tokens.' : '';
  if (set === null) return `${line}${prices}${how}`;
  const back =
    values === null ? '' : ` Empty it to go back to ${valueFrom(inherited.shown, inherited.from)}.`;
  const present = now === null ? '' : ` Now: ${now}.`;
  return `${line}${prices}${how}${present} ${setHere(set)}${back}`;
}

/** The hint below the first field of the instructions. */
export function instructionsHint(
  line: string,
  characters: { readonly used: number; readonly most: number },
  set: SetBy | null,
): string {
  const room = `${count(characters.used)} of ${count(characters.most)} characters.`;
  return `${line} ${room}${set === null ? '' : ` ${setHere(set)}`}`;
}

function setHere({ by, at }: SetBy): string {
  return `Set here by ${by ?? 'somebody'} on ${day(at.toISOString())}.`;
}

/** The label of a further field of a text; the second one has number 2. */
export function continuedLabel(label: string, number: number): string {
  return `${label}, continued (${number})`;
}

/** Before another tab is turned to. `labels`: of what was entered and not saved. */
export function unsavedNotice(labels: readonly string[], tab: string): string {
  return `*Not saved yet: ${labels.join(', ')}.* Save first, or press “${tab}” once more to leave without it.`;
}

export const MORE_ROOM = 'More room for instructions';
export const RESET_ALL = 'Reset all of these';
export const NOTHING_SET = 'Nothing is set here yet.';

/** Asked before all of a scope is reset. `set`: how many settings it has. */
export function resetQuestion(set: number): { title: string; text: string; yes: string; no: string } {
  return {
    title: 'Reset these settings?',
    text: `${set} of them are set here. The wider scope decides again.`,
    yes: 'Reset',
    no: 'Keep',
  };
}

/** After a reset. `kept`: labels of what this person may not lift. */
export function resetNotice(kept: readonly string[]): string {
  return kept.length === 0
    ? 'Reset: the wider scope decides again.'
    : `Reset, but for what only an admin may lift: ${kept.join(', ')}.`;
}

/** The values can't be read. */
export const AWAY = 'I could not read the settings just now. Please close this and try again in a moment.';
/** At a field after Save. */
export const LATE =
  'This took longer than Slack waits, so it may not be saved. Please press Save again: nothing is set twice.';
/** At a field after Save, where others change the same settings all the time. */
export const BUSY = 'Others are changing these settings at this moment. Please press Save again.';
/** The modal was opened by another version. */
export const STALE = 'This form is from an older version of me. Please close it and open it again.';
/** At the field of the model. */
export const NO_SUCH_MODEL = 'There is no such model, or it is retired.';

/** After Save by somebody who may not. `why`: a sentence. */
export function refusedToSave(why: string): string {
  return `${why} Nothing was saved.`;
}

/**
 * After Save where somebody else changed the same settings. Names and values in safe mrkdwn; `now` null: it was reset
 * by them; its `by` null: their name is not known.
 */
export function conflictNotice(
  conflicts: readonly {
    readonly label: string;
    readonly now: { readonly by: string | null; readonly value: string } | null;
  }[],
): string {
  const lines = conflicts.map(({ label, now }) =>
    now === null ? `• ${label} was reset.` : `• ${now.by ?? 'Somebody'} set ${label} to “${now.value}”.`,
  );
  return [
    '*Somebody else changed this while you had it open.*',
    ...lines,
    'What you entered is still below. Save again to put it in the place of theirs, or cancel.',
  ].join('\n');
}
