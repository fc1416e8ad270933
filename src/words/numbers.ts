/** Numbers as people read them. */

/** `1 answer`, `2 answers`. */
export function many(value: number, one: string, more = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : more}`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** Behind a sum of costs: what it leaves out. `answers` is at least 1. */
export function plusUnpriced(answers: number): string {
  return `plus ${many(answers, 'answer')} whose price is not known`;
}
