/** How much of the line that is being written can be shown before its end is known. */
import { readContainers } from './containers.ts';
import { halfToken } from './neutralise.ts';
import type { Scanner } from './scanner.ts';

// Marks that mean one thing alone and another with what follows: items, headings, rules, underlines, fences, tasks.
const undecided =
  /^ {0,3}(?:#{1,6} *|[-+*] *|\d{1,9}[.)]? *|(?:[-*_=] *)+|[:|][-:| ]*|-[-:| ]*|`{1,2}|`{3,}[^`]*|~{1,2}|~{3,}.*|>|\[[ xX]?\]? ?)$/;

/** The visible part of a half line; `null` if nothing of it can be shown yet. */
export function visiblePart(line: string, scanner: Scanner): string | null {
  const { leaf, containers } = scanner.context();
  const { rest, matched } = readContainers(line, containers, leaf === 'paragraph', leaf === 'fence');
  if (leaf === 'fence' && matched === containers.length) {
    if (scanner.mayCloseFence(rest)) return null;
    const shown = line.replace(halfToken, '');
    return shown.trim() === '' ? null : shown;
  }
  if (rest.trim() === '' || undecided.test(rest)) return null;
  // A row is shown when it is complete; so is a line that may become the header of a table.
  if (
    rest.startsWith('|') ||
    (leaf === 'table' && !/^(?:#|>|[-+*] )/.test(rest) && matched === containers.length)
  )
    return null;
  return line;
}

/** True if this half of a line could still be the row of dashes under a header. */
export function maySeparate(line: string): boolean {
  return /^[\s>]*[-|:\s]*$/.test(line);
}
