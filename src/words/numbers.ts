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

/** `62 %`, rounded down; of nothing it is 0. */
export function percent(part: number | bigint, whole: number | bigint): string {
  const [of, all] = [BigInt(part), BigInt(whole)];
  return `${all <= 0n ? 0n : (of * 100n) / all} %`;
}
