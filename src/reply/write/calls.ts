import type { Held, Purse } from '../../budgets/purse.ts';
import { type Budget, codeOf } from '../../budgets/rules.ts';
import { holdPatiently, PATIENCE_MS, type Waited } from '../../budgets/waiting.ts';
import type { Clock } from '../../clock.ts';
import type { TurnBlock } from '../../conversation/blocks.ts';
import { blocksTokens, turnsTokens, turnTokens } from '../../conversation/window.ts';
import { type ErrorCode, toError } from '../../errors.ts';
import { LeaseLost } from '../../jobs/store.ts';
import type { Lease } from '../../jobs/worker.ts';
import { dayOf } from '../../ledger/periods.ts';
import { type Entry, enter, enteredCall } from '../../ledger/store.ts';
import { type CutCall, NO_USAGE, usageOfCut } from '../../ledger/usage.ts';
import type { Log } from '../../log.ts';
import type { Database } from '../../postgres/database.ts';
import { estimateTokens } from '../../tokens.ts';
import { searchesIn } from '../../tools/steps.ts';
import { WAITING_FOR_BUDGET } from '../../words/reply.ts';
import type { BudgetsNow } from '../permit.ts';
import type { Persistently } from '../persistently.ts';
import type { Model, ModelRequest, Usage } from '../ports.ts';
import { beginCall, beginningCall, type CallFacts, type StoredReply } from '../store.ts';
import { wakeWaiting } from '../waits/store.ts';
import { beginWait, moneyOf } from '../waits/waits.ts';

/** Replies that look again at once when there may be room: the first of them are likely to use it up. */
const WOKEN_TOGETHER = 3;

/** The provider took the request, and told what it reads. */
export interface CallStart {
  readonly call: number;
  readonly usage: Usage;
  readonly requestId: string | null;
}

/** How one call to the model ended: facts of which the ledger makes an entry. */
export interface CallEnd {
  readonly call: number;
  /** The last that the provider told; null: it told nothing. */
  readonly told: Usage | null;
  /**
   * 'told': those counts are final. 'cut': they are not. 'unbilled': the request was refused or never left, so that
   * nobody is billed for it.
   */
  readonly counts: 'told' | 'cut' | 'unbilled';
  /** All text that came, repeated words included. */
  readonly text: string;
  /** All blocks that came whole, where there may be others than text. */
  readonly blocks: readonly TurnBlock[];
  /** Milliseconds from the start of the answer to its first text, or without any to its end: it may have been thinking. */
  readonly silentMs: number;
  readonly requestId: string | null;
}

/** How a call comes to be begun. */
interface Beginning {
  /** Where in the log its text will begin, in UTF-16 units; absent: its text is not for the log. */
  readonly from?: number;
  /**
   * Something that was paid for, or learned by trying, is known here alone. What waits for money then does so here, and
   * keeps its slot; else the job is given back.
   */
  readonly carries?: boolean;
}

export type Begun =
  /** `maxTokens`: what this call may write of what was wanted. */
  | { readonly kind: 'begun'; readonly call: number; readonly maxTokens: number }
  /** No budget has room for it; `code` names the one that a person should look at. */
  | { readonly kind: 'unaffordable'; readonly code: ErrorCode }
  | { readonly kind: 'aborted' };

/** The calls of one reply, counted and paid for. */
export interface Calls {
  /**
   * Sets the money aside and counts the call, durably and in one; only then may it be made. Throws LeaseLost, and `Waits`
   * where other replies hold the money.
   */
  begin(request: ModelRequest, signal: AbortSignal, how?: Beginning): Promise<Begun>;
  /** Entered at once, because a crash tells nothing. */
  started(start: CallStart): void;
  ended(end: CallEnd): Promise<void>;
  /** An owner before us died in a call: what it received is in the log, so its output is estimated from that. */
  enterCut(): Promise<void>;
}

interface CallsOptions {
  readonly database: Database;
  readonly model: Model;
  readonly purse?: Purse;
  readonly clock: Clock;
  readonly log: Log;
  readonly lease: Lease;
  /** Every budget that holds for this reply now. */
  readonly budgets: () => Promise<BudgetsNow>;
  /** Other replies hold what is left of a budget, and this one waits here for it, or waits no more. */
  readonly onWaiting: (waiting: boolean) => void;
  readonly persistently: Persistently;
}

export function createCalls(reply: StoredReply, options: CallsOptions): Calls {
  const { database, model, purse, clock, log, lease, onWaiting, persistently } = options;
  const { team, channel, asker: person } = reply;
  const purpose = { reply: reply.id, team, channel, person };
  let started: Promise<unknown> = Promise.resolve();
  /** The call that runs, or ran last. */
  let running = {
    call: reply.calls,
    request: null as ModelRequest | null,
    promptTokens: reply.callPrompt,
    /** Nano-dollars of output that it may still write. */
    left: 0n,
    budgets: [] as readonly Budget[],
  };

  const write = (
    entry: Pick<Entry, 'call' | 'usage' | 'estimated' | 'open' | 'requestId'>,
  ): Promise<void> => {
    const whole = { ...purpose, ...entry, model: reply.model };
    if (purse !== undefined) return purse.enter(whole, running.left);
    return enter(database.query, whole, dayOf(clock.now()));
  };

  const money = {
    topic: moneyOf(team),
    notice: WAITING_FOR_BUDGET,
    mostMs: PATIENCE_MS,
  };
  /** Whoever makes room knows that this reply waits for it. */
  let waiting = reply.waitsFor === money.topic;

  /** Some of those who have waited longest look again; each that gets money wakes others. Nobody's answer waits for that. */
  const wakeOthers = () =>
    void wakeWaiting(database.query, money.topic, WOKEN_TOGETHER).catch((err) =>
      log.warn({ err: toError(err) }, 'replies that wait for a budget could not be woken'),
    );

  const hold = async (
    purse: Purse,
    request: ModelRequest,
    { signal, facts, carries }: { signal: AbortSignal; facts: CallFacts; carries: boolean },
  ): Promise<Waited> => {
    const most = [false, true].map((exact) => once(() => model.mostTokens(request, { exact })));
    const planned = {
      model: request.model,
      answerTokens: request.maxTokens,
      mayDoWithout: request.tools?.web != null,
      mostTokens: (exact: boolean) => (exact ? most[1] : most[0])?.() ?? model.mostTokens(request, { exact }),
    };
    const granted = (call: number): Held => {
      return { kind: 'granted', call, answerTokens: request.maxTokens, left: 0n };
    };
    const whenLost = (thrown: unknown): Held => {
      if (thrown instanceof LeaseLost) return { kind: 'lost' };
      throw thrown;
    };
    const ask = async (): Promise<Held> => {
      // Read for each look: a budget may have been set, raised or lifted meanwhile.
      const { budgets, only } = await options.budgets();
      running = { ...running, budgets };
      const held =
        budgets.length > 0
          ? await purse.hold(purpose, budgets, planned, beginningCall(lease.token, reply.id, facts, only))
          : await beginCall(database.query, lease.token, reply.id, facts, only).then(granted, whenLost);
      // Either the lease is lost or somebody has changed a budget since they were read: the next look reads them.
      return held.kind === 'lost' && only !== null ? ask() : held;
    };
    if (carries) {
      let waited = false;
      const onWait = () => {
        waited = true;
        onWaiting(true);
      };
      const held = await holdPatiently({ purse, clock }, team, () => persistently(ask), { signal, onWait });
      if (waited) onWaiting(false);
      return held;
    }
    for (let known = waiting; ; known = true) {
      const held = await persistently(ask);
      if (held.kind === 'granted' && waiting) {
        waiting = false;
        onWaiting(false);
        wakeOthers();
      }
      if (held.kind !== 'wait') return held;
      const wait = { ...money, lookAgainMs: held.lookAgainMs };
      const waits = await persistently(() => beginWait({ database, lease }, reply, wait));
      if (waits === null) return { kind: 'held_by_others', budget: held.budget };
      waiting = true;
      // Room that was made before the wait was noted has woken nobody.
      if (known) throw waits;
    }
  };

  /** What a model may think besides an answer of `maxTokens`, which is all that it asks for. */
  const mostThinking = async (request: ModelRequest): Promise<number> => {
    const { outputTokens } = await model.mostTokens(request, { exact: false });
    return Math.max(0, outputTokens - request.maxTokens);
  };

  const over = async (entry: Omit<Entry, keyof typeof purpose | 'model' | 'open'>): Promise<void> => {
    // An estimate that comes after the exact entry would find it exact and change nothing; this only saves work.
    await started;
    await persistently(() => write(entry));
    // Where no budget holds, nobody waits for one.
    if (running.budgets.length > 0) wakeOthers();
    // Nobody's answer waits for what admins are told.
    void purse?.look(purpose, running.budgets);
  };

  const estimate = (known: Omit<CutCall, 'model'>): Usage => usageOfCut({ ...known, model: reply.model });

  return {
    async begin(request, signal, { from, carries = false } = {}) {
      const promptTokens =
        turnTokens(request.system, request.model) +
        turnsTokens(request.turns, request.model) +
        toolsTokens(request);
      const facts = { from: from ?? null, prompt: promptTokens };
      let maxTokens = request.maxTokens;
      running = { ...running, request, promptTokens, left: 0n };
      if (purse === undefined) {
        running = { ...running, call: await beginCall(database.query, lease.token, reply.id, facts) };
      } else {
        const held = await hold(purse, request, { signal, facts, carries });
        if (held.kind === 'lost') throw new LeaseLost(lease.token);
        if (held.kind === 'aborted') return held;
        if (held.kind === 'refused') return { kind: 'unaffordable', code: codeOf(held.budget) };
        if (held.kind === 'held_by_others') {
          const { scope, period } = held.budget;
          log.warn({ scope, period }, 'other replies held what is left of a budget for too long');
          return { kind: 'unaffordable', code: 'BUDGET_HELD' };
        }
        running = { ...running, call: held.call, left: held.left };
        maxTokens = held.answerTokens;
      }
      // A doubt about the lease is waited out; a request that is not let go counts as a failed one.
      await lease.confirm();
      return { kind: 'begun', call: running.call, maxTokens };
    },

    started(start) {
      started = write({ ...start, estimated: true, open: true }).catch((err) =>
        log.warn({ err: toError(err) }, 'the start of a call could not be entered'),
      );
    },

    async ended({ call, told, counts, text, blocks, silentMs, requestId }) {
      if (counts !== 'cut') return over({ call, usage: told ?? NO_USAGE, estimated: false, requestId });
      const { request, promptTokens } = running;
      const usage = estimate({
        told,
        promptTokens,
        text: text + callsIn(blocks),
        silentMs,
        found: foundIn(blocks, reply.model),
        mostThinking: request === null || told === null ? 0 : await mostThinking(request),
      });
      await over({ call, usage, estimated: true, requestId });
    },

    async enterCut() {
      // Only the version that is written last can have an open call.
      if (!reply.versionCalls.includes(reply.calls)) return;
      const known = await enteredCall(database.query, reply.id, reply.calls);
      if (known !== null && !known.open) return;
      const { callFrom, callPrompt: promptTokens, log: received } = reply;
      // The request is not known any more, but what it could ask for is.
      const { model, maxTokens } = reply;
      const turns = [{ role: 'user', blocks: [{ type: 'text', text: '?' }] }] as const;
      const effort = reply.effort === 'auto' ? {} : { effort: reply.effort };
      const asked = { model, maxTokens, system: '', turns, user: '', ...effort };
      const blocks = reply.blocks.flatMap(({ call, block }) => (call === reply.calls ? (block ?? []) : []));
      const usage = estimate({
        told: known?.usage ?? null,
        promptTokens,
        text: callFrom === null ? '' : received.slice(callFrom) + callsIn(blocks),
        found: foundIn(blocks, model),
        // How long it went on is not known: until now, at most.
        silentMs: known === null ? 0 : clock.now() - known.at.getTime(),
        mostThinking:
          // Words that were not for the log can only be told by the time, as thoughts.
          (await mostThinking(asked)) + (callFrom === null ? maxTokens : 0),
      });
      await over({ call: reply.calls, usage, estimated: true, requestId: known?.requestId ?? null });
      // What was set aside for it is free, and by which budgets is not known here.
      if (purse !== undefined) wakeOthers();
    },
  };
}

/** What the provider looked up in a call: its searches, the steps that it took, and the tokens of what they gave. */
function foundIn(blocks: readonly TurnBlock[], model: string): NonNullable<CutCall['found']> {
  const results = blocks.filter(({ type }) => type.startsWith('web_'));
  const tokens = results.length === 0 ? 0 : blocksTokens(results, model);
  return { searches: searchesIn(blocks), steps: results.length, tokens };
}

/** What the model wrote besides words: the inputs of calls that we carry out, as JSON. */
function callsIn(blocks: readonly TurnBlock[]): string {
  return blocks.map((block) => (block.type === 'tool_use' ? JSON.stringify(block['input']) : '')).join('');
}

/** Tokens of the tools that we carry out, by estimate: their definitions stand in front of every prompt. */
function toolsTokens({ model, tools }: ModelRequest): number {
  const client = tools?.client ?? [];
  const told = client.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  return told.length === 0 ? 0 : estimateTokens(JSON.stringify(told), model);
}

/** `work`, done once, whoever asks for it. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | null = null;
  return () => (done ??= work());
}
