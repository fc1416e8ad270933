/** The replies that this process writes, so that what people do about one reaches its writer. */
export interface Stops {
  /** `anew`: the question says something else now. */
  register(reply: string, writer: { stop: () => void; anew: () => void }): () => void;
  /** Stops the reply if it is written here. */
  stop(reply: string): void;
  /** Begins the reply anew if it is written here. */
  anew(reply: string): void;
  /** The replies that are written here now. */
  running(): string[];
}

export function createStops(): Stops {
  const running = new Map<string, { stop: () => void; anew: () => void }>();
  return {
    register(reply, writer) {
      running.set(reply, writer);
      return () => {
        if (running.get(reply) === writer) running.delete(reply);
      };
    },
    stop: (reply) => running.get(reply)?.stop(),
    anew: (reply) => running.get(reply)?.anew(),
    running: () => [...running.keys()],
  };
}
