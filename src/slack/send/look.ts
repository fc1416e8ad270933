import type { types } from '@slack/bolt';
import { partsOf } from '../../render/parts.ts';
import { plainPieces, plainText } from '../../render/plain.ts';
import type { Bin, Button, Control, Rating, SegmentContent } from '../../reply/ports.ts';
import { REFUSED_BY_SLACK, REST_IN_EXPORT } from '../../words/reply.ts';
import { type Form, formBlock, formOf } from './forms.ts';

/** `chat.update` refuses a `text` over 4,000 characters; it is a fallback here and may be short. */
const TEXT_LIMIT = 3000;
/** Most characters of one section's text. */
const SECTION_LIMIT = 3000;
/** A context element may be long; a line that somebody reads is not. */
const NOTICE_LIMIT = 1500;

export interface SlackLook {
  /** For notifications and screen readers; safe mrkdwn. */
  readonly text: string;
  readonly blocks: types.AnyBlock[];
  /** The forms beyond Markdown that are in them. */
  readonly forms: readonly Form[];
}

const NONE: ReadonlySet<Form> = new Set();

/**
 * A segment in Slack's form: the answer as one `markdown` block, which shows headings, tables, lists and code
 * as such; our own words as grey lines of plain text, which cannot ping anybody; buttons below. What does not grow any
 * more has tables, charts and sources as blocks of their own, but for the kinds in `refused`. For a Slack that refused
 * that there are the poorer forms: its words in plain-text sections, nothing to misunderstand; its words without any
 * blocks; and that it can't be shown.
 */
export function lookOfSegment(content: SegmentContent, refused: ReadonlySet<Form> = NONE): SlackLook {
  const { markdown, notice, buttons, as } = content;
  if (as === 'text' || as === 'told') return { text: textLook(content), blocks: [], forms: [] };
  const { blocks, forms } = as === 'plain' ? plainLook(markdown) : markdownLook(content, refused);
  for (const line of notice?.split('\n') ?? [])
    if (line.trim() !== '')
      blocks.push({
        type: 'context',
        elements: [{ type: 'plain_text', text: line.slice(0, NOTICE_LIMIT), emoji: true }],
      });
  blocks.push(...controlBlocks(buttons));
  const words = markdown === '' ? (notice ?? '') : markdown;
  return { text: plainText(words, TEXT_LIMIT) || '…', blocks, forms };
}

type Words = Pick<SlackLook, 'blocks' | 'forms'>;

function markdownLook({ markdown, over, charts = [] }: SegmentContent, refused: ReadonlySet<Form>): Words {
  if (markdown === '') return { blocks: [], forms: [] };
  if (over !== true) return { blocks: [{ type: 'markdown', text: markdown }], forms: [] };
  const blocks: types.AnyBlock[] = [];
  const forms = new Set<Form>();
  let text: string[] = [];
  const flush = () => {
    if (text.length > 0) blocks.push({ type: 'markdown', text: text.join('\n\n') });
    text = [];
  };
  for (const part of partsOf(markdown, charts)) {
    const form = formOf(part);
    if (part.kind === 'markdown' || form === null || refused.has(form)) text.push(part.markdown);
    else {
      flush();
      blocks.push(formBlock(part));
      forms.add(form);
    }
  }
  flush();
  return { blocks, forms: [...forms] };
}

/** A message that is text alone. What does not fit into it is told to be elsewhere. */
function textLook({ markdown, notice, as }: SegmentContent): string {
  if (as === 'told') return REFUSED_BY_SLACK;
  const words = plainText(markdown, TEXT_LIMIT);
  const rest = words.endsWith('…') ? REST_IN_EXPORT : '';
  return [words, rest, plainText(notice ?? '', 500)].filter((line) => line !== '').join('\n') || '…';
}

function plainLook(markdown: string): Words {
  const blocks = plainPieces(markdown, SECTION_LIMIT).map((text) => ({
    type: 'section' as const,
    text: { type: 'plain_text' as const, text, emoji: false },
    expand: true,
  }));
  return { blocks, forms: [] };
}

/** Buttons in one row; below it, smaller, Slack's own row for what people think of an answer of a model. */
function controlBlocks(controls: readonly Control[]): types.AnyBlock[] {
  const buttons: types.Button[] = [];
  const aside: types.ContextActionsBlock['elements'] = [];
  for (const control of controls) {
    if (control.kind === undefined) buttons.push(buttonElement(control));
    else aside.push(control.kind === 'rating' ? ratingElement(control) : binElement(control));
  }
  return [
    ...(buttons.length > 0 ? [{ type: 'actions', elements: buttons } as const] : []),
    ...(aside.length > 0 ? [{ type: 'context_actions', elements: aside } as const] : []),
  ];
}

function ratingElement({ action, good, bad }: Rating): types.FeedbackButtons {
  const side = ({ label, value, accessibilityLabel }: Rating['good']) => ({
    text: { type: 'plain_text' as const, text: label, emoji: true },
    value,
    accessibility_label: accessibilityLabel,
  });
  return {
    type: 'feedback_buttons',
    action_id: action,
    positive_button: side(good),
    negative_button: side(bad),
  };
}

function binElement({ action, label, value, onlyFor, confirm }: Bin): types.IconButton {
  const plain = (text: string) => ({ type: 'plain_text' as const, text });
  return {
    type: 'icon_button',
    icon: 'trash',
    action_id: action,
    text: plain(label),
    value,
    accessibility_label: label,
    visible_to_user_ids: [onlyFor],
    confirm: { ...question(confirm), style: 'danger' },
  };
}

/** A button of ours in Slack's form. */
export function buttonElement({
  action,
  label,
  value,
  style,
  accessibilityLabel,
  confirm,
}: Button): types.Button {
  return {
    type: 'button',
    action_id: action,
    text: { type: 'plain_text', text: label, emoji: false },
    value,
    ...(style === undefined ? {} : { style }),
    ...(accessibilityLabel === undefined ? {} : { accessibility_label: accessibilityLabel }),
    ...(confirm === undefined ? {} : { confirm: question(confirm) }),
  };
}

function question({ title, text, yes, no }: NonNullable<Button['confirm']>): types.ConfirmationDialog {
  const plain = (words: string) => ({ type: 'plain_text' as const, text: words });
  return { title: plain(title), text: plain(text), confirm: plain(yes), deny: plain(no) };
}
