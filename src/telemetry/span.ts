import {
  type Attributes,
  context,
  createContextKey,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/**
 * What a span may say: which route, command, job or call it was, and how it ended. Never an address's query, a body, what a
 * person typed or an error's words, any of which may hold a secret; those that are not secret are in the log, which has the
 * trace's id.
 */
export type Facts = Record<string, string | number>;

export type SpanPart = 'serves' | 'asks' | 'does';

const kinds: Record<SpanPart, SpanKind> = {
  serves: SpanKind.SERVER,
  asks: SpanKind.CLIENT,
  does: SpanKind.INTERNAL,
};

const subjectKey = createContextKey('what it is about');

/** What work is about, by which everything that was done for one request can be found: R-1001 or B-12. */
const subjectOf = (data: object): Attributes | undefined => {
  const { requestId, batchId } = data as { requestId?: string; batchId?: string };
  if (requestId !== undefined) return { 'teammate.request': `R-${requestId}` };
  return batchId === undefined ? undefined : { 'teammate.batch': `B-${batchId}` };
};

/**
 * Does some work as a span, which costs next to nothing while nobody listens (azure.ts starts the listening). Spans within it
 * are about the same request.
 */
export function inSpan<T>(
  name: string,
  part: SpanPart,
  facts: Facts,
  work: (tell: (facts: Facts) => void) => Promise<T>,
) {
  const about = context.active().getValue(subjectKey) as Attributes | undefined;
  const options = { kind: kinds[part], attributes: { ...facts, ...about } };
  return trace.getTracer('teammate-bot').startActiveSpan(name, options, async (span: Span): Promise<T> => {
    try {
      return await work((more) => span.setAttributes(more));
    } catch (error) {
      span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Says on the span that is under way what it is about, and on all that begin within `work`. */
export function about<T>(data: object, work: () => Promise<T>): Promise<T> {
  const subject = subjectOf(data);
  if (!subject) return work();
  trace.getActiveSpan()?.setAttributes(subject);
  return context.with(context.active().setValue(subjectKey, subject), work);
}

/** Says more of the span that is under way. */
export const tell = (facts: Facts): unknown => trace.getActiveSpan()?.setAttributes(facts);

/** Begins a trace of its own: what is to be done a day later would else make one trace of a request's whole life. */
export const apart = <T>(work: () => Promise<T>): Promise<T> => context.with(trace.deleteSpan(context.active()), work);

/** What a line of the log says of the span it was written in, to find the one by the other. */
export function traceIds(): { trace?: string; span?: string } {
  const active = trace.getActiveSpan()?.spanContext();
  return active ? { trace: active.traceId, span: active.spanId } : {};
}
