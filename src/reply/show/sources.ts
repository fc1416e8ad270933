import type { TurnBlock } from '../../conversation/blocks.ts';
import { createSources, type Source } from '../../tools/sources.ts';
import { type Miss, missesIn } from '../../tools/steps.ts';
import * as words from '../../words/tools.ts';
import type { StoredReply } from '../store.ts';
import type { LoggedBlock } from '../write/logbook.ts';
import type { Show } from './show.ts';

/** Most characters of a title and of an address that is a link; of a longer one the host is named alone. */
const MOST_TITLE = 80;
const MOST_ADDRESS = 500;

/** What stands in the text behind what it cites: ` [1][3]`; '' for nothing. */
export function marks(numbers: readonly number[]): string {
  return numbers.length === 0 ? '' : ` ${numbers.map((number) => `[${number}]`).join('')}`;
}

/**
 * Text that begins with `next` behind marks: a bracket there would make a link of the last one, as a colon would make it a
 * definition.
 */
export function behindMarks(next: string): string {
  return /^[[(:]/.test(next) ? ` ${next}` : next;
}

/**
 * What is to stand between two texts of the model that something else came between, a call or a thought, so that nothing
 * stood there: a paragraph's end behind a sentence, else a blank. '': the model wrote something itself.
 */
export function gapBetween(before: string, next: string): string {
  if (before.trim() === '' || /\s$/.test(before) || /^[\s.,;:!?)\]}]/.test(next)) return '';
  const words = before.replace(/ (?:\[\d+\])+$/, '');
  return /[.!?:…。！？]["'”’»)\]*_`]*$/.test(words) ? '\n\n' : ' ';
}

/** What the model writes behind a call, where the text before it ends in a blank that it was not told of: not a second one. */
export function behindCall(before: string, next: string): string {
  return /[^\S\n]$/.test(before) ? next.replace(/^[^\S\n]+/, '') : next;
}

/**
 * The list of sources as Markdown, to stand below `text`; '' for none. Titles come from pages: they are plain words here, of
 * one line, and the renderer takes the sting out of what is left.
 */
function sourcesList(sources: readonly Source[], text: string): string {
  if (sources.length === 0) return '';
  const lines = sources.map(({ url, title, host, number }) => {
    const mark = number === null ? words.READ : `[${number}]`;
    const label = plain(title) === '' ? host : plain(title);
    const address = addressOf(url);
    return `- ${mark} ${address === null ? label : `[${label}](${address})`}${label === host ? '' : ` · ${host}`}`;
  });
  return `${closing(text)}\n\n${heading(words.SOURCES)}\n${lines.join('\n')}`;
}

const heading = (text: string) => `**${text}**`;

/** Makes a block of what stands behind the last one: a text of the model that was cut. */
export function closeOpen(show: Pick<Show, 'text' | 'block' | 'blocks'>, call: number): void {
  const open = show.text().slice(show.blocks().at(-1)?.upto ?? 0);
  if (open !== '') show.block({ type: 'text', text: open }, call);
}

/** Lists below the answer what it cites and was not listed there before; words of ours, of which the model gets nothing. */
export function listSources(
  show: Pick<Show, 'text' | 'add' | 'block' | 'blocks'>,
  { calls }: StoredReply,
): void {
  const logged = show.blocks();
  if (logged.length === 0) return;
  const log = show.text();
  const listed = logged.findLastIndex(
    ({ block, upto }, at) =>
      block === null && log.slice(logged[at - 1]?.upto ?? 0, upto).includes(heading(words.SOURCES)),
  );
  const whole = (blocks: readonly LoggedBlock[]) => blocks.flatMap(({ block }) => block ?? []);
  const sources = createSources(whole(logged.slice(0, listed + 1)), true);
  for (const block of whole(logged.slice(listed + 1))) sources.cite(block);
  const list = sourcesList(sources.list(), show.text());
  if (list === '') return;
  // Without a block of its own it would be taken for ours.
  closeOpen(show, calls);
  show.add(list);
  show.block(null, calls);
}

function plain(title: string): string {
  const line = title
    .replace(/[[\]()<>`*_~|\\#@!&]|\p{Cc}|\p{Cf}|\p{Surrogate}/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  return line.length > MOST_TITLE ? `${line.slice(0, MOST_TITLE - 1).trimEnd()}…` : line;
}

/** The address in a form that ends where it ends; null: too long to be one. */
function addressOf(url: string): string | null {
  const whole = new URL(url).href.replace(
    /[()<>[\]\\|*`]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return whole.length > MOST_ADDRESS ? null : whole;
}

/** A code block that the text leaves open would take the list in. */
function closing(text: string): string {
  let open: string | null = null;
  for (const line of text.split('\n')) {
    const fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined) continue;
    if (open === null) open = fence;
    else if (fence.startsWith(open) && line.trim() === fence) open = null;
  }
  return open === null ? '' : `\n${open}`;
}

/** Lines on what could not be looked up, each kind once. */
export function missLines(blocks: readonly TurnBlock[]): readonly string[] {
  const kinds = new Map<string, Miss & { times: number }>();
  for (const miss of missesIn(blocks)) {
    const key = `${miss.kind} ${miss.code} ${miss.host}`;
    kinds.set(key, { ...miss, times: (kinds.get(key)?.times ?? 0) + 1 });
  }
  return [...kinds.values()].slice(0, MOST_MISSES).map(words.missed);
}

const MOST_MISSES = 3;
