/**
 * What a reader sees of some Markdown, by a CommonMark and GitHub parser that shares nothing with the renderer.
 */
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmStrikethroughFromMarkdown } from 'mdast-util-gfm-strikethrough';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTaskListItemFromMarkdown } from 'mdast-util-gfm-task-list-item';
import { gfmStrikethrough } from 'micromark-extension-gfm-strikethrough';
import { gfmTable } from 'micromark-extension-gfm-table';
import { gfmTaskListItem } from 'micromark-extension-gfm-task-list-item';

interface Offset {
  readonly offset?: number | undefined;
}

/** The part of a syntax tree that the tests look at. */
export interface Tree {
  readonly type: string;
  readonly value?: string;
  readonly alt?: string | null | undefined;
  readonly url?: string;
  readonly start?: number | null | undefined;
  readonly depth?: number;
  readonly lang?: string | null | undefined;
  readonly children?: readonly Tree[];
  readonly position?: { readonly start: Offset; readonly end: Offset } | undefined;
}

export function parse(markdown: string): Tree {
  return fromMarkdown(markdown, {
    extensions: [gfmTable(), gfmStrikethrough({ singleTilde: false }), gfmTaskListItem()],
    mdastExtensions: [gfmTableFromMarkdown(), gfmStrikethroughFromMarkdown(), gfmTaskListItemFromMarkdown()],
  });
}

/** All nodes of a tree, in order. */
export function* nodes(tree: Tree): Generator<Tree> {
  yield tree;
  for (const child of tree.children ?? []) yield* nodes(child);
}

/** Visible text without blanks, joiners and boundaries. */
export function visibleText(markdown: string): string {
  const parts: string[] = [];
  const walk = (node: Tree) => {
    // Definitions and the references to them are shown as they were written: Slack resolves none over messages.
    if (node.type === 'definition' || node.type === 'linkReference' || node.type === 'imageReference') {
      parts.push(markdown.slice(node.position?.start.offset, node.position?.end.offset));
    } else if (node.type === 'image') parts.push(node.alt || 'image');
    else if (node.value !== undefined) parts.push(node.value);
    else for (const child of node.children ?? []) walk(child);
  };
  walk(parse(markdown));
  return squeeze(parts.join(''));
}

export const squeeze = (text: string) => text.replace(/[\s\u2060\u200b]+/gu, '');

/** Visible text of the segments of one answer. The header that a cut table repeats counts once. */
export function joinedText(segments: readonly string[]): string {
  let header = '';
  let joined = '';
  for (const segment of segments) {
    const tree = parse(segment);
    const all = [...nodes(tree)];
    const text = visibleText(segment);
    const first = all.find((node) => node.type === 'table' || node.value !== undefined);
    const repeated = first?.type === 'table' && header !== '' && headerOf(first, segment) === header;
    joined += repeated ? text.slice(text.indexOf(header) + header.length) : text;
    const last = all.findLast(
      (node) => node.type === 'table' || node.type === 'code' || node.type === 'paragraph',
    );
    header = last?.type === 'table' ? headerOf(last, segment) : '';
  }
  return joined;
}

function headerOf(table: Tree, source: string): string {
  const row = table.children?.[0];
  const text = [...(row ? nodes(row) : [])].map((node) => node.value ?? '').join('');
  return squeeze(text === '' ? source : text);
}
