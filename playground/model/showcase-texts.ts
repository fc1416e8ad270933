/** The showcase's set pieces: one for each thing that a reply in Slack has to get right. */

export const INTRODUCTION =
  "I'm the playground's scripted stand-in, not Claude; set `ANTHROPIC_API_KEY` to talk to Claude.";

export const HELP = `I answer from a script, so that you can watch how Skein works without an account. Say one of these:

- **table**, **code**, **list**, **quote** or **link** – formatting, while it is still being written
- **chart**, **numbers** or **sources** – what Slack has forms of its own for, once it is whole
- **nasty** – what other bots show wrongly
- **everything** – all of it in one answer
- **long** – an answer that needs more than one Slack message
- **search the web for …**, or a link – how an answer looks things up, where \`/skein set web on workspace\` allows it
- **create a ticket about …**, **find tickets …** – what connected servers can do, where \`/skein tools\` shows one
- **error demo** – an answer whose connection breaks half way
- **what did I say?** or **what is my name?** – proof that the whole thread was sent

While I write, press **Stop**, or start a second thread next to this one.`;

export const TABLE = `Three ways to keep thread in order:

| Form | Made with | Good for | Tangles |
| :--- | :--- | :--- | ---: |
| Skein | a niddy-noddy | dyeing, washing | seldom |
| Ball | a winder | knitting | sometimes |
| Cone | a machine | weaving | hardly ever |

The last column is honest: a *ball* that a cat has met counts as **often**.`;

export const CODE = `Counting words without being fooled by the blanks between them:

\`\`\`ts
/** How often each word occurs, most frequent first. */
function countWords(text: string): [word: string, count: number][] {
  const counts = new Map<string, number>();
  for (const word of text.toLowerCase().match(/\\p{L}+/gu) ?? []) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

console.log(countWords('a skein, a thread, a knot'));
// [ [ 'a', 3 ], [ 'skein', 1 ], [ 'thread', 1 ], [ 'knot', 1 ] ]
\`\`\`

And the same in one line of shell: \`tr -cs '[:alpha:]' '\\n' < text | sort | uniq -c | sort -rn\`.`;

export const LIST = `To wind a skein into a ball:

1. **Open it.** Hang it over
   - a swift, if you have one,
   - the back of a chair, if you don't.
2. **Find the ends.** There are two:
   - the one that is tied round the others,
   - the one that hides:
     - look inside first,
     - then blame the cat.
3. **Wind**, not too tightly.
4. ~~Start again.~~ Tuck in the end, done.`;

export const QUOTE = `Somebody surely said:

> A thread that is wound with care
> is a knot that nobody has to untie.
>
> – the back of a yarn label

I like to think it was about **software**.`;

export const LINK = `Where to read on:

- [Slack: formatting for messages](https://docs.slack.dev/messaging/formatting-message-text/)
- [Claude: streaming messages](https://docs.claude.com/en/docs/build-with-claude/streaming)
- a bare address works as well: https://www.postgresql.org/docs/current/`;

export const ERROR_DEMO = `This answer is cut on purpose: after a few dozen words the connection to the model is reset, just as it happens in real life now and then. What has been shown stays where it is. Skein keeps every word that arrived, asks the model to go on from there, and joins the rest at the seam, in the same message.

If you can read this sentence, that has just happened. Look at the list of model calls: there are **two** for this answer, and the second one only wrote the end.`;

export const THANKS = "You're welcome! :thread:";

export const SUMMARY =
  'What people wrote in the earlier part of this thread, as the scripted stand-in read it:';

export const NOTHING_TO_SUMMARISE =
  'The scripted stand-in found nothing that people wrote in the earlier part.';

export const FILES = 'With your message I was given:';
