/** Runs work while there is room for its weight, in the order in which it came. A weight is at most `size`. */
export function createRoom(size: number) {
  let taken = 0;
  const waiting: { weight: number; enter: () => void }[] = [];
  const admit = () => {
    for (let next = waiting[0]; next !== undefined && taken + next.weight <= size; next = waiting[0]) {
      waiting.shift();
      taken += next.weight;
      next.enter();
    }
  };
  return async <T>(weight: number, work: () => Promise<T>): Promise<T> => {
    await new Promise<void>((enter) => {
      waiting.push({ weight, enter });
      admit();
    });
    try {
      return await work();
    } finally {
      taken -= weight;
      admit();
    }
  };
}
