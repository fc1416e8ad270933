/** What is known of a model, for values that depend on it. */
export interface ModelLimits {
  readonly name: string;
  /** Most output tokens; null: not known. */
  readonly outputCap: number | null;
  /** Effort levels that it has. */
  readonly efforts: readonly string[];
}

/** A model that can be chosen. */
export interface ModelChoice extends ModelLimits {
  readonly id: string;
  readonly contextTokens: number | null;
  readonly deprecated: boolean;
  /** Day of retirement, YYYY-MM-DD; null: none is announced. */
  readonly retires: string | null;
  /** US dollars for a million tokens; null: not known. */
  readonly price: { readonly input: number; readonly output: number } | null;
}

/** The models that can be chosen, newest first. */
export interface ModelList {
  readonly models: readonly ModelChoice[];
  /** False: the provider could not be asked, and these are the models that we know ourselves. */
  readonly live: boolean;
}

/** Asks for them; within two seconds, never empty, never throws. */
export type Models = () => Promise<ModelList>;

/** The model of an id; a dated id (`claude-haiku-4-5-20251001`) is its model. Null: there is none. */
export function choiceOf(models: readonly ModelChoice[], id: string): ModelChoice | null {
  const undated = id.replace(/-20\d{6}$/, '');
  return models.find((one) => one.id === id || one.id.replace(/-20\d{6}$/, '') === undated) ?? null;
}
