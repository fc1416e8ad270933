import { createRandom } from '../random.ts';
import { answerTo } from '../texts.ts';

/** Tools of the stand-in that answers call. What changes something has its title in its arguments, and gives it back. */
export const TOOLS = ['create_ticket', 'set_status', 'find_ticket', 'slow_report'] as const;
export type Tool = (typeof TOOLS)[number];

/** What the scripted model calls on the way of an answer: all of it in one round, which ends there. */
export interface CallPlace {
  /** In characters; a paragraph begins there. */
  readonly at: number;
  readonly tools: readonly Tool[];
}

const SLOW_SECONDS = 0.6;
const WEIGHTED: readonly Tool[] = [
  ...(['create_ticket', 'create_ticket', 'create_ticket', 'set_status'] as const),
  ...(['find_ticket', 'slow_report'] as const),
];

/** Where this draft of an answer calls something: whole answers that search nothing, about every second of them. */
export function callsOf(seed: number, number: number, draft = 0): readonly CallPlace[] {
  const { text, kind, searches } = answerTo(seed, number, draft);
  const random = createRandom(seed * 7_907 + number * 31 + draft * 1_299_709);
  if (kind !== 'whole' || searches.length > 0 || !random.chance(0.5)) return [];
  const middle = text.indexOf('\n\n', Math.floor(text.length / 2));
  const all = middle < 0 ? [0] : [0, middle + 2];
  const places = random.chance(0.3) ? all : [random.pick(all)];
  return places.map((at) => ({
    at,
    tools: Array.from({ length: random.chance(0.25) ? 2 : 1 }, () => random.pick(WEIGHTED)),
  }));
}

/** Whether the provider pauses at the first search of this draft, and goes on when it is asked to. */
export function pausesAt(seed: number, number: number, draft: number): boolean {
  return createRandom(seed * 6_101 + number * 17 + draft * 1_299_709).chance(0.4);
}

/** Stands for one call of one draft, in what it changes. Not a tag: no text of the model is found by it. */
export function titleOf(number: number, draft: number, place: number, index: number): string {
  return `ticket-${number}-${draft}-${place}-${index}`;
}

export function inputOf(tool: Tool, title: string): Readonly<Record<string, unknown>> {
  switch (tool) {
    case 'create_ticket':
      return { title };
    case 'set_status':
      return { id: title, status: 'closed' };
    case 'find_ticket':
      return { query: title };
    case 'slow_report':
      return { seconds: SLOW_SECONDS };
  }
}

/** The title in the arguments of a call; null: it has none. */
export function titleIn(input: Readonly<Record<string, unknown>>): string | null {
  const found = [input['title'], input['id'], input['query']].find((value) => typeof value === 'string');
  return typeof found === 'string' && found.startsWith('ticket-') ? found : null;
}
