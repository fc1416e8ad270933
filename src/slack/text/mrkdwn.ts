import { PLACEHOLDER, plain, type Reading } from './content.ts';
import { dateText } from './inline.ts';
import { codeSpan, decodeEntities, fenced, link, quoted } from './markup.ts';
import { broadcastName, channelName, usergroupName, userName } from './names.ts';

const KEPT = new RegExp(`${PLACEHOLDER}(\\d+)${PLACEHOLDER}`, 'g');

/**
 * Slack's mrkdwn as Markdown. Code is set aside first, then tokens, then emphasis is rewritten, and the
 * three entities are decoded last and once.
 */
export function mrkdwnMarkdown(mrkdwn: string, reading: Reading): string {
  const kept: string[] = [];
  const keep = (done: string) => `${PLACEHOLDER}${kept.push(done) - 1}${PLACEHOLDER}`;
  // What is set aside may hold what was set aside before it: code inside a token, a block inside code.
  const restore = (text: string): string =>
    text.replace(KEPT, (_whole, index: string) => restore(kept[Number(index)] ?? ''));
  const worked = plain(mrkdwn)
    .replace(/```([\s\S]*?)```/g, (_whole, code: string) => keep(fenceOf(code, reading)))
    .replace(/`([^`\n]+)`/g, (_whole, code: string) =>
      keep(codeSpan(restore(decodeEntities(tokensAsText(code, reading))))),
    )
    .replace(/<([^<>\n]+)>/g, (_whole, token: string) => keep(tokenMarkdown(restore(token), reading)))
    .replace(/(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])/g, '**$1**')
    .replace(/(?<![\w~])~(?=\S)([^~\n]+)(?<=\S)~(?![\w~])/g, '~~$1~~');
  return restore(decodeEntities(quotesAndBullets(worked)));
}

/** `>` before a line, `>>>` before the rest of the message, and the bullets of Slack's plain rendering. */
function quotesAndBullets(text: string): string {
  const rest = /^&gt;&gt;&gt;\s?/m.exec(text);
  const before = rest === null ? text : text.slice(0, rest.index);
  const lines = before.replace(/^&gt;[ \t]?/gm, '> ').replace(/^([ \t]*)[•◦▪]︎?[ \t]+/gm, '$1- ');
  return rest === null ? lines : lines + quoted(text.slice(rest.index + rest[0].length));
}

/** A fenced block on lines of its own. Slack has no language here, so the first line is code. */
function fenceOf(code: string, reading: Reading): string {
  return `\n${fenced(decodeEntities(tokensAsText(code, reading)), '')}\n`;
}

/** Inside code Slack still writes links and mentions as tokens: show what the person had typed. */
function tokensAsText(code: string, reading: Reading): string {
  return code.replace(/<([^<>\n]+)>/g, (_whole, token: string) => {
    const { head, label } = split(token);
    return /^[@#!]/.test(head) ? tokenMarkdown(token, reading) : label || head;
  });
}

/** The inside of one `<…>`, with entities decoded. */
function tokenMarkdown(token: string, reading: Reading): string {
  const { head, label } = split(token);
  const name = label === '' ? null : decodeEntities(label);
  if (head.startsWith('@')) return userName(head.slice(1), name, reading);
  if (head.startsWith('#')) return channelName(head.slice(1), name, reading);
  if (head.startsWith('!subteam^')) return usergroupName(head.slice('!subteam^'.length), name, reading);
  if (head.startsWith('!date^')) return name ?? dateText(head.split('^')[1]);
  if (head.startsWith('!')) return broadcastName(head.slice(1)) ?? name ?? '';
  return link(decodeEntities(head), name ?? '');
}

function split(token: string): { readonly head: string; readonly label: string } {
  const bar = token.indexOf('|');
  return bar < 0 ? { head: token, label: '' } : { head: token.slice(0, bar), label: token.slice(bar + 1) };
}
