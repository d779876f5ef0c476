import type { FastifyInstance } from 'fastify'
import type { Span, Tracer } from '../../telemetry/tracing.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The trace context of this request's span, for its child spans; undefined when tracing is off. */
    traceParent: string | undefined
  }
}

/**
 * Creates a span for each request, as a child of the one in `traceparent`. Requests that monitors send every few
 * seconds are excluded.
 */
export function traceRequests(app: FastifyInstance, tracer: Tracer): void {
  app.decorateRequest('traceParent', undefined)
  if (tracer.isOff) return
  const spans = new WeakMap<object, Span>()

  app.addHook('onRequest', (request, _reply, done) => {
    const { url: route, config } = request.routeOptions
    if (route !== undefined && !config.quiet) {
      const { traceparent: parent } = request.headers
      const span = tracer.start(`${request.method} ${route}`, {
        kind: 'server',
        parent: typeof parent === 'string' ? parent : undefined,
        attributes: {
          'http.request.method': request.method,
          'http.route': route,
          'url.scheme': request.protocol,
          'bellwire.request.id': request.id,
        },
      })
      request.traceParent = span.traceParent
      spans.set(request, span)
    }
    done()
  })

  app.addHook('onResponse', (request, reply, done) => {
    const span = spans.get(request)
    span?.set({ 'http.response.status_code': reply.statusCode })
    if (reply.statusCode >= 500) span?.fail(String(reply.statusCode))
    span?.end()
    done()
  })
}
