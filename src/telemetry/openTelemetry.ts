import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
  type Context,
  type SpanContext,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Attributes, SpanStart, Tracer, TracingOptions } from './tracing.ts'

/** How long spans are collected before they are sent. */
const GATHER_MS = 1_000

/** How long a stopping process waits for a collector. */
const FLUSH_WITHIN_MS = 3_000

/** Maximum characters of an attribute: prompts can be long. */
const MAX_VALUE = 16_384

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
}

/**
 * Sends spans to a collector, as JSON over HTTP (OTLP). If the collector is unavailable, only spans are lost. Nothing
 * global is changed: other users of OpenTelemetry in this process are not affected.
 */
export function createOpenTelemetry(options: TracingOptions & { endpoint: string }): Tracer {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.serviceName,
      'service.version': options.serviceVersion,
    }),
    spanLimits: { attributeValueLengthLimit: MAX_VALUE },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({
          url: `${options.endpoint}/v1/traces`,
          headers: { ...options.headers },
        }),
        scheduledDelayMillis: GATHER_MS,
        maxQueueSize: 8_192,
      }),
    ],
  })
  const tracer = provider.getTracer('bellwire', options.serviceVersion)
  let stopping: Promise<void> | undefined

  return {
    isOff: false,
    withContents: options.withContents,

    start(name, { kind, parent, attributes, at }: SpanStart) {
      const span = tracer.startSpan(
        name,
        {
          kind: KINDS[kind],
          ...(attributes ? { attributes: defined(attributes) } : {}),
          ...(at ? { startTime: at } : {}),
        },
        contextOf(parent),
      )
      return {
        traceParent: toTraceParent(span.spanContext()),
        set: (more) => void span.setAttributes(defined(more)),
        fail(type) {
          span.setAttribute('error.type', type)
          span.setStatus({ code: SpanStatusCode.ERROR })
        },
        end: (endedAt) => span.end(endedAt),
      }
    },

    stop: () => (stopping ??= within(FLUSH_WITHIN_MS, provider.shutdown())),
  }
}

/** `00-TRACE-SPAN-FLAGS`, as defined by the W3C recommendation "Trace Context". */
const TRACE_PARENT = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})/

function contextOf(traceParent: string | undefined): Context {
  const [, traceId, spanId, flags] = TRACE_PARENT.exec(traceParent ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
}

function toTraceParent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

function defined(attributes: Attributes): Record<string, string | number | boolean | string[]> {
  const entries = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return Object.fromEntries(entries)
}

/** Waits for work, at most `ms`, and ignores its failure. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))
  await Promise.race([work.catch(() => {}), late])
  clearTimeout(timer)
}
