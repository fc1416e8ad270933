import type { IncomingMessage, ServerResponse } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type Clock, LATE, within } from '../clock.ts';
import { CATALOGUE } from '../errors.ts';
import type { Route } from './http.ts';
import type { Meter, QuestionOutcome, TokenKind } from './meter.ts';

/** What is read when somebody asks, not as it happens. */
interface Readings {
  /** Work that waits now: mailboxes that are due, and the age of the oldest in seconds. Rejects while the database is away. */
  readonly waiting: () => Promise<{ readonly due: number; readonly oldestSeconds: number }>;
  /** Connections of the pool: in use, idle, and those who wait for one. */
  readonly pool: () => { readonly used: number; readonly idle: number; readonly waiting: number };
  /** Replies that this process writes. */
  readonly active: () => number;
  /** Workspaces and organisations that it can serve. */
  readonly installations: () => number;
  /** 1 for each check of `/readyz` that works. */
  readonly checks: () => Promise<readonly { readonly name: string; readonly works: boolean }[]>;
}

/** Seconds: from what nobody notices to what nobody waits for. */
const WAITS = [0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 8, 13, 20, 30, 60, 120, 300];
const READ_WITHIN_MS = 2000;

/** Counts what is told and serves it at `/metrics` in Prometheus' text format. */
export interface Metrics extends Meter {
  /** `/metrics`; false for other paths. */
  readonly route: Route;
  /** All metrics with their labels, for the test of the dashboard. */
  described(): ReadonlyMap<string, readonly string[]>;
  /** What is read from now on. */
  readFrom(readings: Readings): void;
}

export function createMetrics(clock: Clock): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  const described = new Map<string, readonly string[]>();
  const what = <L extends string>(name: string, help: string, labelNames: readonly L[]) => {
    described.set(name, labelNames);
    return { name, help, labelNames, registers };
  };
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter(what(name, help, labelNames));
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge(what(name, help, labelNames));
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Histogram({ ...what(name, help, labelNames), buckets: WAITS });

  const questions = counter('skein_questions_total', 'Questions that came to their end', ['outcome', 'code']);
  const ends = histogram('skein_answer_seconds', 'From a question to the last edit of its answer');
  const firsts = {
    sign: histogram('skein_first_sign_seconds', 'From a question to the first message of its reply'),
    words: histogram('skein_first_words_seconds', 'From a question to the first words of its answer'),
  };
  const unseen = histogram('skein_unseen_text_seconds', 'Age of the oldest letter when text was shown');
  const calls = counter('skein_slack_calls_total', 'Calls of the Web API', ['method', 'outcome']);
  const turns = histogram('skein_turn_wait_seconds', 'Waits for the allowance to post, edit or append', [
    'kind',
  ]);
  const modelEnds = counter('skein_model_calls_total', 'Calls to the model by how they ended', [
    'model',
    'end',
  ]);
  const modelSeconds = histogram('skein_model_call_seconds', 'Length of calls to the model', ['model']);
  const tokens = counter('skein_tokens_total', 'Tokens by kind', ['model', 'kind']);
  const dollars = counter('skein_cost_usd_total', 'What calls cost, where their price is known', ['model']);
  const unpriced = counter('skein_unpriced_calls_total', 'Calls whose price is not known', ['model']);
  const refused = counter('skein_budget_refusals_total', 'Answers that a budget ended', ['code']);
  const taken = counter('skein_leases_taken_over_total', 'Mailboxes that a dead process left');
  const codes = counter('skein_coded_lines_total', 'Lines of the log with a code', ['level', 'code']);
  const due = gauge('skein_jobs_due', 'Mailboxes with work that is due, in the database');
  const oldest = gauge('skein_jobs_oldest_seconds', 'How long the oldest of them is due');
  const pool = gauge('skein_database_connections', 'Connections of this process by state', ['state']);
  const active = gauge('skein_replies_active', 'Replies that this process writes');
  const installed = gauge('skein_installations', 'Workspaces and organisations that this process can serve');
  const checks = gauge('skein_check', '1 where a check of /readyz works', ['name']);
  const started = gauge('skein_started_at_seconds', 'When this process started, as Unix time');
  started.set(Math.round(clock.now() / 1000));
  begin();

  /**
   * Series that can be known before are there from the start, at 0: Prometheus' `increase` sees nothing of what a series
   * begins with, so that the first failure of its kind would be in no graph and no alert
   * (prometheus.io/docs/practices/instrumentation, "Avoid missing metrics").
   */
  function begin(): void {
    for (const outcome of ['answered', 'stopped', 'refused', 'gone'] satisfies QuestionOutcome[])
      questions.inc({ outcome, code: '' }, 0);
    for (const [code, { person }] of Object.entries(CATALOGUE)) {
      if (person !== null) questions.inc({ outcome: 'failed', code }, 0);
      if (code.startsWith('BUDGET_')) refused.inc({ code }, 0);
      for (const level of ['warn', 'error']) codes.inc({ level, code }, 0);
    }
  }
  /** A method's refusals are rare beside its calls: they begin with the first of these. */
  const methods = new Set<string>();

  let readings: Readings | null = null;
  const read = async (): Promise<void> => {
    if (readings === null) return;
    const { used, idle, waiting } = readings.pool();
    pool.set({ state: 'used' }, used);
    pool.set({ state: 'idle' }, idle);
    pool.set({ state: 'waited_for' }, waiting);
    active.set(readings.active());
    installed.set(readings.installations());
    const inTime = async <T>(asked: Promise<T>): Promise<T | null> => {
      const read = await within<T | null>(
        clock,
        READ_WITHIN_MS,
        asked.catch(() => null),
      );
      return read === LATE ? null : read;
    };
    const [work, works] = await Promise.all([inTime(readings.waiting()), inTime(readings.checks())]);
    if (work !== null) {
      due.set(work.due);
      oldest.set(work.oldestSeconds);
    }
    for (const one of works ?? []) checks.set({ name: one.name }, one.works ? 1 : 0);
  };

  const answer = async (response: ServerResponse): Promise<void> => {
    await read();
    response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' });
    response.end(await registry.metrics());
  };

  return {
    question(outcome, code, seconds) {
      questions.inc({ outcome, code: code ?? '' });
      if (outcome !== 'refused') ends.observe(positive(seconds));
      if (code?.startsWith('BUDGET_')) refused.inc({ code });
    },
    first: (what, seconds) => firsts[what].observe(positive(seconds)),
    unseen: (seconds) => unseen.observe(positive(seconds)),
    slackCall(method, outcome) {
      if (!methods.has(method)) calls.inc({ method, outcome: 'rate_limited' }, 0);
      methods.add(method);
      calls.inc({ method, outcome });
    },
    turn: (kind, seconds) => turns.observe({ kind }, positive(seconds)),
    modelCall(model, end, seconds) {
      modelEnds.inc({ model, end });
      modelSeconds.observe({ model }, positive(seconds));
    },
    spent(model, counts, nano) {
      for (const [kind, count] of Object.entries(counts) as [TokenKind, number][])
        tokens.inc({ model, kind }, count);
      if (nano === null) unpriced.inc({ model });
      else dollars.inc({ model }, Number(nano) / 1e9);
    },
    leases: (count) => taken.inc(count),
    coded: (level, code) => codes.inc({ level, code }),
    described: () => described,
    readFrom(given) {
      readings = given;
    },
    route(request: IncomingMessage, response: ServerResponse) {
      if ((request.url ?? '').split('?')[0] !== '/metrics') return false;
      if (request.method !== 'GET') {
        response.writeHead(405, { allow: 'GET' }).end();
        return true;
      }
      answer(response).catch(() => {
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
      return true;
    },
  };
}

/** A clock of Slack's that is ahead of ours would make a negative wait, which a histogram refuses to add. */
function positive(seconds: number): number {
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}
