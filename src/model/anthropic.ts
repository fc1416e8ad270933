import { createHash } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Effort, Model, ModelEvent, ModelFailure, ModelRequest } from '../reply/ports.ts';
import { lookingFetch } from '../send-guard.ts';
import { mostImageTokens } from '../tokens.ts';
import { factsOf as knownFacts } from './catalogue.ts';
import { failureFrom, failureOf, type ModelFailureCode } from './failure.ts';
import { createFacts, factsFrom } from './learned.ts';
import { buildRequest } from './request.ts';
import { quietRetryMs } from './retry.ts';
import { aborted, type IdleLimits, openStream, readStream } from './stream.ts';
import { waitFor } from './wait.ts';
import { webTokens } from './web-tools.ts';

export interface AnthropicModelOptions {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly clock: Clock;
  /** `IDLE_LIMITS` of `stream.ts` suit the real API. */
  readonly idleMs: IdleLimits;
  /** Quiet retries of a call that got no answer at all; longer waits are the caller's, who can show them. */
  readonly maxRetries: number;
  readonly log: Log;
  readonly onRetry?: (retry: ModelRetry) => void;
  /** A workspace's own key; null: it has none. Asked for each call. Absent: nobody has. */
  readonly keyOf?: (account: string) => string | null;
}

export interface ModelRetry {
  /** 1 for the first retry. */
  readonly attempt: number;
  readonly waitMs: number;
  readonly failure: ModelFailure;
}

type Asked<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly failure: ModelFailure };

export interface ListedModel {
  readonly id: string;
  readonly name: string;
  readonly lifecycle: 'active' | 'deprecated' | 'retired';
  /** Most output tokens; `null` if the provider does not say. */
  readonly outputCap: number | null;
  readonly contextTokens: number | null;
  /** Effort levels, lowest first; of a model that we know ourselves, as far as we know. */
  readonly efforts: readonly Effort[];
  /** RFC 3339. */
  readonly retiresAt: string | null;
}

export interface AnthropicModel extends Model {
  /**
   * Whether the API answers and takes the key: for readiness. Also told is what the last call was refused for, if that
   * is a matter of the account (credit, limits, permission): the list that is asked for here costs nothing and comes all
   * the same. Limited to 10 seconds; never throws.
   */
  checkModel(): Promise<Asked<object>>;
  /** Whether the API takes another key than ours. Limited to 10 seconds; never throws. */
  testKey(key: string): Promise<Asked<object>>;
  /** All models that are not retired, newest first. Limited to 10 seconds; never throws. */
  listModels(): Promise<Asked<{ readonly models: readonly ListedModel[] }>>;
  /** Input tokens of a request by the provider's own (free) count. Limited to 10 seconds; never throws. */
  countTokens(request: ModelRequest): Promise<Asked<{ readonly tokens: number }>>;
}

const QUESTION_LIMIT_MS = 10_000;
/** Workspaces with keys of their own that are busy at one time. */
const MOST_CLIENTS = 1000;
/** An answer waits for it once an hour, for a model that we do not know. */
const LEARN_LIMIT_MS = 2_000;
/** What an admin of the account must mend; until a call is taken again, each will be refused. */
const OF_THE_ACCOUNT: ReadonlySet<string> = new Set<ModelFailureCode>([
  'MODEL_KEY_REJECTED',
  'MODEL_NOT_ALLOWED',
  'MODEL_BILLING',
  'MODEL_SPEND_LIMIT',
  'MODEL_ACCOUNT_DISABLED',
  'MODEL_ADDRESS_WRONG',
]);
/** The provider calls its count an estimate: what it may be off by. */
const COUNT_MARGIN = 1.05;
/** Requests whose count is remembered, by their hash. */
const MOST_COUNTS = 1000;

/** The port `Model` over Anthropic's API. Holds one client, and what it learned of models that are newer than we. */
export function createAnthropicModel(options: AnthropicModelOptions): AnthropicModel {
  const { clock, idleMs, log } = options;
  const clientWith = (apiKey: string) =>
    new Anthropic({
      apiKey,
      baseURL: apiRoot(options.baseUrl),
      fetch: lookingFetch,
      // Its own retries sleep as long as `retry-after` says, in silence and without a cap: ours are visible.
      maxRetries: 0,
      // Its log lines hold what people and the model wrote.
      logLevel: 'off',
      // Spans for whoever preloads an SDK, without words; the provider is told of none.
      openTelemetry: { propagation: false, traces: { enabled: true, contentMode: 'metadata_only' } },
    });

  const client = clientWith(options.apiKey);
  const own = new LRUCache<string, Anthropic>({ max: MOST_CLIENTS });
  /** Who pays for a request, and whether that is the deployment. */
  const payer = ({ account }: ModelRequest): { client: Anthropic; ours: boolean } => {
    const key = account === undefined ? null : (options.keyOf?.(account) ?? null);
    if (key === null) return { client, ours: true };
    const known = own.get(key) ?? clientWith(key);
    own.set(key, known);
    return { client: known, ours: false };
  };

  let refused: ModelFailure | null = null;
  /** A reply that waits for money asks the same again each time it looks, and counting has a limit of its own. */
  const counts = new LRUCache<string, number>({ max: MOST_COUNTS });
  const factsOfModel = createFacts(async (id) => {
    const asked = await ask((signal) => client.models.retrieve(id, {}, { signal }), LEARN_LIMIT_MS);
    if (!asked.ok) throw new Error(asked.failure.code);
    return asked.value;
  }, clock);

  async function* stream(
    request: ModelRequest,
    signal: AbortSignal,
    allowed?: () => boolean,
  ): AsyncGenerator<ModelEvent, void> {
    const built = buildRequest(request, await factsOfModel(request.model));
    if (!built.ok) return yield failed(failureOf('rejected', 'MODEL_REQUEST_REJECTED', built.problem));
    const { client: paying, ours } = payer(request);
    for (let attempt = 1; ; attempt += 1) {
      if (signal.aborted) return yield failed({ ...aborted(null), unsent: true }, ours);
      const opened = await openStream(paying, built.params, idleMs, clock, signal, allowed);
      if (opened.ok) {
        const blocks = { blocks: built.params.tools !== undefined };
        for await (const event of readStream(opened.stream, idleMs, clock, signal, blocks)) {
          if (event.type === 'started' && ours) refused = null;
          yield event.type === 'failure' ? failed(event.failure, ours) : event;
        }
        return;
      }
      const { failure } = opened;
      const waitMs =
        attempt > options.maxRetries || opened.tookTooLong
          ? null
          : quietRetryMs(failure, attempt, clock.random());
      if (waitMs === null) return yield failed(failure, ours);
      log.warn({ ...logged(failure), attempt, waitMs }, 'model call failed, trying again');
      options.onRetry?.({ attempt, waitMs, failure });
      await clock.sleep(waitMs, signal);
    }
  }

  function failed(failure: ModelFailure, ours = true): ModelEvent {
    if (ours && OF_THE_ACCOUNT.has(failure.code)) refused = failure;
    if (failure.kind !== 'aborted') log.warn(logged(failure), 'model call failed');
    return { type: 'failure', failure };
  }

  async function ask<T>(
    question: (signal: AbortSignal) => PromiseLike<T>,
    limitMs = QUESTION_LIMIT_MS,
  ): Promise<Asked<{ value: T }>> {
    const attempt = new AbortController();
    const waited = await waitFor(question(attempt.signal), limitMs, clock, attempt.signal);
    if (waited.kind === 'value') return { ok: true, value: waited.value };
    attempt.abort();
    return {
      ok: false,
      failure:
        waited.kind === 'thrown'
          ? failureFrom(waited.error, 'opening', clock.now())
          : failureOf('unavailable', 'MODEL_UNREACHABLE', `no answer after ${limitMs} ms`),
    };
  }

  async function countTokens(request: ModelRequest): Promise<Asked<{ readonly tokens: number }>> {
    const built = buildRequest(request, await factsOfModel(request.model));
    if (!built.ok) {
      return { ok: false, failure: failureOf('rejected', 'MODEL_REQUEST_REJECTED', built.problem) };
    }
    const { max_tokens: _, stream: __, metadata: ___, ...counted } = built.params;
    const key = createHash('sha256').update(JSON.stringify(counted)).digest('base64');
    const known = counts.get(key);
    if (known !== undefined) return { ok: true, tokens: known };
    const asked = await ask(async (signal) => {
      const count = await payer(request).client.messages.countTokens(counted, { signal });
      if (typeof count?.input_tokens !== 'number') throw new SyntaxError('the count is not a number');
      return count.input_tokens;
    });
    if (!asked.ok) return asked;
    counts.set(key, asked.value);
    return { ok: true, tokens: asked.value };
  }

  return {
    stream,

    async mostTokens(request, { exact }) {
      const facts = await factsOfModel(request.model);
      const windowTokens = facts?.contextTokens ?? null;
      // Base64 says nothing of what a file costs.
      const { media: _, ...words } = request;
      const built = buildRequest(words, facts);
      if (!built.ok) return { inputTokens: 0, outputTokens: 0, windowTokens };
      const { system, messages, tools, max_tokens: outputTokens } = built.params;
      const counted = exact ? await countTokens(request) : null;
      const promptTokens =
        counted?.ok === true
          ? Math.ceil(counted.tokens * COUNT_MARGIN)
          : // No token is shorter than a byte; what JSON adds stands for the marks between turns.
            Buffer.byteLength(JSON.stringify({ system, messages, tools })) +
            mostOfFiles(request, windowTokens);
      const may = tools !== undefined && request.mayCall !== false;
      const web = may ? (request.tools?.web ?? null) : null;
      return {
        promptTokens,
        inputTokens: promptTokens + (web === null ? 0 : webTokens(promptTokens, web)),
        outputTokens,
        windowTokens,
        counted: counted?.ok === true,
        ...(web === null ? {} : { webSearches: web.searches }),
      };
    },

    async checkModel() {
      const asked = await ask(async (signal) =>
        demandModels((await client.models.list({ limit: 1 }, { signal })).data),
      );
      if (!asked.ok) return asked;
      return refused === null ? { ok: true } : { ok: false, failure: refused };
    },

    async testKey(key) {
      const other = clientWith(key);
      return ask(async (signal) => demandModels((await other.models.list({ limit: 1 }, { signal })).data));
    },

    async listModels() {
      const asked = await ask(async (signal) => {
        const models: ListedModel[] = [];
        let page = await client.models.list({ limit: 100 }, { signal });
        while (true) {
          demandModels(page.data);
          models.push(...page.data.map(toListed));
          if (!page.hasNextPage()) return models;
          page = await page.getNextPage();
        }
      });
      return asked.ok ? { ok: true, models: asked.value } : asked;
    },

    countTokens,
  };
}

/** A prompt longer than this is refused by every model that is known. */
const MOST_WINDOW_TOKENS = 1_000_000;

/** Most tokens that the files of a request can come to: of a PDF nobody knows how much stands on its pages. */
function mostOfFiles({ model, turns }: ModelRequest, windowTokens: number | null): number {
  const files = turns.flatMap(({ blocks }) => blocks.filter((block) => block.type === 'file'));
  if (files.some(({ media }) => media === 'application/pdf')) return windowTokens ?? MOST_WINDOW_TOKENS;
  return files.length * mostImageTokens(model);
}

function toListed(model: Anthropic.ModelInfo): ListedModel {
  return {
    id: model.id,
    name: model.display_name,
    lifecycle: model.lifecycle,
    outputCap: model.max_tokens ?? null,
    contextTokens: model.max_input_tokens ?? null,
    efforts: knownFacts(model.id)?.efforts ?? factsFrom(model)?.efforts ?? [],
    retiresAt: model.retires_at ?? null,
  };
}

/** The address that the SDK puts `/v1/…` behind: other APIs' clients want it with `/v1`, so people write it so. */
function apiRoot(url: string): string {
  return url.replace(/(?:\/+v1(?:\/+messages)?)?\/*$/, '');
}

/**
 * A stranger's page with status 200 reaches us as an empty list, which the API never sends: there is always
 * a model. Its class is that of an answer that can't be parsed.
 */
function demandModels(data: readonly unknown[]): void {
  if (!Array.isArray(data) || data.length === 0) throw new SyntaxError('the answer is not a list of models');
}

function logged(failure: ModelFailure): Record<string, unknown> {
  const { code, kind, status, type, requestId, retryAfterMs, message } = failure;
  return { code, kind, status, type, requestId, retryAfterMs, detail: message };
}
