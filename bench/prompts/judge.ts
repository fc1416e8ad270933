import { ALWAYS } from './checks.ts';
import { QUESTIONS } from './questions.ts';

export interface Recorded {
  /** Of the question. */
  readonly name: string;
  readonly answer: string;
  /** Names of the checks that must find something: an answer that was written to be wrong. [] for a good one. */
  readonly wrong: readonly string[];
}

export interface Judged {
  readonly name: string;
  readonly checks: number;
  /** What a check found in a good answer, or did not find in a wrong one. */
  readonly unexpected: readonly string[];
}

/** One answer by all checks of its question. Throws for a name that no question has. */
export function judge({ name, answer, wrong }: Recorded): Judged {
  const question = QUESTIONS.find((one) => one.name === name);
  if (question === undefined) throw new Error(`no question is named ${name}`);
  const checks = Object.entries({ ...ALWAYS, ...question.checks });
  const asked = question.turns.join('\n');
  const unexpected = checks.flatMap(([label, check]) => {
    const found = check({ answer, asked });
    if (wrong.includes(label)) return found === null ? [`${label}: nothing was found`] : [];
    return found === null ? [] : [`${label}: ${found}`];
  });
  const unknown = wrong.filter((label) => !checks.some(([known]) => known === label));
  return {
    name,
    checks: checks.length,
    unexpected: [...unexpected, ...unknown.map((label) => `${label}: no such check`)],
  };
}
