/** What a span says of itself. Undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | string[] | undefined>>

/** A piece of work with a beginning and an end. Every method may be called at any time; after `end` none counts. */
export type Span = {
  /** The W3C trace context that work below this span begins with; undefined when nothing is recorded. */
  readonly traceParent: string | undefined
  set(attributes: Attributes): void
  /** Marks the span as failed. `type` is one of few words, such as an error code; never a message. */
  fail(type: string): void
  end(at?: Date): void
}

export type SpanStart = {
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  /** The W3C trace context of the work above; without it a trace begins. */
  parent?: string | undefined
  attributes?: Attributes
  /** When it began; now when absent. */
  at?: Date
}

/** Where spans go. */
export type Tracer = {
  /** Nothing is recorded: what only serves spans can be spared. */
  readonly isOff: boolean
  /** Whether prompts, answers, arguments and results may stand in spans. */
  readonly withContents: boolean
  start(name: string, options: SpanStart): Span
  /** Sends what is left. Safe twice. */
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
