/** What one check of `doctor` found. */
export interface Finding {
  /** What was looked at, for people: `Slack token`, `Database`. */
  readonly name: string;
  /** `unchecked`: it can't be told from here; `todo` says how a person can. */
  readonly state: 'ok' | 'warning' | 'wrong' | 'unchecked';
  /** One sentence of what is so. */
  readonly found: string;
  /** What to do about it; null: nothing. */
  readonly todo: string | null;
}

/** 1 if something is wrong, else 0. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 {
  return findings.some(({ state }) => state === 'wrong') ? 1 : 0;
}

const MARKS = { ok: 'ok', warning: 'warning', wrong: 'WRONG', unchecked: 'not checked' } as const;

/** One line each for a terminal, with what to do below it. */
export function asText(findings: readonly Finding[]): string {
  const width = Math.max(...Object.values(MARKS).map((mark) => mark.length));
  return findings
    .flatMap(({ name, state, found, todo }) => [
      `${MARKS[state].padEnd(width)}  ${name}: ${found}`,
      ...(todo === null ? [] : [`${' '.repeat(width)}  → ${todo}`]),
    ])
    .join('\n');
}
