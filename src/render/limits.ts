import type { Size } from './size.ts';

/**
 * How large one Slack message may become: its Markdown in every unit of `Size`, and its tables. Sources: Slack's pages
 * on the markdown block and the table block, and what others measured (docs/slack-markdown.md).
 */
export interface RenderLimits extends Size {
  /** Rows of one table, its header included. */
  readonly tableRows: number;
  /** Columns of one table. */
  readonly tableColumns: number;
  /** UTF-16 units in the cells of all tables of one segment. */
  readonly tableCharacters: number;
  /** Tables of one segment. */
  readonly tables: number;
}

export interface RenderOptions extends RenderLimits {
  /**
   * What has been shown of a segment stays in it: for a message that can only be appended to. Segments end at the
   * first good place instead of the best one, and a few rare forms of Markdown that change the meaning of lines in
   * front of them (underlined headings, tables without outer pipes) are shown as they were written.
   */
  readonly steady: boolean;
}

/**
 * Slack allows 12,000 characters over all markdown blocks of a payload, and refuses a message with
 * `msg_blocks_too_long` from 13,202 characters on (measured: metabase/metabase#79908; 13,297 in slackapi/bolt-js#2509).
 * It does not say how it counts: other scripts, what JSON escapes, and `&`, `<` and `>`, which it stores as entities.
 * Each count that is possible stays below the limit that is known. In bytes that costs a Chinese reply only that it
 * continues after 4,000 characters.
 */
export const slackLimits: RenderLimits = {
  characters: 11_000,
  bytes: 12_000,
  json: 12_600,
  tableRows: 100,
  tableColumns: 20,
  tableCharacters: 10_000,
  tables: Number.POSITIVE_INFINITY,
};
