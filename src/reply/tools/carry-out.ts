import { type Clock, LATE, within } from '../../clock.ts';
import type { ToolBlock, TurnBlock } from '../../conversation/blocks.ts';
import { toError } from '../../errors.ts';
import { LeaseLost } from '../../jobs/store.ts';
import type { Lease } from '../../jobs/worker.ts';
import type { Log } from '../../log.ts';
import type { Database } from '../../postgres/database.ts';
import type { Caller, CallOutcome, ConnectedTool } from '../../tools/connected.ts';
import { misfitOf } from '../../tools/mcp/misfit.ts';
import { WAITING_FOR_PERSON } from '../../words/tools.ts';
import { DECIDED_WITHIN_MS } from '../cards/look.ts';
import type { Persistently } from '../persistently.ts';
import type { StoredReply } from '../store.ts';
import { beginWait, Waits } from '../waits/waits.ts';
import type { Calling } from './ports.ts';
import { birthOf, dueOf, isWithheld, MOST_AT_ONCE, MOST_CALL_MS, MOST_RESULTS_BYTES } from './rules.ts';
import * as store from './store.ts';
import { endOf, OVERTIME, refusedResult, resultBlock, resultBytes, usedBefore } from './told.ts';

interface CarryOutOptions extends Calling {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly lease: Lease;
  readonly persistently: Persistently;
  /** Aborts when nobody wants the answer from here any more. */
  readonly signal: AbortSignal;
  /** What the model is offered in this answer. */
  readonly offered: readonly ConnectedTool[];
  /** All blocks of the answer so far. */
  readonly content: () => readonly TurnBlock[];
  /** These are called now. */
  readonly onCalling: (calls: readonly { readonly server: string; readonly title: string }[]) => void;
  /** A call is over. */
  readonly onResult: (result: TurnBlock) => void;
}

/**
 * Carries out what the model called, in its order: each call is written down, judged, asked about where it may change
 * something, run once, and answered. `uses` are stored blocks. Returns the results, null where nobody wants them any
 * more. Throws LeaseLost, and `Waits` where a person has the next word: whoever owns the reply next calls it with the
 * same blocks.
 */
export type CarryOut = (uses: readonly ToolBlock[]) => Promise<readonly TurnBlock[] | null>;

/** A server's edge that does not let go after its time is not waited for longer than this. */
const LETTING_GO_MS = 5000;
/** UTF-16 units of the name of a tool that is not there; those that are have fewer. */
const MOST_NAME = 100;

export function createCarryOut(reply: StoredReply, options: CarryOutOptions): CarryOut {
  const { database, connected, cards, linking, clock, log, lease, persistently, signal, offered } = options;
  const { team, channel, threadTs, asker: person } = reply;
  const by: Caller = { team, channel, person };
  const direct = reply.kind === 'im';
  const place = { team, channel, threadTs };
  /** The message of the reply has said something else meanwhile than what it waits for. */
  let moved = false;

  return async (uses) => {
    const wanted = new Set(uses.map(idOf));
    const mine = async () =>
      (await persistently(() => store.callsOf(database.query, reply))).filter(({ use }) => wanted.has(use));
    if ((await mine()).length < wanted.size) await writeDown(uses);
    const results = new Map<string, TurnBlock>();
    const over = (result: TurnBlock, use: string) => {
      results.set(use, result);
      options.onResult(result);
    };
    // What was decided while nobody worked on it is seen before anything is run.
    for (const call of await mine()) if (call.state !== 'proposed') showSettled(call);
    for (;;) {
      const calls = await mine();
      for (const call of calls) {
        if (dueOf(call) !== 'nothing' || results.has(call.use)) continue;
        over(resultBlock(call, room()), call.use);
      }
      const written = new Set(calls.map(({ use }) => use));
      for (const use of wanted) if (!written.has(use) && !results.has(use)) over(usedBefore(use), use);
      if (results.size === wanted.size) return [...results.values()];
      if (signal.aborted) return null;
      const ready = calls.filter((call) => ['run', 'again', 'give_up'].includes(dueOf(call)));
      if (ready.length > 0) await run(ready);
      else await decide(calls.filter((call) => ['ask', 'share'].includes(dueOf(call))));
    }
  };

  /** Bytes of results that the answer still takes in. */
  function room(): number {
    const taken = options.content().filter(({ type }) => type === 'tool_result');
    return MOST_RESULTS_BYTES - taken.reduce((sum, block) => sum + resultBytes(block), 0);
  }

  async function writeDown(uses: readonly ToolBlock[]): Promise<void> {
    const [known, granted] = await persistently(() =>
      Promise.all([
        store.callsOf(database.query, reply),
        store.grantedIn(database.query, reply.conversation, person),
      ]),
    );
    const fresh = uses.filter((use) => known.every((call) => call.use !== idOf(use)));
    await haveLinked(fresh);
    const calls = await Promise.all(fresh.map((use, at) => bornOf(use, known.length + at, granted)));
    await persistently(() => store.addCalls(database.query, lease.token, reply, calls));
  }

  /** Whoever has to link an account first is given a way; nothing is written down before. Throws `Waits`. */
  async function haveLinked(uses: readonly ToolBlock[]): Promise<void> {
    if (linking === undefined) return;
    for (const server of new Set(uses.flatMap((use) => toolOf(use)?.server ?? []))) {
      const tool = offered.find((one) => one.server === server && one.account === 'person');
      if (tool === undefined || (await connected.judge(tool, by)) !== 'unlinked') continue;
      const waits = await persistently(() => linking.wait(reply, server, lease));
      // Linked in the moment before the wait was noted: that woke nobody.
      if (waits !== null && (await connected.judge(tool, by)) === 'unlinked') throw waits;
    }
  }

  function toolOf(use: ToolBlock): ConnectedTool | undefined {
    return offered.find((one) => one.name === String(use['name']));
  }

  async function bornOf(
    use: ToolBlock,
    before: number,
    granted: ReadonlySet<string>,
  ): Promise<store.NewCall> {
    // Whatever the model wrote; Postgres holds no NUL.
    const name = String(use['name'])
      .replace(/[\0\p{Surrogate}]/gu, '')
      .slice(0, MOST_NAME);
    const tool = toolOf(use);
    const input = JSON.stringify(use['input'] ?? {});
    const misfit = tool === undefined ? null : misfitOf(tool.inputSchema, use['input']);
    const birth = birthOf({
      known: tool !== undefined,
      isJson: !isBroken(use['input']),
      inputBytes: Buffer.byteLength(input),
      fits: misfit === null,
      before,
      right: tool === undefined ? 'may' : await connected.judge(tool, by),
      reads: tool?.reads === true,
      granted: tool !== undefined && granted.has(`${tool.server} ${tool.tool}`),
      canAsk: cards !== undefined,
    });
    return {
      id: options.newId(),
      use: idOf(use),
      server: tool?.server ?? '',
      tool: tool?.tool ?? name,
      title: tool?.title ?? name,
      input,
      reads: tool?.reads === true,
      repeatable: tool?.repeatable === true,
      account: tool?.account ?? 'none',
      state: birth.state,
      result: birth.state === 'refused' ? refusedResult(birth.why, misfit ?? '') : null,
    };
  }

  /** What only reads goes side by side, everything else by itself, in the order in which the model wrote it. */
  async function run(calls: readonly store.StoredCall[]): Promise<void> {
    const queue = [...calls];
    while (queue.length > 0 && !signal.aborted) {
      const reads = queue.findIndex((call) => !call.reads);
      const many = reads === -1 ? queue.length : reads;
      const batch = queue.splice(0, Math.max(1, Math.min(many, MOST_AT_ONCE)));
      moved = true;
      options.onCalling(batch);
      await Promise.all(batch.map(runOne));
    }
  }

  async function runOne(call: store.StoredCall): Promise<void> {
    const due = dueOf(call);
    const harmless = call.reads || call.repeatable;
    const end = async (outcome: CallOutcome) => {
      const ended = endOf(outcome, call, harmless);
      const withheld =
        outcome.kind === 'done' && isWithheld(call.account, direct) && !(await isGranted(call));
      const sharing = withheld ? ('withheld' as const) : null;
      await persistently(() => store.endRun(database.query, lease.token, call.id, { ...ended, sharing }));
      log.info({ server: call.server, tool: call.tool, call: call.id, end: ended.state }, 'tool called');
      showSettled(call);
    };
    if (due === 'give_up') return end({ kind: 'unknown', reason: 'its process ended meanwhile' });
    const begun =
      due === 'again' || (await persistently(() => store.beginRun(database.query, lease.token, call.id)));
    if (!begun) return;
    // A doubt about the lease is waited out. If it is lost, the next owner finds the call as it stands.
    if (!(await lease.confirm())) throw new LeaseLost(lease.token);
    const outcome = await outcomeOf(call);
    // Nobody waited for its end: whoever is next repeats it, or says that it is not known.
    if (lease.signal.aborted && outcome.kind !== 'done') return;
    await end(outcome);
  }

  /** "Always for this thread" covers what a tool gives as well. */
  async function isGranted({ server, tool }: store.StoredCall): Promise<boolean> {
    const granted = await persistently(() => store.grantedIn(database.query, reply.conversation, person));
    return granted.has(`${server} ${tool}`);
  }

  async function outcomeOf(call: store.StoredCall): Promise<CallOutcome> {
    const tool = offered.find((one) => one.server === call.server && one.tool === call.tool);
    if (tool === undefined) return notDone('not_allowed', 'this tool is not offered here any more');
    if (signal.aborted) return notDone('refused', 'the answer was stopped before it began');
    const limit = new AbortController();
    const cancel = clock.after(MOST_CALL_MS, () => limit.abort(new Error(OVERTIME)));
    try {
      const calling = connected.call(
        tool,
        JSON.parse(call.input),
        by,
        AbortSignal.any([signal, lease.signal, limit.signal]),
      );
      const outcome = await within(clock, MOST_CALL_MS + LETTING_GO_MS, calling);
      if (outcome === LATE) return { kind: 'unknown', reason: OVERTIME };
      return outcome.kind === 'unknown' && limit.signal.aborted ? { ...outcome, reason: OVERTIME } : outcome;
    } catch (thrown) {
      log.warn({ err: toError(thrown), server: call.server, tool: call.tool }, 'a call of a tool threw');
      return { kind: 'unknown', reason: 'it failed in an unknown way' };
    } finally {
      cancel();
    }
  }

  /** A person has the next word. Throws `Waits`; returns where something has been decided, or lapsed, by now. */
  async function decide(open: readonly store.StoredCall[]): Promise<void> {
    const lapse = () =>
      persistently(() =>
        store.lapseCalls(
          database.query,
          lease.token,
          open.map(({ id }) => id),
        ),
      );
    if (cards === undefined || (await cards.show(place, open, lease)) === 'gone') return lapse();
    const wait = {
      topic: `approval:${reply.id}`,
      notice: WAITING_FOR_PERSON,
      mostMs: DECIDED_WITHIN_MS,
      lookAgainMs: null,
    };
    const waits = await persistently(() => beginWait({ database, lease }, reply, wait));
    if (waits === null) {
      await lapse();
      for (const call of open) showSettled(call);
      return;
    }
    // A decision that came before the wait was noted has woken nobody.
    const now = await persistently(() => store.callsOf(database.query, reply));
    const same = open.every((call) =>
      now.some(
        ({ id, state, sharing }) => id === call.id && state === call.state && sharing === call.sharing,
      ),
    );
    if (same) throw moved ? new Waits(wait, false, waits.delayMs ?? DECIDED_WITHIN_MS) : waits;
  }

  /** Whoever was asked about it sees what became of it; the answer does not wait for that. */
  function showSettled({ id, decidedBy, cardIntent }: store.StoredCall): void {
    if (cards === undefined || (decidedBy === null && cardIntent === null)) return;
    void store
      .callsOf(database.query, reply)
      .then((calls) =>
        cards.show(
          place,
          calls.filter((call) => call.id === id),
          lease,
        ),
      )
      .catch((err) => log.warn({ err: toError(err) }, 'the card of a call could not be drawn anew'));
  }
}

/** Calls among the blocks of an answer that have no result yet. */
export function openUses(blocks: readonly TurnBlock[]): readonly ToolBlock[] {
  const answered = new Set(
    blocks.map((block) => (block.type === 'tool_result' ? block['tool_use_id'] : null)),
  );
  return blocks.flatMap((block) => (block.type === 'tool_use' && !answered.has(block['id']) ? [block] : []));
}

/**
 * What stands for an input that is not JSON, so that it can go back to the model (Anthropic's page on fine-grained tool
 * streaming: "you may wrap it in a JSON object": `{"INVALID_JSON": "<your invalid json string>"}`).
 */
function isBroken(input: unknown): boolean {
  return typeof input === 'object' && input !== null && Object.keys(input).join() === 'INVALID_JSON';
}

function idOf(block: ToolBlock): string {
  return String(block['id']);
}

function notDone(why: 'not_allowed' | 'refused', reason: string): CallOutcome {
  return { kind: 'not_done', why, reason };
}
