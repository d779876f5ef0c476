/** The attributes of a span. Undefined ones are omitted. */
export type Attributes = Readonly<Record<string, string | number | boolean | string[] | undefined>>

/** A unit of work with a start and an end. Every method may be called at any time; calls after `end` have no effect. */
export type Span = {
  /** The W3C trace context for child spans; undefined when nothing is recorded. */
  readonly traceParent: string | undefined
  set(attributes: Attributes): void
  /** Marks the span as failed. `type` is a short identifier, such as an error code; never a message. */
  fail(type: string): void
  end(at?: Date): void
}

export type SpanStart = {
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  /** The W3C trace context of the parent; without it a new trace starts. */
  parent?: string | undefined
  attributes?: Attributes
  /** Start time; now if absent. */
  at?: Date
}

/** Where spans go. */
export type Tracer = {
  /** Whether anything is recorded: if not, work that only serves spans can be skipped. */
  readonly isOff: boolean
  /** Whether prompts, answers, arguments and results may be included in spans. */
  readonly withContents: boolean
  start(name: string, options: SpanStart): Span
  /** Sends the remaining spans. Can be called twice. */
  stop(): Promise<void>
}

const noSpan: Span = { traceParent: undefined, set: () => {}, fail: () => {}, end: () => {} }

/** Records nothing. */
export const noTracer: Tracer = {
  isOff: true,
  withContents: false,
  start: () => noSpan,
  stop: () => Promise.resolve(),
}

export type TracingOptions = {
  /** Base URL of a collector that takes OTLP over HTTP; no spans without it. */
  endpoint: string | undefined
  headers: Readonly<Record<string, string>>
  serviceName: string
  serviceVersion: string
  withContents: boolean
}
