/** The showcase's long answer: more than one Slack message holds (12,000 characters of Markdown). */

interface Fibre {
  readonly name: string;
  readonly from: string;
  readonly feel: string;
  readonly strong: number;
  readonly stretch: number;
  readonly wash: string;
  readonly use: string;
  readonly avoid: string;
}

const FIBRES: readonly Fibre[] = [
  fibre('Merino wool', 'merino sheep', 'soft and springy', 2, 5, '30 °C, wool cycle', 'hats', 'doormats'),
  fibre('Shetland wool', 'Shetland sheep', 'crisp and grippy', 3, 4, 'by hand, cool', 'jumpers', 'scarves'),
  fibre('Alpaca', 'alpacas', 'silky, warm and heavy', 2, 2, 'by hand, cool', 'shawls', 'ribbing'),
  fibre('Cashmere', 'goats, by comb', 'like holding a cloud', 1, 3, 'by hand, brief', 'scarves', 'socks'),
  fibre('Mohair', 'Angora goats', 'hairy and shining', 4, 2, 'by hand, cool', 'lace', 'unpicking'),
  fibre('Silk', 'the cocoons of moths', 'smooth and cool', 5, 1, 'by hand, no sun', 'sewing', 'the garden'),
  fibre('Cotton', 'the cotton plant', 'plain and honest', 3, 1, '60 °C', 'dishcloths', 'winter hats'),
  fibre('Linen', 'the stems of flax', 'stiff, then softer each year', 5, 1, '60 °C', 'towels', 'cuffs'),
  fibre('Hemp', 'the stems of hemp', 'like linen with opinions', 5, 1, '60 °C', 'bags', 'baby clothes'),
  fibre('Bamboo viscose', 'dissolved bamboo', 'heavy and liquid', 2, 1, '30 °C', 'summer tops', 'ropes'),
  fibre('Nylon', 'a factory', 'slippery and tireless', 5, 4, '40 °C', 'sock heels', 'ironing'),
  fibre('Polyester', 'another factory', 'even and patient', 5, 2, '40 °C', 'machine sewing', 'campfires'),
  fibre('Acrylic', 'a third factory', 'light and cheerful', 3, 3, '30 °C', 'toys', 'pot holders'),
  fibre('Yak', 'yaks, when they moult', 'dense and quiet', 2, 3, 'by hand, cool', 'gloves', 'light colours'),
  fibre('Jute', 'the stems of jute', 'rough and rustic', 4, 1, 'better not', 'parcels', 'pillows'),
  fibre('Ramie', 'a nettle without stings', 'lustrous and brittle', 5, 1, '40 °C', 'blouses', 'sharp folds'),
];

export const LONG = [
  '# A field guide to sixteen threads',
  'You asked for something long. This is longer than one Slack message can be, so watch the seam: the text goes on in the next message, and tables and code that are cut there are closed and opened again.',
  ...FIBRES.map(chapter),
  '## All of them at a glance',
  [
    '| Fibre | From | Strength | Stretch | Washing |',
    '| :--- | :--- | :---: | :---: | :--- |',
    ...FIBRES.map((f) => `| ${f.name} | ${f.from} | ${f.strong} | ${f.stretch} | ${f.wash} |`),
  ].join('\n'),
  'That was the last line. If it is here, **nothing was lost** on the way.',
].join('\n\n');

function chapter(f: Fibre, index: number): string {
  const stronger = FIBRES.filter((other) => other.strong > f.strong).map((other) => inSentence(other));
  const alike = FIBRES.filter((other) => other !== f && other.stretch === f.stretch).map((other) =>
    inSentence(other),
  );
  const parts = [
    `## ${index + 1}. ${f.name}`,
    `${f.name} comes from ${f.from}. In the hand it is ${f.feel}, and on a scale from one to five it gets **${f.strong}** for strength and **${f.stretch}** for stretch. ${
      stronger.length === 0
        ? 'Nothing in this guide is stronger.'
        : `If that is too little, look at ${sentenceList(stronger.slice(0, 4))}.`
    }`,
    [
      `- Wash it: ${f.wash}.`,
      `- Take it for *${f.use}*, where it shows what it can do.`,
      `- Keep it away from *${f.avoid}*; everyone learns that once.`,
      `- It stretches like ${alike.length === 0 ? 'nothing else here' : sentenceList(alike.slice(0, 3))}.`,
    ].join('\n'),
    `When you wind ${inSentence(f)}, hold it ${f.stretch > 2 ? 'loosely, because a stretched thread goes on pulling for weeks' : 'evenly, because it will not forgive a loose turn'}. A skein of a hundred grams has about ${(6 - f.strong + f.stretch) * 35 + 120} metres, which makes ${f.stretch > 2 ? 'a hat and a half' : 'a small bag or a large mistake'}. ${f.strong > 3 ? 'Cut it with scissors; it wins against teeth.' : 'It tears if you ask it firmly, so join it with care.'} Put the label into the middle of the ball: the name of the dye lot is the one thing that nobody remembers.`,
  ];
  if (index % 5 === 2) parts.push(snippet(f));
  return parts.join('\n\n');
}

function snippet(f: Fibre): string {
  const fields = { strength: f.strong, stretch: f.stretch, wash: f.wash };
  return `As data:\n\n\`\`\`json\n${JSON.stringify({ [f.name]: fields }, null, 2)}\n\`\`\``;
}

/** Names begin small inside a sentence, the one with a place in it aside. */
function inSentence({ name }: Fibre): string {
  return name.startsWith('Shetland') ? name : name.toLowerCase();
}

function sentenceList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function fibre(
  name: string,
  from: string,
  feel: string,
  strong: number,
  stretch: number,
  wash: string,
  use: string,
  avoid: string,
): Fibre {
  return { name, from, feel, strong, stretch, wash, use, avoid };
}
