import { isJson, type Json, listOf } from '../../../playground/slack/json.ts';
import type { ExecutedCall } from '../../../playground/tools/journal.ts';
import type { Decision } from '../calls/deciders.ts';
import { titleIn } from '../calls/texts.ts';
import type { World } from '../world.ts';
import type { Violation } from './evidence.ts';

const ONCE = 'a tool that may change something is called once at most';
const DECIDED = 'a call is decided about once, by whoever may';
const BACK = 'what a call gave goes back unchanged';
const ENDS = 'every call ends';

/** A state that a call reached, as a trigger saw it. */
interface CallState {
  readonly id: string;
  readonly use: string;
  readonly tool: string;
  readonly reads: boolean;
  readonly repeatable: boolean;
  readonly input: string;
  readonly person: string;
  readonly conversation: string;
  readonly state: string;
  readonly decidedBy: string | null;
  readonly at: number;
}

/** What may follow; by the checker's own book. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  proposed: ['approved', 'denied', 'expired'],
  approved: ['running', 'expired'],
  running: ['done', 'failed', 'unknown'],
};
const BORN: readonly string[] = ['proposed', 'approved', 'refused'];
const OPEN: readonly string[] = ['proposed', 'approved', 'running'];

export interface CallFigures {
  readonly made: number;
  /** By the server. */
  readonly carriedOut: number;
  /** Presses on cards. */
  readonly presses: number;
  /** How many calls ended how. */
  readonly ends: Readonly<Record<string, number>>;
}

/** Looks at all calls: the record of the triggers, the journal of the server, and what the model was given. */
export async function callsIn(
  world: World,
  decisions: readonly Decision[],
): Promise<{ readonly violations: readonly Violation[]; readonly figures: CallFigures }> {
  const { rows } = await world.database.query<Omit<CallState, 'at'> & { at: Date }>(`
    select c.id, c.use, c.tool, c.reads, c.repeatable, c.input, c.person, r.conversation, c.state,
      c.decided_by as "decidedBy", c.at
    from audit.calls c join skein.replies r on r.id = c.reply order by c.seq`);
  const { rows: stored } = await world.database.query<{ use: string; state: string; result: string | null }>(
    'select use, state, result from skein.tool_calls',
  );
  const all = new Map<string, CallState[]>();
  for (const row of rows) all.set(row.id, [...(all.get(row.id) ?? []), { ...row, at: row.at.getTime() }]);
  const calls = [...all.values()];
  const executed = world.desk.standin.calls();
  const ends = calls.map((states) => states.at(-1)?.state ?? '');
  return {
    violations: [
      ...calls.flatMap((states) => lifeProblems(states)),
      ...calls.flatMap((states) => decisionProblems(states, decisions, calls)),
      ...onceProblems(calls, executed),
      ...backProblems(world, stored),
    ],
    figures: {
      made: calls.length,
      carriedOut: executed.length,
      presses: decisions.length,
      ends: Object.fromEntries(
        [...new Set(ends)].map((end) => [end, ends.filter((one) => one === end).length]),
      ),
    },
  };
}

/** Each state follows from the one before, and the last is an end. */
function lifeProblems(states: readonly CallState[]): Violation[] {
  const names = states.map(({ state }) => state);
  const wrong = names.some((name, at) =>
    at === 0 ? !BORN.includes(name) : !(NEXT[names[at - 1] ?? ''] ?? []).includes(name),
  );
  const open = OPEN.includes(names.at(-1) ?? '');
  const first = states[0];
  const what = `call ${first?.use} (${first?.tool}) went ${names.join(' → ')}`;
  return [
    ...(wrong ? [{ promise: DECIDED, question: null, what }] : []),
    ...(open ? [{ promise: ENDS, question: null, what }] : []),
  ];
}

/** Whoever approved or denied had pressed that, and had asked; what changes something was approved, or "always" was said before. */
function decisionProblems(
  states: readonly CallState[],
  decisions: readonly Decision[],
  all: readonly (readonly CallState[])[],
): Violation[] {
  const say = (what: string) => ({ promise: DECIDED, question: null, what });
  const pressed = (id: string, user: string, choices: readonly string[]) =>
    decisions.some((one) => one.call === id && one.user === user && choices.includes(one.choice));
  const [born] = states;
  if (born === undefined) return [];
  const granted = all.some(
    ([other]) =>
      other !== undefined &&
      other.tool === born.tool &&
      other.person === born.person &&
      other.conversation === born.conversation &&
      decisions.some(
        ({ call, choice, user, at }) =>
          call === other.id && choice === 'always' && user === other.person && at < born.at,
      ),
  );
  const unasked = !born.reads && born.state === 'approved' && !granted;
  return [
    ...(unasked ? [say(`call ${born.use} (${born.tool}) was made, and nobody was asked`)] : []),
    ...states.slice(1).flatMap(({ id, use, state, decidedBy, person }) => {
      if (state !== 'approved' && state !== 'denied') return [];
      // Nobody could be asked.
      if (state === 'denied' && decidedBy === null) return [];
      const choices = state === 'approved' ? ['approve', 'always'] : ['deny'];
      const may = decidedBy !== null && decidedBy === person && pressed(id, decidedBy, choices);
      return may
        ? []
        : [say(`call ${use} was ${state} by ${decidedBy}, who had not pressed that or may not`)];
    }),
  ];
}

/** The server's journal against the rows: what was carried out was running before, and what changes something was so once. */
function onceProblems(
  calls: readonly (readonly CallState[])[],
  executed: readonly ExecutedCall[],
): Violation[] {
  const say = (what: string) => ({ promise: ONCE, question: null, what });
  const titled = new Map<string, (readonly CallState[])[]>();
  for (const states of calls) {
    const title = titleIn(JSON.parse(states[0]?.input || '{}') as Json);
    if (title !== null) titled.set(title, [...(titled.get(title) ?? []), states]);
  }
  const done = new Map<string, number>();
  for (const { args } of executed) {
    const title = titleIn(args);
    if (title !== null) done.set(title, (done.get(title) ?? 0) + 1);
  }
  const strange = [...done.keys()].filter((title) => !titled.has(title));
  return [
    ...strange.map((title) => say(`${title} was carried out, and no row has it`)),
    ...[...titled].flatMap(([title, rows]) => {
      const times = done.get(title) ?? 0;
      const ran = rows.filter((states) => states.some(({ state }) => state === 'running')).length;
      const { reads = true, repeatable = true, tool } = rows[0]?.[0] ?? {};
      return [
        ...(rows.length > 1 ? [say(`${title} (${tool}) is written down ${rows.length} times`)] : []),
        ...(times > 0 && ran === 0 ? [say(`${title} (${tool}) was carried out, and was never to run`)] : []),
        ...(times > 1 && !reads && !repeatable
          ? [say(`${title} (${tool}) was carried out ${times} times`)]
          : []),
      ];
    }),
  ];
}

/** Every request that has a call has its result, always the same one, which is the stored one. */
function backProblems(
  world: World,
  stored: readonly { readonly use: string; readonly state: string; readonly result: string | null }[],
): Violation[] {
  const say = (what: string) => ({ promise: BACK, question: null, what });
  const rows = new Map(stored.map((row) => [row.use, row]));
  const given = new Map<string, Set<string>>();
  for (const { body } of world.calls.values())
    for (const block of listOf(body?.['messages'])
      .filter(isJson)
      .flatMap(({ content }) => listOf(content))) {
      if (!isJson(block) || block.type !== 'tool_result') continue;
      const use = String(block.tool_use_id);
      given.set(use, (given.get(use) ?? new Set()).add(plain(block.content)));
    }
  return [...given].flatMap(([use, contents]) => {
    const row = rows.get(use);
    const [first = ''] = contents;
    if (contents.size > 1)
      return [say(`the model was given ${contents.size} results of ${use}: ${[...contents].join(' and ')}`)];
    if (row === undefined) return [say(`the model was given a result of ${use}, and no row has it`)];
    // Whoever deleted the answer deleted this too.
    if (row.result !== null && plain(JSON.parse(row.result)) !== first)
      return [say(`the result of ${use} is ${row.result}, and the model was given ${first}`)];
    return row.state === 'done' && !first.includes('tool_result_data')
      ? [say(`${use} was done, and the model was told ${first}`)]
      : [];
  });
}

/** Content without the marks of what is cached. */
function plain(content: unknown): string {
  return JSON.stringify(content, (name, value: unknown) => (name === 'cache_control' ? undefined : value));
}
