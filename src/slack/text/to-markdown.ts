import { attachmentMarkdown } from './attachments.ts';
import { blocksMarkdown } from './blocks.ts';
import { type Names, OWN_MENTION, plain, type Reading, type SlackContent } from './content.ts';
import { fileLine } from './files.ts';
import { withLabels } from './labels.ts';
import { mrkdwnMarkdown } from './mrkdwn.ts';
import { cleanName } from './names.ts';
import { bothOnce, wordsIn } from './once.ts';

/** Slack takes no more of them (`too_many_attachments`). */
const MOST_ATTACHMENTS = 100;

/**
 * A Slack message as Markdown for the model: text and blocks with what both say said once, what is attached as quotes,
 * and each file as one line. Mentions become names, our own is dropped. Total: untrusted JSON of any shape gives some
 * text and never an exception.
 */
export function toMarkdown(
  content: SlackContent,
  names: Names,
  self: { readonly botUserId: string },
): string {
  const reading: Reading = { names: withLabels(names, content.text), botUserId: self.botUserId };
  const main = bothOnce(
    mrkdwnMarkdown(plain(content.text), reading),
    blocksMarkdown(content.blocks ?? [], reading),
  );
  const words = main.trim() === '' ? null : wordsIn(main);
  const parts = [
    main,
    ...(content.attachments ?? [])
      .slice(0, MOST_ATTACHMENTS)
      .map((attachment) => attachmentMarkdown(attachment, words, reading)),
    (content.files ?? []).map(fileLine).join('\n'),
  ];
  const joined = parts.filter((part) => part.trim() !== '').join('\n\n');
  return withoutKnownTokens(withoutOwnMention(joined), names).trim();
}

/** Takes out the marks of our own mention with the blanks and the comma that belong to it. */
function withoutOwnMention(text: string): string {
  const mark = OWN_MENTION;
  return text
    .replaceAll(new RegExp(`[*_~]{1,4}${mark}[*_~]{1,4}`, 'g'), mark)
    .replace(new RegExp(`^[\\s${mark}]*${mark}[,:]?[\\s${mark}]*`), '')
    .replaceAll(new RegExp(`[ \\t]{0,8}${mark}(?=[,.;:!?])`, 'g'), '')
    .replaceAll(new RegExp(`(^|\\n)${mark}[ \\t]*`, 'g'), '$1')
    .replaceAll(
      new RegExp(`([ \\t]{0,8})${mark}([ \\t]{0,8})`, 'g'),
      (_whole, left: string, right: string) => (left !== '' && right !== '' ? ' ' : left + right),
    );
}

/**
 * Whatever still looks like a mention of somebody we know (typed letter by letter, nested, half closed) is
 * named as well, so that no id of a person stands in the transcript.
 */
function withoutKnownTokens(text: string, names: Names): string {
  return text.replace(/(?<!<)<+@([A-Za-z0-9_-]{1,64})(?:\|[^<>]*)?>?/g, (whole, id: string) => {
    const name = names.user(id);
    return name === null ? whole : `@${cleanName(name) || 'someone'}`;
  });
}
