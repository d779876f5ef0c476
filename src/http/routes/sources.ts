import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { SourceList } from '../../contract/source.ts'
import { describeSources } from '../../ingress/sources/describeSources.ts'
import { json } from '../openapi/responses.ts'

/** `/api/sources`: the senders that a webhook can verify. */
export function sourceRoutes(): FastifyPluginCallbackZod {
  const sources = { data: describeSources() }

  return (app, _options, done) => {
    app.get(
      '/api/sources',
      {
        schema: {
          operationId: 'listSources',
          tags: ['Webhooks'],
          summary: 'List the sources of webhooks',
          description: 'The values of `source`, with what to fill in and what to do at the sender.',
          response: { 200: json('All sources', SourceList) },
        },
      },
      () => sources,
    )
    done()
  }
}
