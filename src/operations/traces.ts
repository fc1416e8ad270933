import { type Attributes, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/**
 * Spans for those who preload an SDK of OpenTelemetry; without one none of this does anything (`@opentelemetry/api`,
 * "no-op"). Attributes are ids, names and numbers: never words.
 */
interface Spanned {
  /** Milliseconds since the epoch; absent: now. */
  readonly since?: number;
  readonly attributes?: Attributes;
  /** A call to somebody else. */
  readonly client?: boolean;
  /** Only inside another span: a call that belongs to no answer makes no trace of its own. */
  readonly inside?: boolean;
}

/** Runs `work` in a span, which ends with it; what it throws is noted by name and thrown. */
export async function spanned<T>(
  name: string,
  { since, attributes = {}, client = false, inside = false }: Spanned,
  work: () => Promise<T>,
): Promise<T> {
  if (inside && trace.getActiveSpan() === undefined) return work();
  const options = {
    kind: client ? SpanKind.CLIENT : SpanKind.INTERNAL,
    attributes,
    ...(since === undefined ? {} : { startTime: since }),
  };
  return trace.getTracer('skein').startActiveSpan(name, options, async (span) => {
    try {
      return await work();
    } catch (thrown) {
      failed(span, thrown);
      throw thrown;
    } finally {
      span.end();
    }
  });
}

/** A span of what is over: from then until now. */
export function past(name: string, since: number, until: number): void {
  if (trace.getActiveSpan() === undefined) return;
  trace.getTracer('skein').startSpan(name, { startTime: since }).end(until);
}

/** Adds to the span that is open here, if one is. */
export function noted(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes);
}

/** Messages of errors may hold words; their names and codes do not. */
function failed(span: Span, thrown: unknown): void {
  const error = thrown instanceof Error ? thrown : null;
  const code = error !== null && 'code' in error ? String(error.code) : (error?.name ?? 'unknown');
  span.setStatus({ code: SpanStatusCode.ERROR, message: code });
}
