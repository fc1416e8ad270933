import type { Effort } from '../reply/ports.ts';

/**
 * What is known of Claude's models without asking: Anthropic's model pages, thinking guide and caching
 * guide as of 2026-11-22. Prices are not here (they belong to the ledger). Of a model that is missing here the Models
 * API is asked (`learned.ts`); one of which nothing can be learned gets a request without thinking, effort or a cap.
 */
export type ThinkingType = 'adaptive' | 'between_tools' | 'disabled' | 'enabled';

export interface ModelFacts {
  readonly id: string;
  readonly name: string;
  readonly line: 'haiku' | 'sonnet' | 'opus' | 'fable' | 'mythos' | null;
  /** Day of release, YYYY-MM-DD. */
  readonly released: string;
  readonly lifecycle: 'active' | 'deprecated';
  /** Announced day of retirement, YYYY-MM-DD. */
  readonly retires: string | null;
  /** Most input tokens. */
  readonly contextTokens: number;
  /** Most output tokens, thinking included. */
  readonly outputCap: number;
  /** True if a request that says nothing about thinking makes the model think. */
  readonly thinksByDefault: boolean;
  readonly thinkingTypes: readonly ThinkingType[];
  /** Highest effort at which the model can be kept from thinking; above it that is a 400. */
  readonly quietUpTo: 'high' | 'max';
  /** Effort levels, lowest first; empty: the model has no such parameter. */
  readonly efforts: readonly Effort[];
  /** Shortest prefix that the provider caches, in tokens. */
  readonly cacheMinimumTokens: number;
  /** Which versions of the provider's web tools it takes (its web search guide): the newest, the first of each, or none. */
  readonly web: 'newest' | 'first' | 'none';
}

export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const satisfies readonly Effort[];
const WITHOUT_XHIGH = ['low', 'medium', 'high', 'max'] as const satisfies readonly Effort[];
const MILLION = 1_000_000;
const CAP = 128_000;

/** Shared by every model of a row group; a row overrides what differs. */
const alwaysThinks = {
  lifecycle: 'active',
  retires: null,
  contextTokens: MILLION,
  outputCap: CAP,
  thinksByDefault: true,
  thinkingTypes: ['adaptive'],
  quietUpTo: 'high',
  efforts: EFFORTS,
  cacheMinimumTokens: 512,
  web: 'newest',
} as const;

const thinksUnlessTold = { ...alwaysThinks, thinkingTypes: ['adaptive', 'disabled'] } as const;
const thinksIfAsked = { ...thinksUnlessTold, thinksByDefault: false, quietUpTo: 'max' } as const;

const older = {
  ...thinksIfAsked,
  contextTokens: 200_000,
  outputCap: 64_000,
  thinkingTypes: ['enabled', 'disabled'],
  efforts: [],
  cacheMinimumTokens: 4096,
  web: 'first',
} as const;

export const MODELS: readonly ModelFacts[] = [
  {
    ...alwaysThinks,
    id: 'claude-fable-5-2',
    name: 'Claude Fable 5.2',
    line: 'fable',
    released: '2026-11-09',
  },
  {
    ...alwaysThinks,
    id: 'claude-mythos-5-2',
    name: 'Claude Mythos 5.2',
    line: 'mythos',
    released: '2026-11-09',
  },
  {
    ...thinksUnlessTold,
    id: 'claude-haiku-5-5',
    name: 'Claude Haiku 5.5',
    line: 'haiku',
    released: '2026-10-07',
  },
  {
    ...alwaysThinks,
    id: 'claude-sonnet-5-5',
    name: 'Claude Sonnet 5.5',
    line: 'sonnet',
    released: '2026-09-28',
    thinkingTypes: ['adaptive', 'between_tools'],
  },
  { ...alwaysThinks, id: 'claude-opus-5-5', name: 'Claude Opus 5.5', line: 'opus', released: '2026-09-22' },
  {
    ...alwaysThinks,
    id: 'claude-fable-5-1',
    name: 'Claude Fable 5.1',
    line: 'fable',
    released: '2026-09-01',
  },
  {
    ...alwaysThinks,
    id: 'claude-mythos-5-1',
    name: 'Claude Mythos 5.1',
    line: 'mythos',
    released: '2026-09-01',
  },
  { ...thinksUnlessTold, id: 'claude-opus-5', name: 'Claude Opus 5', line: 'opus', released: '2026-07-24' },
  {
    ...thinksUnlessTold,
    id: 'claude-sonnet-5',
    name: 'Claude Sonnet 5',
    line: 'sonnet',
    released: '2026-06-30',
    quietUpTo: 'max',
    cacheMinimumTokens: 1024,
  },
  { ...alwaysThinks, id: 'claude-fable-5', name: 'Claude Fable 5', line: 'fable', released: '2026-06-09' },
  { ...alwaysThinks, id: 'claude-mythos-5', name: 'Claude Mythos 5', line: 'mythos', released: '2026-06-09' },
  {
    ...thinksIfAsked,
    id: 'claude-opus-4-8',
    name: 'Claude Opus 4.8',
    line: 'opus',
    released: '2026-05-28',
    cacheMinimumTokens: 1024,
  },
  {
    ...thinksIfAsked,
    id: 'claude-opus-4-7',
    name: 'Claude Opus 4.7',
    line: 'opus',
    released: '2026-04-16',
    cacheMinimumTokens: 2048,
  },
  {
    ...thinksIfAsked,
    id: 'claude-sonnet-4-6',
    name: 'Claude Sonnet 4.6',
    line: 'sonnet',
    released: '2026-02-17',
    thinkingTypes: ['adaptive', 'enabled', 'disabled'],
    efforts: WITHOUT_XHIGH,
    cacheMinimumTokens: 1024,
  },
  {
    ...thinksIfAsked,
    id: 'claude-opus-4-6',
    name: 'Claude Opus 4.6',
    line: 'opus',
    released: '2026-02-05',
    thinkingTypes: ['adaptive', 'enabled', 'disabled'],
    efforts: WITHOUT_XHIGH,
    cacheMinimumTokens: 4096,
  },
  {
    ...older,
    id: 'claude-opus-4-5',
    name: 'Claude Opus 4.5',
    line: 'opus',
    released: '2025-11-24',
    efforts: ['low', 'medium', 'high'],
  },
  { ...older, id: 'claude-haiku-4-5', name: 'Claude Haiku 4.5', line: 'haiku', released: '2025-10-15' },
  {
    ...older,
    id: 'claude-sonnet-4-5',
    name: 'Claude Sonnet 4.5',
    line: 'sonnet',
    released: '2025-09-29',
    lifecycle: 'deprecated',
    retires: '2026-11-30',
    cacheMinimumTokens: 1024,
  },
];

/** Facts of a model id, dated ids (`claude-haiku-4-5-20251001`) included; `null` for one that is not known. */
export function factsOf(model: string): ModelFacts | null {
  const plain = model.replace(/-20\d{6}$/, '');
  return MODELS.find((facts) => facts.id === plain) ?? null;
}
