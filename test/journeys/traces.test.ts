import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  type ContextManager,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { expect, it, onTestFinished } from 'vitest';
import { ana, finishedReply, general, startWorld } from './world.ts';

interface Seen {
  readonly name: string;
  readonly parent: string | null;
  readonly id: string;
  readonly attributes: Attributes;
  ended: boolean;
}

/** The least of an SDK: keeps what it is told. */
function recorder(): readonly Seen[] {
  const seen: Seen[] = [];
  const store = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => store.getStore() ?? ROOT_CONTEXT,
    with: (ctx, fn, thisArg, ...args) => store.run(ctx, () => fn.call(thisArg as never, ...args)),
    bind: (ctx, target) =>
      (typeof target === 'function'
        ? (...args: unknown[]) => store.run(ctx, () => Reflect.apply(target, undefined, args))
        : target) as typeof target,
    enable: () => manager,
    disable: () => manager,
  };
  const startSpan = (name: string, options: SpanOptions = {}, ctx: Context = context.active()): Span => {
    const id = String(seen.length + 1);
    const one: Seen = {
      name,
      id,
      parent: trace.getSpan(ctx)?.spanContext().spanId ?? null,
      attributes: { ...options.attributes },
      ended: false,
    };
    seen.push(one);
    const span: Span = {
      spanContext: () => ({ traceId: 't', spanId: id, traceFlags: 1 }),
      setAttribute(key, value) {
        Object.assign(one.attributes, { [key]: value });
        return span;
      },
      setAttributes(more) {
        Object.assign(one.attributes, more);
        return span;
      },
      addEvent: () => span,
      addLink: () => span,
      addLinks: () => span,
      setStatus: () => span,
      updateName: () => span,
      end() {
        one.ended = true;
      },
      isRecording: () => true,
      recordException() {},
    };
    return span;
  };
  const tracer: Tracer = {
    startSpan,
    startActiveSpan(name: string, ...rest: unknown[]) {
      const work = rest.at(-1) as (span: Span) => unknown;
      const options = (rest.length > 1 ? rest[0] : {}) as SpanOptions;
      const span = startSpan(name, options);
      return context.with(trace.setSpan(context.active(), span), () => work(span)) as never;
    },
  };
  context.setGlobalContextManager(manager);
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  onTestFinished(() => {
    trace.disable();
    context.disable();
  });
  return seen;
}

it('an answer is one tree of spans from its question to its last edit, with the calls to Slack and Claude inside and no word of anybody', async () => {
  const seen = recorder();
  const world = await startWorld({ script: () => ({ text: 'An answer with marzipan in it.' }) });
  const { ts } = world.slack.say(ana, general, '@skein tell me of marzipan');
  await finishedReply(world, general, ts);
  await expect.poll(() => seen.find(({ name }) => name === 'skein.answer')?.ended).toBe(true);
  const [root] = seen.filter(({ name }) => name === 'skein.answer');
  expect(root).toMatchObject({ parent: null, attributes: { 'skein.outcome': 'answered' } });
  const inside = (one: Seen): boolean =>
    one.parent === root?.id || seen.some((other) => other.id === one.parent && inside(other));
  const names = seen.filter(inside).map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(['skein.wait', 'skein.prepare', 'slack chat.postMessage', 'slack chat.update']),
  );
  const model = seen.filter(({ attributes }) => 'gen_ai.request.model' in attributes);
  expect(model.length).toBeGreaterThan(0);
  expect(model.every(inside)).toBe(true);
  expect(JSON.stringify(seen)).not.toMatch(/marzipan/i);
  // Calls that belong to no answer begin no trace.
  expect(seen.filter(({ parent, name }) => parent === null && name !== 'skein.answer')).toEqual([]);
});
