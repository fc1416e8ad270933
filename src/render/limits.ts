/**
 * How large one Slack message may become. Sources: Slack's pages on the markdown block and the table block.
 */
export interface RenderLimits {
  /** UTF-16 units of Markdown per segment. */
  readonly characters: number;
  /** UTF-8 bytes of Markdown per segment. */
  readonly bytes: number;
  /** Rows of one table, its header included. */
  readonly tableRows: number;
  /** Columns of one table. */
  readonly tableColumns: number;
  /** UTF-16 units in the cells of all tables of one segment. */
  readonly tableCharacters: number;
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
 * Slack allows 12,000 characters over all markdown blocks of a payload and does not say how it counts `&`,
 * `<` and `>`, which it stores as entities: the margin of 1,000 is for those. It does not say either that it
 * counts characters rather than bytes for other scripts; keeping 12,000 bytes too costs a Chinese reply
 * only that it continues after 4,000 characters.
 */
export const slackLimits: RenderLimits = {
  characters: 11_000,
  bytes: 12_000,
  tableRows: 100,
  tableColumns: 20,
  tableCharacters: 10_000,
};
