import type { IncomingHttpHeaders } from 'node:http'
import { readBody, startHttpServer } from './httpServer.ts'

/** A span as it arrived, with its attributes as plain values. */
export type CollectedSpan = {
  name: string
  traceId: string
  spanId: string
  parentSpanId: string
  kind: number
  startMs: number
  endMs: number
  attributes: Record<string, unknown>
  /** 2 is an error. */
  status: number
}

export type TraceCollector = {
  /** Base URL, without `/v1/traces`. */
  url: string
  spans: CollectedSpan[]
  /** Headers and resource of each request. */
  requests: { path: string; headers: IncomingHttpHeaders; resource: Record<string, unknown> }[]
  /** Everything that arrived, as text. */
  text(): string
  reset(): void
  stop(): Promise<void>
}

type Attribute = {
  key: string
  value: {
    stringValue?: string
    intValue?: number | string
    doubleValue?: number
    boolValue?: boolean
    arrayValue?: { values: Attribute['value'][] }
  }
}
type Body = {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: {
      spans: {
        name: string
        traceId: string
        spanId: string
        parentSpanId?: string
        kind: number
        startTimeUnixNano: string
        endTimeUnixNano: string
        attributes: Attribute[]
        status: { code?: number }
      }[]
    }[]
  }[]
}

/** Starts a collector that takes spans as OTLP over HTTP in JSON. */
export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: CollectedSpan[] = []
  const requests: TraceCollector['requests'] = []
  let text = ''

  const server = await startHttpServer(async (request, response) => {
    const received = await readBody(request)
    text += received
    const body: Body = JSON.parse(received)
    for (const { resource, scopeSpans } of body.resourceSpans) {
      requests.push({
        path: request.url ?? '',
        headers: request.headers,
        resource: plain(resource.attributes),
      })
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        spans.push({
          name: span.name,
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId ?? '',
          kind: span.kind,
          startMs: Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
          endMs: Number(BigInt(span.endTimeUnixNano) / 1_000_000n),
          attributes: plain(span.attributes),
          status: span.status.code ?? 0,
        })
      }
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })

  return {
    url: server.origin,
    spans,
    requests,
    text: () => text,
    reset() {
      spans.length = 0
      requests.length = 0
      text = ''
    },
    stop: server.stop,
  }
}

function plain(attributes: Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]))
}

function valueOf(value: Attribute['value']): unknown {
  if (value.arrayValue) return value.arrayValue.values.map(valueOf)
  if (value.intValue !== undefined) return Number(value.intValue)
  return value.stringValue ?? value.doubleValue ?? value.boolValue
}
