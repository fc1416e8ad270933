import { fieldsOf, idOf } from '../parse/fields.ts';
import type { SlackContent } from './content.ts';

/** Most JSON nodes that are looked at in one message; Slack's own limits keep real ones far below. */
const MOST_NODES = 50_000;

/** Ids of the people who are mentioned, each once, in order of appearance: text first, then blocks. */
export function mentionedUserIds(content: SlackContent): string[] {
  return mentioned(content, /<@([A-Za-z0-9_-]{1,64})(?:\|[^<>]*)?>/g, 'user', 'user_id');
}

/** Ids of the people who are addressed in running words. */
export function addressedUserIds(content: SlackContent): string[] {
  return mentionedUserIds(content);
}

/** The person whose mention a message begins with; null: none. */
export function leadingMention(_content: SlackContent): string | null {
  return null;
}

/** Ids of the channels that are mentioned, each once. */
export function mentionedChannelIds(content: SlackContent): string[] {
  return mentioned(content, /<#([A-Za-z0-9_-]{1,64})(?:\|[^<>]*)?>/g, 'channel', 'channel_id');
}

/** Finds tokens in every text and elements in every block, at any depth, without recursion. */
function mentioned(content: SlackContent, token: RegExp, type: string, key: string): string[] {
  const found = new Set<string>();
  const addTokens = (text: string) => {
    for (const match of text.matchAll(token)) if (match[1] !== undefined) found.add(match[1]);
  };
  addTokens(content.text);
  const waiting: unknown[] = [...(content.attachments ?? []), ...(content.blocks ?? [])].reverse();
  for (let seen = 0; waiting.length > 0 && seen < MOST_NODES; seen += 1) {
    const node = waiting.pop();
    if (typeof node === 'string') {
      addTokens(node);
      continue;
    }
    const fields = fieldsOf(node);
    if (fields?.['type'] === type) {
      const id = idOf(fields[key]);
      if (id !== null) found.add(id);
    }
    const members = Array.isArray(node) ? node : fields === null ? [] : Object.values(fields);
    for (let index = members.length - 1; index >= 0; index -= 1) waiting.push(members[index]);
  }
  return [...found];
}
