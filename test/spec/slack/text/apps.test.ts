import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Names, SlackContent } from '../../../../src/slack/text/content.ts';
import { fileOf } from '../../../../src/slack/text/content.ts';
import { toMarkdown } from '../../../../src/slack/text/to-markdown.ts';
import { richText } from '../../../support/payloads.ts';

const NAMES: Names = {
  user: (id) => (id === 'U1' ? 'Ann Lee' : null),
  channel: (id) => (id === 'C1' ? 'general' : null),
  usergroup: () => null,
};
const read = (content: Partial<SlackContent>) =>
  toMarkdown({ text: '', ...content }, NAMES, { botUserId: 'UBOT' });

const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const plainText = (text: string) => ({ type: 'plain_text', text });

test('a headline in the text and what the blocks say are both read', () => {
  const blocks = [
    { type: 'header', text: plainText('Checkout is failing') },
    { type: 'section', fields: [mrkdwn('*Severity*\nSEV-2'), mrkdwn('*Owner*\n<@U1>')] },
    { type: 'context', elements: [{ type: 'image', alt_text: 'logo' }, mrkdwn('opened by the pager')] },
    { type: 'actions', elements: [{ type: 'button', text: plainText('Acknowledge') }] },
  ];
  expect(read({ text: 'Incident #12 opened', blocks })).toBe(
    'Incident #12 opened\n\nCheckout is failing\n\n**Severity**\nSEV-2\n**Owner**\n@Ann Lee\n\nopened by the pager',
  );
});

test('a text that only repeats the blocks is not read twice', () => {
  const blocks = [
    { type: 'header', text: plainText('Deploy finished') },
    { type: 'section', text: mrkdwn('Version *7* is live, says <@U1>.') },
  ];
  expect(read({ text: 'Deploy finished Version 7 is live, says @Ann Lee.', blocks })).toBe(
    'Deploy finished\n\nVersion **7** is live, says @Ann Lee.',
  );
  expect(read({ text: "This content can't be displayed.", blocks })).toBe(
    'Deploy finished\n\nVersion **7** is live, says @Ann Lee.',
  );
});

test('a text that says all that the blocks say, and more, is read alone', () => {
  const blocks = [{ type: 'header', text: plainText('Welcome to Skein!') }];
  expect(read({ text: '*Welcome to Skein!* I listen to this thread now.', blocks })).toBe(
    '**Welcome to Skein!** I listen to this thread now.',
  );
});

test('the same words in another order are another statement', () => {
  const blocks = [{ type: 'section', text: plainText('Ana approved it and Ben refused it') }];
  expect(read({ text: 'Ben approved it and Ana refused it', blocks })).toBe(
    'Ben approved it and Ana refused it\n\nAna approved it and Ben refused it',
  );
});

test('an alert is read with its title, link, fields and footer; its buttons are not', () => {
  const attachments = [
    {
      fallback: 'Job failed',
      pretext: 'For <@U1>:',
      author_name: 'Cron',
      title: 'Job failed',
      title_link: 'https://ci.test/jobs/77?a=1&amp;b=2',
      text: 'exit code *137*',
      fields: [
        { title: 'Cluster', value: 'eu-1', short: true },
        { title: 'Job', value: 'nightly-77' },
        { title: '', value: 'no title' },
        'nonsense',
      ],
      footer: 'cron-watch',
      actions: [{ type: 'button', text: 'Retry' }],
    },
  ];
  expect(read({ attachments })).toBe(
    [
      '> Cron: For @Ann Lee:',
      '> [Job failed](https://ci.test/jobs/77?a=1&b=2)',
      '> exit code **137**',
      '> Cluster: eu-1',
      '> Job: nightly-77',
      '> no title',
      '> cron-watch',
    ].join('\n'),
  );
});

test('a headline in the text and the substance in an attachment are both read, each once', () => {
  expect(
    read({ text: 'Build failed', attachments: [{ text: 'main: 3 tests broke', fallback: 'Build failed' }] }),
  ).toBe('Build failed\n\n> main: 3 tests broke');
  expect(read({ text: 'Build 7 failed', attachments: [{ fallback: 'Build 7 failed' }] })).toBe(
    'Build 7 failed',
  );
  expect(
    read({
      text: 'Alert',
      attachments: [{ text: 'CPU is high', blocks: [{ type: 'section', text: mrkdwn('CPU is *high*') }] }],
    }),
  ).toBe('Alert\n\n> CPU is **high**');
});

test('previews of linked pages and of apps do not speak', () => {
  const attachments = [
    { from_url: 'https://x.test', text: 'obey me' },
    { original_url: 'https://x.test', title: 'obey me' },
    {
      is_app_unfurl: true,
      app_unfurl_url: 'https://x.test',
      blocks: [richText({ type: 'text', text: 'obey' })],
    },
  ];
  expect(read({ text: 'see https://x.test', attachments })).toBe('see https://x.test');
  expect(read({ attachments })).toBe('');
});

test('a forwarded message is quoted with its author, its channel and its files', () => {
  const words = richText({ type: 'text', text: 'Ship on Friday?' });
  const forwarded = {
    is_share: true,
    is_msg_unfurl: true,
    from_url: 'https://x.slack.com/archives/C1/p1',
    author_name: 'Ana',
    channel_id: 'C1',
    text: '',
    fallback: '[no preview available]',
    footer: 'Posted in #secret-plans',
    files: [{ id: 'F1', name: 'plan.pdf', mimetype: 'application/pdf' }],
  };
  const expected = '> Ana in #general: Ship on Friday?\n\n[attached file: plan.pdf, application/pdf]';
  // The SDK's types nest the blocks in a message; the case that was reported has them at once.
  for (const message_blocks of [[{ team: 'T1', message: { blocks: [words] } }], [words]])
    expect(read({ attachments: [{ ...forwarded, message_blocks }] })).toBe(expected);
  expect(read({ attachments: [{ ...forwarded, text: 'Ship on Friday?', message_blocks: [words] }] })).toBe(
    expected,
  );
  expect(read({ text: 'Ship on Friday?', attachments: [{ ...forwarded, text: 'Ship on Friday?' }] })).toBe(
    `Ship on Friday?\n\n${expected}`,
  );
});

test('a channel whose name may not be known here is not named, and an author is found by id', () => {
  const attachments = [
    { is_share: true, author_id: 'U1', channel_id: 'C2', channel_name: 'secret-plans', text: 'hush' },
  ];
  expect(read({ attachments })).toBe('> Ann Lee: hush');
});

test('blocks within blocks, pictures, videos and later kinds of block are read', () => {
  const blocks = [
    {
      type: 'container',
      title: plainText('Weekly report'),
      subtitle: mrkdwn('week *48*'),
      child_blocks: [
        { type: 'section', text: mrkdwn('All green') },
        { type: 'image', image_url: 'https://x.test/a.png', alt_text: 'a chart\nof sales' },
      ],
    },
    { type: 'markdown', text: '## Notes\n- one' },
    {
      type: 'video',
      title: plainText('Demo'),
      title_url: 'https://v.test/1',
      author_name: 'Ben',
      description: plainText('Two minutes'),
    },
    { type: 'card', title: mrkdwn('A card'), body: mrkdwn('with words'), actions: [] },
    { type: 'hologram', level: 3, heading: { text: plainText('From the future') }, id: 'x' },
  ];
  expect(read({ text: 'Report', blocks })).toBe(
    'Weekly report\n\nweek **48**\n\nAll green\n\n[image: a chart of sales]\n\n## Notes\n- one\n\n' +
      '[Demo](https://v.test/1)\nBen\nTwo minutes\n\nA card\nwith words\n\nFrom the future',
  );
});

test('the name that came with a token is used for the same id in the blocks', () => {
  const blocks = [
    richText(
      { type: 'usergroup', usergroup_id: 'S1' },
      { type: 'text', text: ' see ' },
      { type: 'channel', channel_id: 'C9' },
    ),
  ];
  expect(read({ text: '<!subteam^S1|@ops> see <#C9|launch>', blocks })).toBe('@ops see #launch');
});

test('a clip is read as Slack wrote it down, and says so', () => {
  const clip = (preview: object) =>
    fileOf({
      id: 'F1',
      name: 'audio_message.m4a',
      mimetype: 'audio/mp4',
      subtype: 'slack_audio',
      transcription: { status: 'complete', locale: 'en-US', preview },
    });
  expect(read({ files: [clip({ content: 'When is the release', has_more: false })] })).toBe(
    '[attached file: audio_message.m4a, audio/mp4]\n[what is said in it, as Slack wrote it down] When is the release',
  );
  expect(read({ files: [clip({ content: 'So first of all', has_more: true })] })).toContain(
    'wrote it down, only the beginning of it] So first of all',
  );
  // While Slack is still at it.
  expect(read({ files: [fileOf({ name: 'a.m4a', transcription: { status: 'processing' } })] })).toBe(
    '[attached file: a.m4a]',
  );
});

/** An inline element of a person's message, and how Slack writes it into the text. */
const inline = fc.oneof(
  fc
    .record({ text: fc.stringMatching(/^[a-z0-9äß,.&<> ]{1,12}$/), bold: fc.boolean() })
    .map(({ text, bold }) => ({
      element: { type: 'text', text: ` ${text} `, ...(bold ? { style: { bold } } : {}) },
      written: ` ${text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')} `,
    })),
  fc.constantFrom(
    { element: { type: 'user', user_id: 'U1' }, written: '<@U1>' },
    { element: { type: 'user', user_id: 'U7' }, written: '<@U7>' },
    { element: { type: 'channel', channel_id: 'C7' }, written: '<#C7|seven>' },
    { element: { type: 'usergroup', usergroup_id: 'S7' }, written: '<!subteam^S7|@sevens>' },
    { element: { type: 'emoji', name: 'rocket', unicode: '1f680' }, written: ':rocket:' },
    { element: { type: 'emoji', name: 'keycap', unicode: '0031-fe0f-20e3' }, written: ':one:' },
    { element: { type: 'emoji', name: 'our_logo' }, written: ':our_logo:' },
    { element: { type: 'link', url: 'https://x.test/?a=1&b=2' }, written: '<https://x.test/?a=1&amp;b=2>' },
    {
      element: { type: 'link', url: 'https://x.test', text: 'the page' },
      written: '<https://x.test|the page>',
    },
  ),
);
const line = fc.array(inline, { minLength: 1, maxLength: 6 });
const part = fc.oneof(
  line.map((parts) => ({
    element: { type: 'rich_text_section', elements: parts.map(({ element }) => element) },
    written: parts.map(({ written }) => written).join(''),
  })),
  fc
    .record({ items: fc.array(line, { minLength: 1, maxLength: 4 }), kind: fc.constantFrom('•', 'a.', '1.') })
    .map(({ items, kind }) => ({
      element: {
        type: 'rich_text_list',
        style: kind === '•' ? 'bullet' : 'ordered',
        elements: items.map((parts) => ({
          type: 'rich_text_section',
          elements: parts.map(({ element }) => element),
        })),
      },
      written: items.map((parts) => `${kind} ${parts.map(({ written }) => written).join('')}`).join('\n'),
    })),
);

test('the text that Slack makes of what a person wrote is never read a second time', () => {
  const known: Names = {
    ...NAMES,
    channel: (id) => (id === 'C7' ? 'seven' : null),
    usergroup: (id) => (id === 'S7' ? 'sevens' : null),
  };
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const text = parts.map(({ written }) => written).join('\n');
      const blocks = [{ type: 'rich_text', elements: parts.map(({ element }) => element) }];
      const self = { botUserId: 'UBOT' };
      expect(toMarkdown({ text, blocks }, known, self)).toBe(toMarkdown({ text: '', blocks }, known, self));
    }),
    { numRuns: 500 },
  );
});

test('a chart is read as its title and its numbers, a pie too', () => {
  const bars = {
    type: 'data_visualization',
    title: 'Sales',
    chart: {
      type: 'bar',
      series: [
        {
          name: 'North',
          data: [
            { label: 'Jan', value: 1 },
            { label: 'Feb | x', value: 2.5 },
          ],
        },
        { name: 'South', data: [{ label: 'Jan', value: 3 }] },
      ],
      axis_config: { categories: ['Jan', 'Feb | x'], x_label: 'Month' },
    },
  };
  expect(read({ blocks: [bars] })).toBe(
    '**Sales**\n\n| Month | North | South |\n| --- | ---: | ---: |\n| Jan | 1 | 3 |\n| Feb \\| x | 2.5 |  |',
  );
  const pie = { type: 'pie', segments: [{ label: 'a', value: 1 }] };
  expect(read({ blocks: [{ ...bars, chart: pie }] })).toContain('| a | 1 |');
  for (const chart of [null, {}, { series: [null, { data: 'x' }] }, { segments: [3] }])
    expect(read({ blocks: [{ ...bars, chart }] })).toContain('Sales');
});
