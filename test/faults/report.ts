import type { Fault } from './faults.ts';
import { type PlantedResult, RESTLESS } from './planted.ts';
import type { RunResult } from './run.ts';
import { ALWAYS } from './steps.ts';

/** The result of one seed as text, violations first. */
export function runLines(result: RunResult): string {
  const {
    options,
    violations,
    figures,
    questions,
    acknowledged,
    played,
    pressed,
    presses,
    seconds,
    folder,
    latest,
    excused,
    calls,
  } = result;
  const verdict = violations.length === 0 ? 'clean' : `${violations.length} violations, facts in ${folder}`;
  return [
    ...violations.map(lineOf),
    `seed ${options.seed} (${options.mode}, ${options.roles.join('+')}): ${verdict}`,
    `  ${questions} questions (${acknowledged} messages acknowledged), ${played.length} faults, ${presses} presses and ${pressed} of Try again or Continue in the end, ${seconds.toFixed(0)} s, timers up to ${latest.toFixed(0)} ms late`,
    `  faults: ${kindsOf(played)}`,
    `  ${figures.continuations} continuations; ${figures.saidAgain} of ${figures.said} characters said again; ${excused} texts lost with the database and their process`,
    `  ${calls.made} calls of tools, ${calls.carriedOut} times carried out, ${calls.presses} presses on cards: ${Object.entries(
      calls.ends,
    )
      .map(([end, count]) => `${count} ${end}`)
      .join(', ')}`,
  ].join('\n');
}

export function plantedLine({ bug, violations, seconds }: PlantedResult): string {
  const name = bug === null ? 'control: no bug' : `planted: ${bug}`;
  const first = violations[0];
  const what = first === undefined ? 'nothing found' : `${violations.length} found, first ${lineOf(first)}`;
  return `${name}: ${what} (${seconds.toFixed(0)} s)`;
}

/** A machine that was too busy to come to rest in time has not found a bug. */
export function isFound({ bug, violations }: PlantedResult): boolean {
  return violations.some(({ promise }) => promise !== 'comes to rest' || (bug !== null && RESTLESS.has(bug)));
}

/** What makes the suite fail; empty if nothing does. */
export function problemsOf(results: readonly RunResult[], planted: readonly PlantedResult[]): string[] {
  const never = ALWAYS.filter((moment) => results.every(({ passed }) => !passed.has(moment)));
  return [
    ...(results.length > 0 ? never : []).map((moment) => `no process ever came to ${moment}: see steps.ts`),
    ...results
      .filter(({ violations }) => violations.length > 0)
      .map(({ options, violations }) => `seed ${options.seed} broke ${violations.length} promises`),
    ...planted
      .filter(({ bug, violations }) => bug === null && violations.length > 0)
      .map(({ folder }) => `the control was not clean; facts in ${folder}`),
    ...planted
      .filter((result) => result.bug !== null && !isFound(result))
      .map(({ bug }) => `the planted bug "${bug}" was not found`),
  ];
}

/** Faults that only the database has. */
const OF_DATABASE: ReadonlySet<Fault['kind']> = new Set<Fault['kind']>([
  ...(['outage', 'silence', 'cut_database', 'lost_answers', 'vanish', 'forget', 'failover'] as const),
  ...(['read_only', 'disk_full', 'pool_full', 'table_locked'] as const),
]);

/** How often each kind of fault was played. */
function kindsOf(played: RunResult['played']): string {
  const counts = new Map<string, number>();
  for (const { kind } of played) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}

/** The results of a long run as a Markdown table. */
export function tableOf(results: readonly RunResult[]): string {
  const rows = results.map(
    ({ options, violations, figures, questions, played, pressed, presses, excused, seconds }) => [
      options.seed,
      `${options.mode === 'http' ? 'HTTP' : 'Socket Mode'}, ${options.roles.join(' + ')}`,
      questions,
      played.length,
      played.filter(({ name }) => name.startsWith('kill')).length,
      played.filter(({ kind }) => OF_DATABASE.has(kind)).length,
      presses,
      pressed,
      figures.continuations,
      `${((100 * figures.saidAgain) / Math.max(1, figures.said)).toFixed(1)} %`,
      excused,
      violations.length,
      `${seconds.toFixed(0)} s`,
    ],
  );
  const head = [
    'seed',
    'how',
    'questions',
    'faults',
    'of these kills',
    'of the database',
    'presses',
    'Try again in the end',
  ];
  head.push('continuations', 'text bought twice', 'lost with the database', 'violations', 'time');
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function lineOf({ promise, question, what }: RunResult['violations'][number]): string {
  return `✗ ${promise}: ${question === null ? '' : `question ${question} `}${what}`;
}
