import { field, type TurnBlock } from '../conversation/blocks.ts';

/** A page that an answer goes back to. */
export interface Source {
  readonly url: string;
  /** As the provider told it; '' where it told none. */
  readonly title: string;
  readonly host: string;
  /** The number by which the text names it; null: it was read, and no place in the text names it. */
  readonly number: number | null;
}

/** Numbers what an answer cites, in the order in which it does: the same blocks always get the same numbers. */
interface Sources {
  /** The numbers that stand behind a text, in order; those of new sources are given now. */
  cite(block: TurnBlock): readonly number[];
  /** What was cited or read and not listed yet, numbered ones first; it counts as listed from now on. */
  list(): readonly Source[];
}

/** Most sources in one list: more are not looked at. */
const MOST_LISTED = 20;

/** `before`: blocks of the answer that are there already; `listed`: their sources stand under it. */
export function createSources(before: readonly TurnBlock[], listed: boolean): Sources {
  const numbers = new Map<string, number>();
  const titles = new Map<string, string>();
  const read = new Set<string>();
  const done = new Set<string>();

  const cite = (block: TurnBlock): readonly number[] => {
    for (const { url, title } of pagesIn(block)) {
      read.add(url);
      titles.set(url, titles.get(url) || title);
    }
    const cited = new Set<number>();
    for (const { url, title } of citationsIn(block)) {
      const number = numbers.get(url) ?? numbers.size + 1;
      numbers.set(url, number);
      titles.set(url, titles.get(url) || title);
      cited.add(number);
    }
    return [...cited];
  };

  const list = (): readonly Source[] => {
    const all = [...numbers.keys(), ...[...read].filter((url) => !numbers.has(url))];
    const fresh = all.filter((url) => !done.has(url)).slice(0, MOST_LISTED);
    return fresh.map((url) => {
      done.add(url);
      const host = hostOf(url) ?? '';
      return { url, host, title: titles.get(url) ?? '', number: numbers.get(url) ?? null };
    });
  };

  for (const block of before) cite(block);
  if (listed) list();
  return { cite, list };
}

/** The host of an address that a person may open, without `www.`; null: it is no such address. */
export function hostOf(url: string): string | null {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return null;
  return new URL(url).hostname.replace(/^www\./, '');
}

interface Page {
  readonly url: string;
  readonly title: string;
}

/** `web_search_result_location` of the SDK; others name no address. */
function citationsIn(block: TurnBlock): readonly Page[] {
  if (block.type !== 'text') return [];
  return (block.citations ?? []).flatMap(({ url, title }) => pageOf(url, title));
}

/** Pages that were read: `WebFetchBlock` in a `web_fetch_tool_result`. */
function pagesIn(block: TurnBlock): readonly Page[] {
  if (block.type !== 'web_fetch_tool_result') return [];
  const result = block['content'];
  return field(result, 'type') === 'web_fetch_result'
    ? pageOf(field(result, 'url'), field(field(result, 'content'), 'title'))
    : [];
}

function pageOf(url: unknown, title: unknown): readonly Page[] {
  if (typeof url !== 'string' || hostOf(url) === null) return [];
  return [{ url, title: typeof title === 'string' ? title : '' }];
}
