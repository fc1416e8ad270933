import { OWN_MENTION, plain, type Reading } from './content.ts';

/** Longest name that is shown to the model; Slack allows 80. */
const LONGEST_NAME = 80;

/**
 * A name that somebody chose, made harmless for a line of a prompt: no line breaks, control or direction
 * characters, no markup, no more than 80 characters. '' if nothing readable is left.
 */
export function cleanName(raw: string): string {
  const tidy = plain(raw)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/[*`~<>[\](){}|\\@#]/g, '')
    .replace(/ +/g, ' ')
    .trim();
  return [...tidy].slice(0, LONGEST_NAME).join('').trim();
}

/** `@Display Name`; our own mention becomes a mark that `toMarkdown` takes out together with its blanks. */
export function userName(id: string, label: string | null, reading: Reading): string {
  if (id === reading.botUserId) return OWN_MENTION;
  return `@${cleanName(reading.names.user(id) ?? '') || cleanName(label ?? '') || 'someone'}`;
}

export function channelName(id: string, label: string | null, reading: Reading): string {
  return `#${cleanName(reading.names.channel(id) ?? '') || cleanName(label ?? '') || 'private-channel'}`;
}

export function usergroupName(id: string, label: string | null, reading: Reading): string {
  return `@${cleanName(reading.names.usergroup(id) ?? '') || cleanName(label ?? '') || 'group'}`;
}

/** `@here`, `@channel` or `@everyone`; nothing else is a broadcast. */
export function broadcastName(range: string): string | null {
  return range === 'here' || range === 'channel' || range === 'everyone' ? `@${range}` : null;
}
