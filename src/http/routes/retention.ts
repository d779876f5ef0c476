import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { Retention } from '../../contract/retention.ts'
import { json } from '../openapi/responses.ts'

/** `/api/retention`: how long what is stored is kept. */
export function retentionRoutes({
  readRetention,
}: {
  readRetention: () => Promise<Retention['data']>
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/retention',
      {
        schema: {
          operationId: 'getRetention',
          tags: ['Usage'],
          summary: 'Get how long data is kept, and how much is stored now',
          description: 'Times are set by environment variables, and change with a restart.',
          response: { 200: json('What is kept', Retention) },
        },
      },
      async () => ({ data: await readRetention() }),
    )
    done()
  }
}
