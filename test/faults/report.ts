import type { PlantedResult } from './planted.ts';
import type { RunResult } from './run.ts';

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
  } = result;
  const verdict = violations.length === 0 ? 'clean' : `${violations.length} violations, facts in ${folder}`;
  return [
    ...violations.map(lineOf),
    `seed ${options.seed} (${options.mode}, ${options.roles.join('+')}): ${verdict}`,
    `  ${questions} questions (${acknowledged} messages acknowledged), ${played.length} faults, ${presses} presses and ${pressed} of Try again or Continue in the end, ${seconds.toFixed(0)} s, timers up to ${latest.toFixed(0)} ms late`,
    `  ${figures.continuations} continuations; ${figures.saidAgain} of ${figures.said} characters said again; ${excused} texts lost with the database and their process`,
  ].join('\n');
}

export function plantedLine({ bug, violations, seconds }: PlantedResult): string {
  const name = bug === null ? 'control: no bug' : `planted: ${bug}`;
  const first = violations[0];
  const what = first === undefined ? 'nothing found' : `${violations.length} found, first ${lineOf(first)}`;
  return `${name}: ${what} (${seconds.toFixed(0)} s)`;
}

/** What makes the suite fail; empty if nothing does. */
export function problemsOf(results: readonly RunResult[], planted: readonly PlantedResult[]): string[] {
  return [
    ...results
      .filter(({ violations }) => violations.length > 0)
      .map(({ options, violations }) => `seed ${options.seed} broke ${violations.length} promises`),
    ...planted
      .filter(({ bug, violations }) => bug === null && violations.length > 0)
      .map(({ folder }) => `the control was not clean; facts in ${folder}`),
    ...planted
      .filter(({ bug, violations }) => bug !== null && violations.length === 0)
      .map(({ bug }) => `the planted bug "${bug}" was not found`),
  ];
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
      presses,
      pressed,
      figures.continuations,
      `${((100 * figures.saidAgain) / Math.max(1, figures.said)).toFixed(1)} %`,
      excused,
      violations.length,
      `${seconds.toFixed(0)} s`,
    ],
  );
  const head = ['seed', 'how', 'questions', 'faults', 'of these kills', 'presses', 'Try again in the end'];
  head.push('continuations', 'text bought twice', 'lost with the database', 'violations', 'time');
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function lineOf({ promise, question, what }: RunResult['violations'][number]): string {
  return `✗ ${promise}: ${question === null ? '' : `question ${question} `}${what}`;
}
