import type Anthropic from '@anthropic-ai/sdk';
import type { Clock } from '../clock.ts';
import { EFFORTS, factsOf, type ModelFacts, type ThinkingType } from './catalogue.ts';

/** Facts of a model; null: nobody knows it, or nobody could be asked. Never throws. */
type FactsOf = (model: string) => Promise<ModelFacts | null>;

/** What was learned stands so long, in milliseconds; what could not be learned is asked for again after this. */
const KEEP_MS = 60 * 60_000;
const FAILED_MS = 60_000;
/** Settings name few models; a made-up name is refused by the provider with the first call. */
const MOST_KEPT = 100;

/**
 * Facts from the catalogue, and of models that came after it from the provider's Models API, asked once an hour for
 * each. `retrieve` may throw.
 */
export function createFacts(
  retrieve: (model: string) => Promise<Anthropic.ModelInfo>,
  clock: Clock,
): FactsOf {
  const kept = new Map<string, { readonly facts: Promise<ModelFacts | null>; until: number }>();
  return async (model) => {
    const known = factsOf(model);
    if (known !== null) return known;
    const now = clock.monotonic();
    const before = kept.get(model);
    if (before !== undefined && before.until > now) return before.facts;
    if (kept.size >= MOST_KEPT) kept.clear();
    const facts = retrieve(model).then(factsFrom, () => null);
    const entry = { facts, until: now + KEEP_MS };
    kept.set(model, entry);
    const found = await facts;
    if (found === null) entry.until = clock.monotonic() + FAILED_MS;
    return found;
  };
}

/**
 * Facts as the Models API tells them (`ModelInfo` of the SDK); null if it says nothing of what the model can do. The API
 * does not say whether a model thinks by default: one that can think is told what to do, which is right either way.
 * Reads loosely, because a gateway may answer in the API's place.
 */
export function factsFrom(model: Anthropic.ModelInfo): ModelFacts | null {
  const capabilities: Loose<Anthropic.ModelCapabilities> | null | undefined = model.capabilities;
  if (capabilities === null || capabilities === undefined || typeof model.max_tokens !== 'number')
    return null;
  const { effort, thinking, server_tools: serverTools } = capabilities;
  const types = THINKING_TYPES.filter((type) => thinking?.types?.[type]?.supported === true);
  return {
    id: model.id,
    name: model.display_name,
    line: null,
    released: String(model.created_at).slice(0, 10),
    lifecycle: model.lifecycle === 'deprecated' ? 'deprecated' : 'active',
    retires: model.retires_at?.slice(0, 10) ?? null,
    contextTokens: model.max_input_tokens ?? 200_000,
    outputCap: model.max_tokens,
    thinksByDefault: thinking?.supported === true,
    thinkingTypes: types,
    quietUpTo: 'high',
    efforts: effort?.supported === true ? EFFORTS.filter((level) => effort[level]?.supported === true) : [],
    cacheMinimumTokens: 4096,
    web: serverTools?.web_search?.supported === false ? 'none' : 'newest',
  };
}

const THINKING_TYPES: readonly ThinkingType[] = ['adaptive', 'between_tools', 'disabled', 'enabled'];

type Loose<T> = { readonly [K in keyof T]?: (T[K] extends object ? Loose<T[K]> : T[K]) | null };
