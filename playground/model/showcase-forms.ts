/** The showcase's set pieces that Slack has blocks of its own for, and the one that is hard to show. */

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'];

export const CHART = `Skeins that were wound this week:

\`\`\`chart
${JSON.stringify({
  type: 'bar',
  title: 'Skeins wound',
  x: 'Day',
  y: 'Skeins',
  labels: days,
  series: { 'By hand': [4, 6, 5, 9, 3], 'With a winder': [12, 15, 11, 18, 20] },
})}
\`\`\`

And where the wool went:

\`\`\`chart
${JSON.stringify({
  type: 'pie',
  title: 'Wool',
  labels: ['Sweaters', 'Socks', 'Cat'],
  series: { Grams: [1200, 450, 300] },
})}
\`\`\`

Nobody counted what the cat gave back.`;

const yarns = [
  'Alpaca',
  'Angora',
  'Bamboo',
  'Camel',
  'Cashmere',
  'Cotton',
  'Hemp',
  'Linen',
  'Merino',
  'Mohair',
  'Nettle',
  'Silk',
];

export const NUMBERS = `Twelve yarns, to be sorted by any column:

| Yarn | Metres | Price | Share |
| :--- | ---: | ---: | ---: |
${yarns.map((yarn, at) => `| **${yarn}** | ${(((at * 7) % 12) + 1) * 110} | ${((at * 5) % 13) + 4}.50 | ${((at * 11) % 17) + 1}% |`).join('\n')}

Prices are made up.`;

export const SOURCES = `A skein is a length of yarn that is wound and knotted loosely.

**Sources:**

1. [Slack: data visualization block](https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block)
2. [Slack: table block](https://docs.slack.dev/reference/block-kit/blocks/table-block)
3. https://docs.slack.dev/reference/block-kit/blocks/container-block`;

/** Each line of it was shown wrongly by some bot; sources are in docs/slack-markdown.md. */
export const NASTY = String.raw`Opened **https://git.example.com/team/app/pull/54**(rebased) today; 文档见https://docs.example.com/setup（中文说明）。然后重启。

대략 3~5일, 비용은 10~20만원. It takes ~3~5 minutes (~200 lines). Area = 2*pi*r, so 5*3*2 = 30 and w*h*d is the volume; 2**10, src/**/*.ts, *args and __init__.py stay.

**Note:**read this first. **「重点」**内容 and **Größe**. Run deploy <project-id> --to <env>, a Vec<String>, ${'`'}if (a<!b)${'`'} and ${'`'}Map<@UUIDString, T>${'`'}.

Energy is \(E = m c_0^2\) and it costs $20 to $35:

\[
\frac{a_{i}*b_{j}}{c*d}
\]

1. Build:
${'```'}sh
make
${'```'}
2. Run:
${'```'}sh
./app --limit 10
${'```'}

Here it is:

${'```'}markdown
# Tool
${'```'}bash
make run
${'```'}
## Notes
Short.
${'```'}

Anything else? Digits 0123456789 and 👩‍👩‍👧‍👦 🇩🇪 👍🏽 side by side, ~~gone~~, footnote[^1].

| Option | Meaning |
|---|---|
| ${'`'}a | b${'`'} | union of both |
| 5* | ~half |

> quoted *with* <b>tags</b> & an ampersand

- [ ] open
- [x] done`;
