import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { ApiKey as StoredKey, Keys, NewKey } from '../../auth/keys.ts'
import { ApiKey, CreatedApiKey, NewApiKey } from '../../contract/apiKey.ts'
import { Id } from '../../contract/name.ts'
import { PageQuery, pageOf } from '../../contract/page.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { problems } from '../problems/problem.ts'
import { empty, json } from '../openapi/responses.ts'

/** `/api/api_keys`: keys and their permissions. */
export function apiKeyRoutes({
  keys,
}: {
  keys: Pick<Keys, 'create' | 'list' | 'delete'>
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.post(
      '/api/api_keys',
      {
        schema: {
          operationId: 'createApiKey',
          tags: ['API keys'],
          summary: 'Create an API key',
          description:
            'An admin key may do what its role allows, by default everything; an agent key can only ask its agent. The key is shown once.',
          body: NewApiKey,
          response: { 201: json('The new key', CreatedApiKey), ...problems(400, 404, 413, 415, 422) },
        },
      },
      async ({ body }, reply) => {
        const { key, ...stored } = await keys.create(wanted(body))
        return reply.code(201).send({ ...show(stored), key })
      },
    )

    app.get(
      '/api/api_keys',
      {
        schema: {
          operationId: 'listApiKeys',
          tags: ['API keys'],
          summary: 'List API keys, newest first',
          querystring: PageQuery,
          response: { 200: json('A page of keys', pageOf(ApiKey)), ...problems(422) },
        },
      },
      async ({ query }) => showPage(await keys.list(pageRequest(query)), show),
    )

    app.delete(
      '/api/api_keys/:id',
      {
        schema: {
          operationId: 'deleteApiKey',
          tags: ['API keys'],
          summary: 'Delete an API key',
          description:
            'It stops working immediately, as do sessions opened with it. The last admin key with the role owner cannot be deleted.',
          params: z.object({ id: Id }),
          response: { 204: empty('Deleted'), ...problems(404, 409) },
        },
      },
      async ({ params }, reply) => {
        await keys.delete(params.id)
        return reply.code(204).send()
      },
    )
    done()
  }
}

function wanted(body: NewApiKey): NewKey {
  const { name } = body
  return body.scope === 'agent'
    ? { name, scope: 'agent', agentId: body.agent_id }
    : { name, scope: 'admin', role: body.role }
}

function show({ id, name, scope, role, agentId, hint, createdAt }: StoredKey): ApiKey {
  return { id, name, scope, role, agent_id: agentId, hint, created_at: createdAt.toISOString() }
}
