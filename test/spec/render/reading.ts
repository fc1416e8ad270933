/**
 * What a reader is shown of some Markdown, in the two readings between which Slack's own lies (docs/slack-markdown.md):
 * CommonMark with GitHub's tables and `~~`, and all of GitHub's additions, which link bare addresses and let a single
 * `~` strike.
 */
import { fromMarkdown } from 'mdast-util-from-markdown';
import remarkGfm from 'remark-gfm';
import { nodes, parse, squeeze, type Tree, visibleText } from './visible.ts';

/** What some text shows, and what of it is more than text. */
export interface Meaning {
  /** All that is visible, without blanks. */
  readonly text: string;
  /** Code, byte for byte, in order. */
  readonly code: readonly string[];
  /** Addresses that links lead to. */
  readonly links: readonly string[];
  /** Texts that are bold, italic or struck. */
  readonly marked: readonly string[];
}

type Extensions = NonNullable<Parameters<typeof fromMarkdown>[1]>;

/** The parser extensions that remark-gfm would install. */
function gfm(): Extensions {
  const data: { micromarkExtensions?: unknown; fromMarkdownExtensions?: unknown } = {};
  Reflect.apply(remarkGfm, { data: () => data }, [{ singleTilde: true }]);
  const { micromarkExtensions: extensions, fromMarkdownExtensions: mdastExtensions } = data;
  return { extensions, mdastExtensions } as Extensions;
}

const github = gfm();

export const READINGS: Readonly<Record<string, (markdown: string) => Tree>> = {
  'CommonMark with tables': parse,
  'GitHub with all additions': (markdown) => fromMarkdown(markdown, github),
};

export function meaningOf(markdown: string, read: (markdown: string) => Tree): Meaning {
  const code: string[] = [];
  const links: string[] = [];
  const marked: string[] = [];
  for (const node of nodes(read(markdown))) {
    if (node.type === 'code' || node.type === 'inlineCode') code.push(node.value ?? '');
    else if (node.type === 'link') links.push(node.url ?? '');
    else if (node.type === 'strong' || node.type === 'emphasis' || node.type === 'delete')
      marked.push(squeeze([...nodes(node)].map(({ value }) => value ?? '').join('')));
  }
  return { text: visibleText(markdown), code, links, marked };
}
