import type { Purse } from '../../budgets/purse.ts';
import { type Budget, codeOf } from '../../budgets/rules.ts';
import type { Clock } from '../../clock.ts';
import { type ErrorCode, toError } from '../../errors.ts';
import type { Lease } from '../../jobs/worker.ts';
import { enter, enteredCall, replyTotal } from '../../ledger/store.ts';
import { estimateTokens, NO_USAGE } from '../../ledger/usage.ts';
import type { Log } from '../../log.ts';
import type { Database } from '../../postgres/database.ts';
import type { Model, ModelRequest, Usage } from '../ports.ts';
import { beginCall, type StoredReply } from '../store.ts';

/** How one call to the model ended, for the ledger. */
export interface CallRecord {
  readonly call: number;
  readonly usage: Usage;
  /** True if the provider never told the final counts. */
  readonly estimated: boolean;
  readonly requestId: string | null;
}

export type Begun =
  /** `maxTokens`: what this call may write of what was wanted. */
  | { readonly kind: 'begun'; readonly call: number; readonly maxTokens: number }
  /** No budget has room for it; `code` names the one that a person should look at. */
  | { readonly kind: 'unaffordable'; readonly code: ErrorCode }
  | { readonly kind: 'aborted' };

/** The calls of one reply, counted and paid for. */
export interface Calls {
  /** Sets the money aside and counts the call durably; only then may it be made. Throws LeaseLost. */
  begin(request: ModelRequest, signal: AbortSignal): Promise<Begun>;
  /** The provider took the request and told what it reads: entered at once, because a crash tells nothing. */
  started(record: CallRecord): void;
  ended(record: CallRecord): Promise<void>;
  /** An owner before us died in a call: what it received is in the log, so its output is estimated from that. */
  enterCut(): Promise<void>;
  /** No more calls will be made. */
  close(): void;
}

export interface CallsOptions {
  readonly database: Database;
  readonly model: Model;
  readonly purse?: Purse;
  readonly clock: Clock;
  readonly log: Log;
  readonly lease: Lease;
  /** Every budget that holds for this reply. */
  readonly budgets: readonly Budget[];
  /** Other replies hold what is left of a budget: this one waits, or waits no more. */
  readonly onWaiting: (waiting: boolean) => void;
  /** Tries again while the database is away. */
  readonly persistently: <T>(work: () => Promise<T>) => Promise<T>;
}

export function createCalls(reply: StoredReply, options: CallsOptions): Calls {
  const { database, model, purse, clock, log, lease, budgets, onWaiting, persistently } = options;
  const { team, channel, asker: person } = reply;
  const purpose = { reply: reply.id, team, channel, person };
  const limited = purse !== undefined && budgets.length > 0 ? purse : null;
  let started: Promise<unknown> = Promise.resolve();
  /** Nano-dollars of output that the running call may still write. */
  let left = 0n;

  const write = ({ call, usage, estimated, requestId }: CallRecord, over: boolean): Promise<void> => {
    const entry = { ...purpose, call, model: reply.model, usage, estimated, requestId };
    if (limited !== null) return limited.enter(entry, over ? null : left);
    return enter(database.query, entry, new Date(clock.now()).toISOString().slice(0, 10));
  };

  const hold = async (purse: Purse, request: ModelRequest, signal: AbortSignal) => {
    let waited = false;
    const onWait = () => {
      waited = true;
      onWaiting(true);
    };
    const call = {
      model: request.model,
      answerTokens: request.maxTokens,
      most: (exact: boolean) => model.most(request, { exact }),
    };
    const held = await persistently(() => purse.hold(purpose, budgets, call, { signal, onWait }));
    if (waited) onWaiting(false);
    return held;
  };

  const ended = async (record: CallRecord): Promise<void> => {
    // An estimate that comes after the exact entry would find it exact and change nothing; this only saves work.
    await started;
    await persistently(() => write(record, true));
    // Nobody's answer waits for what admins are told.
    void limited?.look(purpose, budgets);
  };

  return {
    async begin(request, signal) {
      let { maxTokens } = request;
      if (limited !== null) {
        const held = await hold(limited, request, signal);
        if (held.kind === 'aborted') return held;
        if (held.kind === 'refused') return { kind: 'unaffordable', code: codeOf(held.budget) };
        left = held.left;
        maxTokens = held.answerTokens;
      }
      const call = await beginCall(database.query, lease.token, reply.id);
      // A doubt about the lease is waited out; a request that is not let go counts as a failed one.
      await lease.confirm();
      return { kind: 'begun', call, maxTokens };
    },

    started(record) {
      started = write(record, false).catch((err) =>
        log.warn({ err: toError(err) }, 'the start of a call could not be entered'),
      );
    },

    ended,

    async enterCut() {
      // Only the version that is written last can have an open call.
      if (!reply.versionCalls.includes(reply.calls)) return;
      const known = await enteredCall(database.query, reply.id, reply.calls);
      if (known !== null && !known.estimated) return;
      const usage = known?.usage ?? NO_USAGE;
      const total = await replyTotal(database.query, reply.id, reply.versionCalls);
      const ofOthers = total.outputTokens - usage.outputTokens;
      const outputTokens = Math.max(usage.outputTokens, estimateTokens(reply.log.length) - ofOthers);
      if (known !== null && outputTokens === usage.outputTokens) return;
      await ended({
        call: reply.calls,
        usage: { ...usage, outputTokens },
        estimated: true,
        requestId: known?.requestId ?? null,
      });
    },

    close() {
      void limited?.drop(purpose);
    },
  };
}
