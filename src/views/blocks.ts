/**
 * The parts of Block Kit that our views are made of, cut to Slack's sizes. Everything that comes from people
 * goes into plain text, or through `escapeMrkdwn`.
 */

interface PlainText {
  type: 'plain_text';
  text: string;
}
interface Mrkdwn {
  type: 'mrkdwn';
  text: string;
}
export interface Option {
  text: PlainText;
  value: string;
  description?: PlainText;
}
export interface Button {
  type: 'button';
  action_id: string;
  text: PlainText;
  value: string;
  style?: 'primary' | 'danger';
  accessibility_label?: string;
  /** Opens this address in the browser; the press is told to us too. */
  url?: string;
  confirm?: { title: PlainText; text: PlainText; confirm: PlainText; deny: PlainText };
}
export type InputElement =
  | {
      type: 'static_select' | 'radio_buttons';
      action_id: string;
      options: Option[];
      initial_option?: Option;
      placeholder?: PlainText;
    }
  | {
      type: 'conversations_select';
      action_id: string;
      filter: { include: ('public' | 'private' | 'mpim')[]; exclude_bot_users: true };
      placeholder?: PlainText;
    }
  | {
      type: 'external_select';
      action_id: string;
      min_query_length: number;
      initial_option: Option;
    }
  | {
      type: 'number_input';
      action_id: string;
      is_decimal_allowed: false;
      min_value: string;
      max_value: string;
      initial_value?: string;
      placeholder?: PlainText;
    }
  | {
      type: 'plain_text_input';
      action_id: string;
      multiline: boolean;
      max_length: number;
      initial_value?: string;
      placeholder?: PlainText;
    };
export type Block =
  | { type: 'header'; text: PlainText }
  | { type: 'divider' }
  | { type: 'section'; text: Mrkdwn | PlainText }
  | { type: 'section'; fields: Mrkdwn[] }
  | { type: 'context'; elements: Mrkdwn[] }
  | { type: 'actions'; block_id: string; elements: Button[] }
  | {
      type: 'input';
      block_id: string;
      label: PlainText;
      hint?: PlainText;
      optional: boolean;
      dispatch_action?: true;
      element: InputElement;
    };

export interface Modal {
  type: 'modal';
  callback_id: string;
  title: PlainText;
  submit?: PlainText;
  close: PlainText;
  private_metadata: string;
  blocks: Block[];
}
export interface Home {
  type: 'home';
  callback_id: string;
  blocks: Block[];
}

/** Slack's limits for what is used here; reference: "Block Kit", September 2026. */
export const LIMITS = {
  blocks: 100,
  section: 3000,
  field: 2000,
  label: 75,
  hint: 2000,
  input: 3000,
} as const;

/** Cut to `most` UTF-16 units, never through a character, with a mark that something is missing. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = most - 1;
  const splits = /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
  return `${text.slice(0, splits ? end - 1 : end)}…`;
}

/** Text of people inside mrkdwn: no control sequence, no ping, no emphasis that runs on. */
export function escapeMrkdwn(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[*_~`|]/g, ' ');
}

export function plain(text: string, most: number = LIMITS.label): PlainText {
  return { type: 'plain_text', text: cut(text, most) || '…' };
}

export function section(text: string): Block {
  return { type: 'section', text: { type: 'mrkdwn', text: cut(text, LIMITS.section) } };
}

/** Pairs of a name and a value, two in a row; Slack takes ten at most. */
export function pairs(rows: readonly (readonly [name: string, value: string])[]): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < rows.length; at += 10)
    blocks.push({
      type: 'section',
      fields: rows
        .slice(at, at + 10)
        .map(([name, value]) => ({ type: 'mrkdwn', text: cut(`*${name}*\n${value}`, LIMITS.field) })),
    });
  return blocks;
}

export function context(text: string): Block {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: cut(text, LIMITS.section) }] };
}

export function header(text: string): Block {
  return { type: 'header', text: plain(text, 150) };
}

export const divider: Block = { type: 'divider' };

export function actions(id: string, elements: Button[]): Block {
  return { type: 'actions', block_id: id, elements };
}

export function button(action: string, label: string, value: string, more: Partial<Button> = {}): Button {
  return { type: 'button', action_id: action, text: plain(label), value, ...more };
}

/** The question before a button does what it says. */
export function confirmOf({ title, text, yes, no }: Record<'title' | 'text' | 'yes' | 'no', string>) {
  return { title: plain(title), text: plain(text, 300), confirm: plain(yes, 30), deny: plain(no, 30) };
}

/** A field of a form. */
export function input(
  id: string,
  { label, hint }: { readonly label: string; readonly hint?: string },
  element: InputElement,
  optional = false,
): Extract<Block, { type: 'input' }> {
  return {
    type: 'input',
    block_id: id,
    label: plain(label, 2000),
    ...(hint === undefined ? {} : { hint: plain(hint, LIMITS.hint) }),
    optional,
    element,
  };
}

/** A modal; with `submit` it is a form. */
export function modal(
  id: string,
  { title, submit, close }: { readonly title: string; readonly submit?: string; readonly close: string },
  blocks: Block[],
  metadata = '',
): Modal {
  return {
    type: 'modal',
    callback_id: id,
    title: plain(title, 24),
    ...(submit === undefined ? {} : { submit: plain(submit, 24) }),
    close: plain(close, 24),
    private_metadata: metadata,
    blocks,
  };
}
