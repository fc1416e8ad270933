import type { types } from '@slack/bolt';
import type { Button, SegmentContent } from '../reply/ports.ts';
import { plainText } from '../reply/render/plain.ts';

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
}

/**
 * A segment in Slack's form: the answer as one `markdown` block, which shows headings, tables, lists and code
 * as such; our own words as grey lines of plain text, which cannot ping anybody; buttons below. `plain` is
 * the form for a Slack that refused the first: plain-text sections, nothing to misunderstand.
 */
export function lookOfSegment({ markdown, notice, buttons, plain }: SegmentContent): SlackLook {
  const blocks: types.AnyBlock[] = [];
  if (markdown !== '')
    blocks.push(
      ...(plain === true ? plainSections(markdown) : [{ type: 'markdown', text: markdown } as const]),
    );
  for (const line of notice?.split('\n') ?? [])
    if (line.trim() !== '')
      blocks.push({
        type: 'context',
        elements: [{ type: 'plain_text', text: line.slice(0, NOTICE_LIMIT), emoji: true }],
      });
  if (buttons.length > 0) blocks.push({ type: 'actions', elements: buttons.map(buttonElement) });
  const words = markdown === '' ? (notice ?? '') : markdown;
  return { text: plainText(words, TEXT_LIMIT) || '…', blocks };
}

function plainSections(markdown: string): types.SectionBlock[] {
  const sections: types.SectionBlock[] = [];
  for (let rest = markdown; rest !== ''; ) {
    const cut = rest.length <= SECTION_LIMIT ? rest.length : wholeCharacters(rest, SECTION_LIMIT);
    sections.push({
      type: 'section',
      text: { type: 'plain_text', text: rest.slice(0, cut), emoji: false },
      expand: true,
    });
    rest = rest.slice(cut);
  }
  return sections;
}

/** A cut at a line's end if there is one in the second half, never inside a surrogate pair. */
function wholeCharacters(text: string, limit: number): number {
  const line = text.lastIndexOf('\n', limit - 1) + 1;
  if (line > limit / 2) return line;
  const last = text.charCodeAt(limit - 1);
  return last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit;
}

function buttonElement({ action, label, value, style, accessibilityLabel }: Button): types.Button {
  return {
    type: 'button',
    action_id: action,
    text: { type: 'plain_text', text: label, emoji: false },
    value,
    ...(style === undefined ? {} : { style }),
    ...(accessibilityLabel === undefined ? {} : { accessibility_label: accessibilityLabel }),
  };
}
