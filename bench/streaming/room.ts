/** Room for so many answers that are being streamed at the same time on this machine, taken first come, first served. */
export function createRoom(capacity: number) {
  let free = capacity;
  const waiting: { readonly size: number; readonly enter: () => void }[] = [];
  const serve = () => {
    for (let first = waiting[0]; first !== undefined && first.size <= free; first = waiting[0]) {
      waiting.shift();
      free -= first.size;
      first.enter();
    }
  };
  return {
    /** Waits for room; the result gives it back. Who wants more than there is gets all of it. */
    async enter(wanted: number): Promise<() => void> {
      const size = Math.min(wanted, capacity);
      await new Promise<void>((enter) => {
        waiting.push({ size, enter });
        serve();
      });
      return () => {
        free += size;
        serve();
      };
    },
  };
}
