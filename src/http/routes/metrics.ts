import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Authenticate } from '../../auth/authenticate.ts'
import type { Family, Metrics } from '../../telemetry/metrics.ts'
import { PROMETHEUS_TYPE, toPrometheusText } from '../../telemetry/prometheus.ts'
import { admitOperator } from '../plumbing/operators.ts'
import { problems } from '../problems/problem.ts'

/**
 * `/metrics`: metrics for Prometheus. Needs an admin key, unless `authenticate` is left out: on a listener of its own.
 */
export function metricsRoutes({
  metrics,
  readTaskMetrics,
  authenticate,
}: {
  metrics: Metrics
  readTaskMetrics: () => Promise<Family[]>
  authenticate?: Authenticate
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
          description: 'With BELLWIRE_METRICS_PORT, also on that port, without a key.',
          security: [{ apiKey: [] }],
          response: {
            200: { description: 'All metrics', content: { 'text/plain': { schema: z.string() } } },
            ...problems(401, 403, 429, 503),
          },
        },
      },
      async (request, reply) => {
        if (authenticate) await admitOperator(request, authenticate)
        const families = [...metrics.read(), ...(await readTaskMetrics())]
        return reply.type(PROMETHEUS_TYPE).send(toPrometheusText(families))
      },
    )
    done()
  }
}
