/** The replies that this process writes, so that a stop told by the database reaches the right one. */
export interface Stops {
  register(reply: string, stop: () => void): () => void;
  /** Stops the reply if it is written here. */
  stop(reply: string): void;
  /** The replies that are written here now. */
  running(): string[];
}

export function createStops(): Stops {
  const running = new Map<string, () => void>();
  return {
    register(reply, stop) {
      running.set(reply, stop);
      return () => {
        if (running.get(reply) === stop) running.delete(reply);
      };
    },
    stop: (reply) => running.get(reply)?.(),
    running: () => [...running.keys()],
  };
}
