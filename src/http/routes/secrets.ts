import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Secrets } from '../../secrets/secrets.ts'
import { PageQuery, pageOf } from '../../contract/page.ts'
import { Secret, SecretName, SecretValue, SecretWithUse } from '../../contract/secret.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { problems } from '../problems/problem.ts'
import { empty, json } from '../openapi/responses.ts'

/** `/api/secrets`: values for tools. Write-only: their values are never returned. */
export function secretRoutes({
  secrets,
}: {
  secrets: Pick<Secrets, 'put' | 'list' | 'delete'>
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.put(
      '/api/secrets/:name',
      {
        schema: {
          operationId: 'putSecret',
          tags: ['Secrets'],
          summary: 'Save a secret',
          description: 'New runs use the new value.',
          params: z.object({ name: SecretName }),
          body: SecretValue,
          response: { 200: json('The secret without its value', Secret), ...problems(400, 413, 415, 422) },
        },
      },
      async ({ params, body }) => show(await secrets.put(params.name, body.value)),
    )

    app.get(
      '/api/secrets',
      {
        schema: {
          operationId: 'listSecrets',
          tags: ['Secrets'],
          summary: 'List secrets by name, with the agents that use them',
          querystring: PageQuery,
          response: { 200: json('A page of secrets', pageOf(SecretWithUse)), ...problems(422) },
        },
      },
      async ({ query }) => {
        const page = await secrets.list(pageRequest(query, SecretName))
        return showPage(page, ({ usedBy, ...secret }) => ({
          ...show(secret),
          used_by: usedBy.map(({ agentId, name }) => ({ agent_id: agentId, name })),
        }))
      },
    )

    app.delete(
      '/api/secrets/:name',
      {
        schema: {
          operationId: 'deleteSecret',
          tags: ['Secrets'],
          summary: 'Delete a secret',
          description: 'A secret in use can be deleted. Tools that use it fail until it is saved again.',
          params: z.object({ name: z.string() }),
          response: { 204: empty('Deleted'), ...problems(404) },
        },
      },
      async ({ params }, reply) => {
        await secrets.delete(params.name)
        return reply.code(204).send()
      },
    )
    done()
  }
}

function show({ name, createdAt, updatedAt }: { name: string; createdAt: Date; updatedAt: Date }): Secret {
  return { name, created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() }
}
