import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './source.ts';

/** Text of a file of the checkout. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Every page that makes claims, by path. */
export function pages(): ReadonlyMap<string, string> {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return new Map(
    ['README.md', 'CHANGELOG.md', ...docs.map((name) => `docs/${name}`)].map((path) => [path, read(path)]),
  );
}

/** Cells of the Markdown table whose first heading is `heading`, row by row, without back-ticks. */
export function tableOf(page: string, heading: string): string[][] {
  const lines = page.split('\n');
  const head = lines.findIndex((line) => new RegExp(`^\\| ${heading} +\\|`).test(line));
  if (head < 0) throw new Error(`there is no table that begins with ${heading}`);
  const rows: string[][] = [];
  for (const line of lines.slice(head + 2)) {
    if (!line.startsWith('|')) break;
    rows.push(
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  }
  return rows;
}

/** A cell without the back-ticks around it. */
export function bare(cell: string | undefined): string {
  return (cell ?? '').replace(/^`([^`]*)`$/, '$1');
}
