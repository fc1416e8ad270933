import { expect, test } from 'vitest';
import type { Names } from '../../../../src/slack/text/content.ts';
import { toMarkdown } from '../../../../src/slack/text/to-markdown.ts';

const NAMES: Names = {
  user: (id) => (id === 'U1' ? 'Ann Lee' : null),
  channel: (id) => (id === 'C1' ? 'general' : null),
  usergroup: (id) => (id === 'S1' ? 'on-call' : null),
};

const read = (text: string) => toMarkdown({ text }, NAMES, { botUserId: 'UBOT' });

test.each([
  ['bold', '*very* important', '**very** important'],
  ['italic stays as it is', '_very_ important', '_very_ important'],
  ['strike', '~old~ new', '~~old~~ new'],
  ['a product is not bold', '2*3*4 and a * b * c', '2*3*4 and a * b * c'],
  ['bold around a mention', '*hi <@U1>*', '**hi @Ann Lee**'],
  ['code keeps its stars', 'use `a*b*c` here', 'use `a*b*c` here'],
  ['entities in code are decoded once', '`a &lt; b &amp;&amp; c`', '`a < b && c`'],
  ['a fence stands on lines of its own', 'so:```let a = 1;```', 'so:\n```\nlet a = 1;\n```'],
  ['a link in code is its address', '`curl <https://x.test/a>`', '`curl https://x.test/a`'],
  ['a person', 'ask <@U1>', 'ask @Ann Lee'],
  ['a person with a label', 'ask <@U2|Bob>', 'ask @Bob'],
  ['a person nobody knows', 'ask <@U3>', 'ask @someone'],
  ['a channel', 'in <#C1|old-name>', 'in #general'],
  ['a private channel', 'in <#C2|>', 'in #private-channel'],
  ['a user group', 'tell <!subteam^S1>', 'tell @on-call'],
  ['broadcasts', '<!here> <!channel|channel> <!everyone>', '@here @channel @everyone'],
  ['a date', 'on <!date^1392734382^{date}|Feb 18, 2014>', 'on Feb 18, 2014'],
  ['a date without a fallback', 'on <!date^1392734382^{date}>', 'on 2014-02-18 14:39 UTC'],
  ['a named link', 'see <https://x.test/?a=1&amp;b=2|the page>', 'see [the page](https://x.test/?a=1&b=2)'],
  ['code in the label of a link', 'see <https://x.test|the `page`>', 'see [the `page`](https://x.test)'],
  ['code where a token was expected', '<`<!channel>```>', '`@channel```'],
  ['a block between back-ticks', '`a ```b``` c`', '````a \n```\nb\n```\n c````'],
  ['a bare link', 'see <https://x.test>', 'see https://x.test'],
  ['a mail address', 'write <mailto:a@b.test|a@b.test>', 'write a@b.test'],
  ['a phone number', 'call <tel:+123>', 'call +123'],
  ['an emoji, which models read well by its name', ':our_logo: wins', ':our_logo: wins'],
  ['entities once and last', '&amp;lt; is &lt;', '&lt; is <'],
  ['a quote', '&gt; wise words\nmine', '> wise words\nmine'],
  ['a quote to the end', 'he said\n&gt;&gt;&gt;one\ntwo', 'he said\n> one\n> two'],
  ['bullets of plain text', '• one\n• two', '- one\n- two'],
  ['our own mention at the start', '<@UBOT> hello', 'hello'],
  ['our own mention with a comma', '<@UBOT>, hello', 'hello'],
  ['our own mention in the middle', 'hey <@UBOT> hello', 'hey hello'],
  ['our own mention before a comma', 'hey <@UBOT>, hello', 'hey, hello'],
  ['our own mention at the end', 'hello <@UBOT>', 'hello'],
  ['our own mention in bold', '*<@UBOT>* hello', 'hello'],
])('%s', (_what, mrkdwn, markdown) => {
  expect(read(mrkdwn)).toBe(markdown);
});

test('what a person typed letter by letter as a mention is named as well', () => {
  expect(read('type &lt;@U1&gt; to ping')).toBe('type @Ann Lee to ping');
});
