import { readFileSync, writeFileSync } from 'node:fs';

const END = '<!-- end of table -->';

/** Puts the table of `npm run COMMAND -- --write` between its marks in the document. Throws if the marks are not there. */
export function writeTable(path: string, report: string, command = 'bench'): void {
  const text = readFileSync(path, 'utf8');
  const mark = `<!-- table: npm run ${command} -- --write -->`;
  const begin = text.indexOf(mark);
  const end = text.indexOf(END, begin);
  if (begin === -1 || end === -1) throw new Error(`${path} has no place for the table`);
  const before = text.slice(0, begin + mark.length);
  writeFileSync(path, `${before}\n\n${report}\n\n${text.slice(end)}`);
}
