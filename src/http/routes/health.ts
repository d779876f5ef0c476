import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { BellwireError } from '../../errors.ts'
import { problems } from '../problems/problem.ts'
import { json } from '../openapi/responses.ts'

const Health = z.object({ status: z.literal('ok') })

/** How long the database may take to respond. */
const WITHIN_MS = 2_000

/**
 * `/healthz`: this process is alive. `/readyz`: it can accept work.
 *
 * @param parts.isReady whether the database has the schema of this program; rejects when it is unavailable
 */
export function healthRoutes({ isReady }: { isReady: () => Promise<boolean> }): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    // Monitors often use HEAD.
    for (const method of ['GET', 'HEAD'] as const) {
      app.route({
        method,
        url: '/healthz',
        config: { quiet: true, whileClosing: true },
        schema: {
          ...(method === 'GET' ? { operationId: 'healthz' } : { hide: true }),
          tags: ['Health'],
          summary: 'Liveness check',
          security: [],
          response: { 200: json('The process is alive', Health) },
        },
        handler: () => ({ status: 'ok' as const }),
      })
      app.route({
        method,
        url: '/readyz',
        config: { quiet: true },
        schema: {
          ...(method === 'GET' ? { operationId: 'readyz' } : { hide: true }),
          tags: ['Health'],
          summary: 'Readiness check',
          security: [],
          response: { 200: json('The server can accept requests', Health), ...problems(503) },
        },
        async handler() {
          if (await within(WITHIN_MS, isReady())) return { status: 'ok' as const }
          throw new BellwireError(
            'database_unavailable',
            'The database schema does not match this version of Bellwire.',
            {
              retryAfter: 5,
            },
          )
        },
      })
    }
    done()
  }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new BellwireError('database_unavailable', 'The database does not respond.', {
      retryAfter: 5,
    })
    timer = setTimeout(() => reject(error), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
