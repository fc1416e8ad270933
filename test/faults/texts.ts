import { createRandom, type Random } from './random.ts';

/** How the answer to a question ends; `cut` ones come to their most tokens on the way. */
export type Kind = 'whole' | 'long' | 'refused' | 'full' | 'cut';

/** What the scripted model says to question `number`, in one of the drafts that it has of it. */
export interface ExpectedAnswer {
  readonly text: string;
  readonly kind: Kind;
  /** Where it comes to its most tokens, in characters; never behind a blank. */
  readonly cuts: readonly number[];
  /** Where it searches the web first, in characters; a paragraph begins there. */
  readonly searches: readonly number[];
}

const WORDS =
  'amber basin cedar delta ember fjord glade harbor inlet juniper kelp lagoon meadow nectar orchard pebble quarry ridge summit thicket upland valley willow yarrow zephyr anchor beacon canvas dynamo engine funnel girder hammer ingot jigsaw kettle ladder magnet needle orbit pulley quiver rivet spindle turbine valve wedge'.split(
    ' ',
  );

/** ①: forty numbers of one character each, which no text begins with. */
const CIRCLED_ONE = 0x2460;

/** The tag by which a question is recognised in whatever the model is sent. No answer contains one. */
export function tagOf(number: number): string {
  return `q${number}z`;
}

/** The number of the last tag in a text; null if there is none. */
export function numberIn(text: string): number | null {
  const found = [...text.matchAll(/\bq(\d+)z\b/g)].at(-1)?.[1];
  return found === undefined ? null : Number(found);
}

export function kindOf(seed: number, number: number): Kind {
  const chance = createRandom(seed * 7919 + number).next();
  if (chance < 0.03) return 'refused';
  if (chance < 0.06) return 'full';
  if (chance < 0.1) return 'long';
  return chance < 0.22 ? 'cut' : 'whole';
}

/**
 * 300 to 1,500 characters, some up to 2,600; a long one has about 13,000, which are two Slack messages. Its later
 * drafts are other texts, which are told apart by their first character: that is all that a cut may leave.
 */
export function answerTo(seed: number, number: number, draft = 0): ExpectedAnswer {
  const kind = kindOf(seed, number);
  const random = createRandom(seed * 104729 + number + draft * 15_485_863);
  const least = kind === 'long' ? 12_500 : random.int(300, random.chance(0.15) ? 2_400 : 1_300);
  const parts: string[] = draft === 0 ? [] : [`${String.fromCodePoint(CIRCLED_ONE + draft)} Another draft.`];
  for (let length = 0; length < least; ) {
    const part = random.pick([paragraph, paragraph, paragraph, list, fence, table])(random);
    parts.push(part);
    length += part.length + 2;
  }
  parts.push('And that is all there is to say.');
  const text = parts.join('\n\n');
  return {
    text,
    kind,
    searches: kind === 'whole' && random.chance(0.4) ? searchesIn(text, random) : [],
    cuts: kind === 'cut' ? [1 / 3, 2 / 3].map((share) => cutNear(text, share)) : [],
  };
}

/** Before the first word, or in the middle, or both. */
function searchesIn(text: string, random: Random): readonly number[] {
  const middle = text.indexOf('\n\n', Math.floor(text.length / 2));
  const all = middle < 0 ? [0] : [0, middle + 2];
  return random.chance(0.3) ? all : [random.pick(all)];
}

function cutNear(text: string, share: number): number {
  return text.slice(0, Math.floor(text.length * share)).trimEnd().length;
}

const words = (random: Random, count: number) =>
  Array.from({ length: count }, () => random.pick(WORDS)).join(' ');

function sentence(random: Random): string {
  const said = words(random, random.int(6, 14));
  return `${said.charAt(0).toUpperCase()}${said.slice(1)} ${random.int(100, 9999)}.`;
}

function paragraph(random: Random): string {
  return Array.from({ length: random.int(2, 5) }, () => sentence(random)).join(' ');
}

function list(random: Random): string {
  return Array.from({ length: random.int(2, 5) }, () => `- ${sentence(random)}`).join('\n');
}

function fence(random: Random): string {
  const lines = Array.from(
    { length: random.int(3, 9) },
    () => `const ${random.pick(WORDS)}${random.int(10, 999)} = ${random.int(1, 99999)};`,
  );
  return ['```ts', ...lines, '```'].join('\n');
}

function table(random: Random): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = Array.from({ length: random.int(2, 6) }, () =>
    row([random.pick(WORDS), String(random.int(1, 9999)), words(random, 2)]),
  );
  return [row(['name', 'count', 'what']), row(['---', '---:', '---']), ...rows].join('\n');
}
