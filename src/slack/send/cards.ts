import type { types } from '@slack/bolt';
import { neutraliseCode } from '../../render/neutralise.ts';
import type { Card, CardSurface, Piece } from '../../reply/cards/ports.ts';
import type { WriteOutcome } from '../../reply/ports.ts';
import { findInChannel, markedTs, metadataOf, threadMessages } from '../read/thread.ts';
import { buttonElement } from './look.ts';
import type { Web } from './web.ts';

/** Most characters of a section's text and of a notification; a longer card is cut, its button shows all. */
const MOST_SECTION = 3000;
const MOST_TEXT = 300;

/** The port `CardSurface` over Slack's Web API. */
export function createCardSurface(web: Web): CardSurface {
  return {
    post: (at, card, mark, allowed) =>
      web.post(at, { ...lookOfCard(card), metadata: metadataOf(mark) }, allowed),

    update: (at, ts, card, allowed) => web.update(at, ts, lookOfCard(card), allowed),

    remove: (at, ts, allowed) => web.remove(at, ts, allowed),

    async find({ team, channel, threadTs }, after, mark) {
      const read = await web.call(team, async (client) => {
        if (threadTs === null)
          return findInChannel(client, channel, after, (messages) => markedTs(messages, mark));
        const messages = await threadMessages(client, { team, channel, threadTs }, after);
        return messages === null ? 'unknown' : markedTs(messages, mark);
      });
      if (read.ok) return read.answer;
      return read.refusal.kind === 'gone' ? 'gone' : 'unknown';
    },

    async direct(team, user): Promise<{ readonly channel: string } | WriteOutcome> {
      const direct = await web.direct(team, user);
      return direct.ok ? { channel: direct.answer } : direct.refusal;
    },
  };
}

/**
 * A card in Slack's form. Everything that others wrote stands in elements that Slack does not read as markup: text of a
 * `rich_text` (docs.slack.dev/reference/block-kit/blocks/rich-text-block) and in plain text, so that it can't ping, link or look
 * like words of ours; mrkdwn are only names of people and channels and times, which each reader has as their own. `plain`:
 * sections of plain text, for a Slack that refused `rich_text`.
 */
export function lookOfCard(card: Card): { readonly text: string; readonly blocks: types.AnyBlock[] } {
  const { mention, title, line, buttons } = card;
  const words = title === '' ? line.map((pieces) => pieces.map(wordOf).join('')).join(' · ') : title;
  const called = mention === null ? '' : `<@${mention}> `;
  return {
    text: `${called}${escaped(cut(words, MOST_TEXT))}` || '…',
    blocks: [
      ...(title === '' ? [] : card.plain ? plainBlocks(card) : richBlocks(card)),
      { type: 'context', elements: greyLine(line) },
      ...(buttons.length === 0
        ? []
        : [{ type: 'actions' as const, elements: buttons.map((button) => buttonElement(button)) }]),
    ],
  };
}

function richBlocks({ mention, title, rows, text }: Card): types.AnyBlock[] {
  const head: types.RichTextElement[] = [
    ...(mention === null
      ? []
      : [
          { type: 'user' as const, user_id: mention },
          { type: 'text' as const, text: ' ' },
        ]),
    stretch(title, true),
  ];
  const lines = rows.flatMap(({ name, value }, at): types.RichTextElement[] => [
    ...(at === 0 ? [] : [{ type: 'text' as const, text: '\n' }]),
    ...(name === '' ? [] : [stretch(`${name}: `, true)]),
    ...(value === '' ? [] : [stretch(value, false)]),
  ]);
  const block = (...elements: types.RichTextBlock['elements']): types.AnyBlock => ({
    type: 'rich_text',
    elements,
  });
  return [
    block({ type: 'rich_text_section', elements: head }),
    ...(lines.length === 0 ? [] : [block({ type: 'rich_text_section', elements: lines })]),
    ...(text === ''
      ? []
      : [
          block({
            type: 'rich_text_preformatted',
            elements: [{ type: 'text', text: neutraliseCode(text) }],
          }),
        ]),
  ];
}

function stretch(text: string, bold: boolean): types.RichTextElement {
  return { type: 'text', text: neutraliseCode(text), ...(bold ? { style: { bold } } : {}) };
}

function plainBlocks({ title, rows, text }: Card): types.AnyBlock[] {
  const lines = rows.map(({ name, value }) => (name === '' ? value : `${name}: ${value}`)).join('\n');
  return [title, lines, text]
    .filter((one) => one !== '')
    .map((one) => ({
      type: 'section',
      text: { type: 'plain_text', text: cut(neutraliseCode(one), MOST_SECTION), emoji: false },
    }));
}

/** Where Slack has nothing but text: a notification. */
function wordOf(piece: Piece): string {
  return typeof piece === 'string' ? piece : '…';
}

/** More elements a context block does not take. */
const MOST_ELEMENTS = 10;
const ID = /^[A-Z0-9]{1,64}$/;

/** Words as plain text, and between them what Slack shows for each reader. */
function greyLine(parts: Card['line']): types.ContextBlock['elements'] {
  const pieces = parts.flatMap((part, at): readonly Piece[] => (at === 0 ? part : [' · ', ...part]));
  const elements: types.ContextBlock['elements'] = [];
  let words = '';
  const flush = () => {
    if (words.trim() !== '') elements.push({ type: 'plain_text', text: neutraliseCode(words), emoji: false });
    words = '';
  };
  for (const piece of pieces) {
    const token = typeof piece === 'string' ? null : tokenOf(piece);
    if (token === null) {
      words += wordOf(piece);
      continue;
    }
    flush();
    elements.push({ type: 'mrkdwn', text: token });
  }
  flush();
  return elements.slice(0, MOST_ELEMENTS);
}

function tokenOf(piece: Exclude<Piece, string>): string | null {
  if ('user' in piece) return ID.test(piece.user) ? `<@${piece.user}>` : null;
  if ('channel' in piece) return ID.test(piece.channel) ? `<#${piece.channel}>` : null;
  // docs.slack.dev/messaging/formatting-message-text, "Date formatting"; what follows the bar is for old clients.
  const utc = new Date(piece.time * 1000).toISOString().slice(0, 16).replace('T', ' ');
  return `<!date^${piece.time}^{date_short_pretty} {time}|${utc} UTC>`;
}

/** Text of others in mrkdwn: no control sequence. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
