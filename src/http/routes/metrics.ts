import type { FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { requireAdmin, type Authenticate } from '../../auth/authenticate.ts'
import type { Family, Metrics } from '../../telemetry/metrics.ts'
import { PROMETHEUS_TYPE, toPrometheusText } from '../../telemetry/prometheus.ts'
import { problems } from '../problems/problem.ts'

/**
 * `/metrics`: metrics for Prometheus. A scraper on this machine needs no key; one from elsewhere, or behind a proxy,
 * needs an admin key.
 */
export function metricsRoutes({
  metrics,
  readTaskMetrics,
  authenticate,
}: {
  metrics: Metrics
  readTaskMetrics: () => Promise<Family[]>
  authenticate: Authenticate
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/metrics',
      {
        config: { quiet: true },
        schema: {
          operationId: 'metrics',
          tags: ['Health'],
          summary: 'Metrics in the Prometheus text format',
          description: 'No key is needed for direct requests from the same machine.',
          security: [{}, { apiKey: [] }],
          response: {
            200: { description: 'All metrics', content: { 'text/plain': { schema: z.string() } } },
            ...problems(401, 403, 503),
          },
        },
      },
      async (request, reply) => {
        if (!isFromHere(request)) requireAdmin(await authenticate(request))
        const families = [...metrics.read(), ...(await readTaskMetrics())]
        return reply.type(PROMETHEUS_TYPE).send(toPrometheusText(families))
      },
    )
    done()
  }
}

/** A proxy on this machine forwards requests from anywhere, and sets one of these headers. */
function isFromHere({ ip, headers }: FastifyRequest): boolean {
  const isLoopback = /^(127\.|::1$|::ffff:127\.)/.test(ip)
  return isLoopback && !('x-forwarded-for' in headers) && !('forwarded' in headers) && !('via' in headers)
}
