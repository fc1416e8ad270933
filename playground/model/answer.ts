import type { ServerResponse } from 'node:http';
import type { Clock } from '../../src/clock.ts';
import type { PromptCache } from './cache.ts';
import type { OpenCall } from './call.ts';
import { createPacer } from './pace.ts';
import { planAnswer } from './plan.ts';
import type { Quota } from './quota.ts';
import { Refused } from './refused.ts';
import { type Performance, streamAnswer, type Thought } from './stream-answer.ts';
import type { Thoughts } from './thoughts.ts';
import { countTokens } from './tokens.ts';
import type { ModelFault, Script, ScriptedAnswer } from './types.ts';
import { readRequest, type ValidRequest } from './validate.ts';
import { sendWholeAnswer } from './whole-answer.ts';
import { errorBody, errorOfFault, type WireError, webPage } from './wire.ts';

/** What the answers of one stand-in share. */
export interface Stage {
  readonly clock: Clock;
  readonly script: Script;
  readonly cache: PromptCache;
  readonly quota: Quota;
  readonly thoughts: Thoughts;
  /** Tokens per second at this moment. */
  speed(): number;
  readonly firstTokenMs: number;
  /** Takes the next fault from the queue. A request that the API would refuse takes none. */
  takeFault(): ModelFault | null;
  /** Counts the calls that got as far as the script. */
  nextNumber(): number;
}

const STANDARD_THOUGHT = 'The person asks me something. I look at what was said before and answer briefly.';

/** Answers one `POST /v1/messages`, from validation to the last byte. Never throws. */
export async function answerMessages(
  stage: Stage,
  call: OpenCall,
  res: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { clock, quota } = stage;
  const { rawBody } = call.current();
  const headers = () => ({ ...quota.headers(clock.now()), 'request-id': call.requestId });
  const refuse = (error: WireError) => {
    call.begin(error.status);
    call.end('refused', null);
    res.writeHead(error.status, { ...headers(), ...error.headers, 'content-type': 'application/json' });
    res.end(errorBody(error, call.requestId));
  };
  try {
    const request = readRequest(rawBody, false);
    stage.thoughts.check(request.body, request.model, request.thinking !== 'none');
    const queued = stage.takeFault();
    if (queued !== null && (await meetFault(queued, call, res, signal, refuse))) return;
    const answer = await stage.script(toScript(request, stage.nextNumber()));
    const fault = queued ?? answer.fault ?? null;
    if (queued === null && fault !== null) {
      if (await meetFault(fault, call, res, signal, refuse)) return;
    }
    if (signal.aborted) return;
    const look = stage.cache.look(request.model, request.prompt.blocks, clock.now());
    const thought = thoughtOf(request, answer);
    const show: Performance = {
      call,
      model: request.model,
      look,
      thought,
      onThought: (signature) => stage.thoughts.gave(request.body, signature),
      onCall: stage.thoughts.called,
      pieces: planAnswer(answer, {
        room: request.maxTokens - (thought?.tokens ?? 0),
        stopSequences: request.stopSequences,
        fault,
      }),
      firstTokenMs: answer.firstTokenMs ?? stage.firstTokenMs,
      pace: createPacer(clock, () => answer.tokensPerSecond ?? stage.speed(), signal),
      clock,
      signal,
    };
    if (request.stream) {
      call.begin(200);
      res.writeHead(200, {
        ...headers(),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache',
      });
      await streamAnswer(show, res);
    } else {
      await sendWholeAnswer(show, res, headers());
    }
    quota.spend(
      look.usage.input + look.usage.write5m + look.usage.write1h,
      call.current().billed.output_tokens,
    );
  } catch (thrown) {
    if (thrown instanceof Refused) return refuse(thrown.error);
    // A script that throws is a mistake in a test or in the showcase: say so where it will be seen.
    const message = `the script failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    if (res.headersSent) {
      call.end('broken', null);
      res.destroy();
    } else refuse({ status: 500, type: 'api_error', message });
  }
}

/** Plays the faults that replace the whole answer; false for those that come later. */
async function meetFault(
  fault: ModelFault,
  call: OpenCall,
  res: ServerResponse,
  signal: AbortSignal,
  refuse: (error: WireError) => void,
): Promise<boolean> {
  call.meet(fault);
  switch (fault.kind) {
    case 'status':
      refuse(errorOfFault(fault));
      return true;
    case 'html_413':
    case 'not_json': {
      const status = fault.kind === 'html_413' ? 413 : 200;
      call.begin(status);
      call.end('broken', null);
      res.writeHead(status, { 'content-type': 'text/html' });
      res.end(webPage(status === 413 ? '413 Request Entity Too Large' : 'Welcome'));
      return true;
    }
    case 'reset_at_once':
      call.end('broken', null);
      res.socket?.resetAndDestroy();
      return true;
    case 'hang':
      if (!signal.aborted) {
        await new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve(), { once: true }),
        );
      }
      return true;
    default:
      return false;
  }
}

function toScript(request: ValidRequest, number: number) {
  const { model, maxTokens, body, prompt } = request;
  return { number, model, maxTokens, body, system: prompt.system, turns: prompt.turns };
}

function thoughtOf(request: ValidRequest, answer: ScriptedAnswer): Thought | null {
  if (request.thinking === 'none') return null;
  const text = answer.thinking ?? STANDARD_THOUGHT;
  return {
    text: request.thinking === 'summarized' ? text : '',
    tokens: Math.min(countTokens(text), request.maxTokens),
  };
}
