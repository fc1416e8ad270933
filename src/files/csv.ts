/** What is a number and nothing else: a sign before it makes no formula. */
const NUMBER = /^[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?\s?%?$/;

/**
 * What a spreadsheet may take for a formula, or for the rest of one: by OWASP's page on CSV injection `=`, `+`, `-`, `@`,
 * tab, carriage return and line feed, and the full-width forms of the first four; blanks before them are cut by some.
 */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/**
 * Rows as CSV (RFC 4180) with the mark by which spreadsheets tell UTF-8. Cells are anybody's text: one that a spreadsheet
 * would run gets an apostrophe in front, which they show as text.
 */
export function csv(rows: readonly (readonly string[])[]): string {
  return `\ufeff${rows.map(csvRow).join('')}`;
}

function csvRow(row: readonly string[]): string {
  return `${row.map(cell).join(',')}\r\n`;
}

function cell(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
