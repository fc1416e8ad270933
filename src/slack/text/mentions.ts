import { type Fields, fieldsOf, idOf } from '../parse/fields.ts';
import { isForwarded } from './attachments.ts';
import { holdsWords } from './blocks.ts';
import { plain, type SlackContent } from './content.ts';

/** Most JSON nodes that are looked at in one message; Slack's own limits keep real ones far below. */
const MOST_NODES = 50_000;

/** Ids of the people who are named anywhere in a message, each once, in order of appearance: text first, then blocks. */
export function mentionedUserIds(content: SlackContent): string[] {
  return mentioned(content, /<@([A-Za-z0-9_-]{1,64})(?:\|[^<>]*)?>/g, 'user', 'user_id', 'author_id');
}

/** Ids of the channels that are named anywhere in a message, each once. */
export function mentionedChannelIds(content: SlackContent): string[] {
  return mentioned(content, /<#([A-Za-z0-9_-]{1,64})(?:\|[^<>]*)?>/g, 'channel', 'channel_id', 'channel_id');
}

/**
 * Finds tokens in every text and elements in every block, at any depth, without recursion; and what a forwarded message
 * says of its origin under `origin`.
 */
function mentioned(
  content: SlackContent,
  token: RegExp,
  type: string,
  key: string,
  origin: string,
): string[] {
  const found = new Set<string>();
  const addTokens = (text: string) => {
    for (const match of text.matchAll(token)) if (match[1] !== undefined) found.add(match[1]);
  };
  const addId = (value: unknown) => {
    const id = idOf(value);
    if (id !== null) found.add(id);
  };
  addTokens(content.text);
  for (const attachment of content.attachments ?? []) {
    const fields = fieldsOf(attachment);
    if (fields !== null && isForwarded(fields)) addId(fields[origin]);
  }
  eachNode([...(content.attachments ?? []), ...(content.blocks ?? [])], (node, fields) => {
    if (typeof node === 'string') addTokens(node);
    if (fields?.['type'] === type) addId(fields[key]);
    return true;
  });
  return [...found];
}

/** Walks untrusted JSON in its order, at most `MOST_NODES` of it. `visit` says whether to go on below the node. */
function eachNode(roots: readonly unknown[], visit: (node: unknown, fields: Fields | null) => boolean): void {
  const waiting: unknown[] = [];
  const add = (nodes: readonly unknown[]) => {
    for (let index = Math.min(nodes.length, MOST_NODES) - 1; index >= 0; index -= 1)
      waiting.push(nodes[index]);
  };
  add(roots);
  for (let seen = 0; waiting.length > 0 && seen < MOST_NODES; seen += 1) {
    const node = waiting.pop();
    const fields = fieldsOf(node);
    if (visit(node, fields)) add(Array.isArray(node) ? node : fields === null ? [] : Object.values(fields));
  }
}

/** The part of a message that says whom it is for. */
type Addressing = Pick<SlackContent, 'text' | 'blocks'>;

/**
 * Ids of the people whom a message speaks to, each once, in order: those mentioned in its running words. Who is mentioned
 * only in a quote, in code or in an attachment is spoken of. Blocks that hold words count instead of the text: they are
 * what people see. Total.
 */
export function addressedUserIds(content: Addressing): string[] {
  return [...new Set(runningWords(content).flatMap((piece) => ('user' in piece ? [piece.user] : [])))];
}

/**
 * Whom a message begins with, as in "@ben can you look?": the id of the first person mentioned, if nothing but blanks,
 * punctuation, emoji and quotes stands before; null if it begins with words. Total.
 */
export function leadingMention(content: Addressing): string | null {
  for (const piece of runningWords(content)) {
    if ('user' in piece) return piece.user;
    if (/[\p{L}\p{N}]/u.test(piece.words.replace(EMOJI_NAME, ''))) return null;
  }
  return null;
}

/** A stretch of running words, or a person mentioned among them. */
type Piece = { readonly words: string } | { readonly user: string };

const EMOJI_NAME = /:[a-z0-9_+'-]{1,60}:/g;
const USER_TOKEN = /<@([A-Za-z0-9_-]{1,64})(?:\|[^<>]*)?>/;
/** Code in mrkdwn, fenced and inline, as `mrkdwnMarkdown` sees it. What stands for it is a word. */
const CODE = /```[\s\S]*?```|`[^`\n]+`/g;
const CODE_WORD = 'code';
/** A quoted line, or everything behind `>>>`. Slack escapes the sign; an app may have sent it bare. */
const QUOTE = /^(?:(?:&gt;|>){3}[\s\S]*|(?:&gt;|>).*$)/gm;

/** Kinds of block and element that quote, or are no sentence. A list with a border is a quote of a list. */
const SPOKEN_OF = new Set(['rich_text_quote', 'table', 'data_table', 'actions', 'context_actions', 'input']);
const MARKED_UP = new Set(['mrkdwn', 'markdown']);
/** Elements that are words of a sentence and mention nobody. */
const WORDS = new Set(['text', 'plain_text', 'link', 'channel', 'usergroup', 'broadcast', 'date']);

function runningWords({ text, blocks = [] }: Addressing): readonly Piece[] {
  return blocks.some(holdsWords) ? ofBlocks(blocks) : ofMrkdwn(text);
}

function ofMrkdwn(text: string): readonly Piece[] {
  const running = plain(text).replace(CODE, CODE_WORD).replace(QUOTE, '');
  // A split by one group gives words and ids in turn.
  return running.split(USER_TOKEN).map((part, index) => (index % 2 === 1 ? { user: part } : { words: part }));
}

function ofBlocks(blocks: readonly unknown[]): readonly Piece[] {
  const pieces: Piece[] = [];
  eachNode(blocks, (_node, fields) => {
    if (fields === null) return true;
    const kind = typeof fields['type'] === 'string' ? fields['type'] : '';
    if (SPOKEN_OF.has(kind) || (kind === 'rich_text_list' && fields['border'] === 1)) return false;
    if (kind === 'rich_text_preformatted' || fieldsOf(fields['style'])?.['code'] === true) {
      pieces.push({ words: CODE_WORD });
      return false;
    }
    const id = kind === 'user' ? idOf(fields['user_id']) : null;
    if (id !== null) pieces.push({ user: id });
    else if (MARKED_UP.has(kind)) pieces.push(...ofMrkdwn(plain(fields['text'])));
    else if (WORDS.has(kind)) pieces.push({ words: plain(fields['text']) || kind });
    else return true;
    return false;
  });
  return pieces;
}
