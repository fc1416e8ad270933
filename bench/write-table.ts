import { readFileSync, writeFileSync } from 'node:fs';

const BEGIN = '<!-- table: npm run bench -- --write -->';
const END = '<!-- end of table -->';

/** Puts the table between its marks in the document. Throws if the marks are not there. */
export function writeTable(path: string, report: string): void {
  const text = readFileSync(path, 'utf8');
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`${path} has no place for the table`);
  const before = text.slice(0, begin + BEGIN.length);
  writeFileSync(path, `${before}\n\n${report}\n\n${text.slice(end)}`);
}
