/** What the model may call while it answers. */
export interface Tools {
  /** The provider's own search and reading of the web; null: neither. */
  readonly web: WebTools | null;
  /** Ours, in the order in which they are sent: a change of it costs the cached thread. */
  readonly client: readonly ClientTool[];
}

export interface WebTools {
  /** Most searches, and most pages read, in one request. */
  readonly searches: number;
  readonly pages: number;
  /** Only these hosts; empty: all but those of `blocked`. One of the two is empty. */
  readonly allowed: readonly string[];
  readonly blocked: readonly string[];
}

/** A tool that we carry out. */
export interface ClientTool {
  /** `^[a-zA-Z0-9_-]{1,64}$`. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}
