import type { FastifyReply } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { etagOf, IfMatchHeaders, parseIfMatch } from '../../contract/ifMatch.ts'
import {
  DeleteProviderQuery,
  Provider,
  ProviderInput,
  ProviderList,
  ProviderName,
  ProviderTest,
  ProviderTestResult,
} from '../../contract/provider.ts'
import type { ModelProviders, StoredProvider } from '../../modelProviders/modelProviders.ts'
import { empty, json } from '../openapi/responses.ts'
import { problems } from '../problems/problem.ts'

const ProviderParams = z.object({ name: ProviderName })

/** An unknown name is not found, also when it is malformed. */
const KnownParams = z.object({ name: z.string() })

const PutHeaders = IfMatchHeaders.extend({
  'if-none-match': z.literal('*').optional().meta({
    description: '*: only create; if a provider with this name exists, the response is 412',
  }),
})

/** `/api/providers`: model providers, those of the environment and those added at run time. */
export function providerRoutes({
  providers,
  variablesOf,
  test,
}: {
  providers: ModelProviders
  /** The environment variables of a provider by its name. */
  variablesOf: (name: string) => readonly string[]
  /** Tests saved settings, or those given. */
  test: (name: string, request: ProviderTest) => Promise<ProviderTestResult>
}): FastifyPluginCallbackZod {
  function show({
    settings,
    hasKey,
    keyUpdatedAt,
    headers,
    version,
    createdAt,
    updatedAt,
    usedBy,
  }: StoredProvider): Provider {
    const { name, kind, source, baseUrl, schemaWithTools, images } = settings
    return {
      name,
      kind,
      source,
      variables: source === 'environment' ? [...variablesOf(name)] : [],
      base_url: baseUrl ?? null,
      api_key: { set: hasKey, updated_at: keyUpdatedAt?.toISOString() ?? null },
      headers,
      schema_with_tools: schemaWithTools ?? null,
      images: images ?? null,
      version,
      used_by: usedBy.map((user) => ({ agent_id: user.agentId, name: user.name })),
      created_at: createdAt?.toISOString() ?? null,
      updated_at: updatedAt?.toISOString() ?? null,
    }
  }

  function send(reply: FastifyReply, provider: StoredProvider): Provider {
    if (provider.version !== null) void reply.header('etag', etagOf(provider.version))
    return show(provider)
  }

  return (app, _options, done) => {
    app.get(
      '/api/providers',
      {
        schema: {
          operationId: 'listProviders',
          tags: ['Models'],
          summary: 'List model providers by name, with the agents that use them',
          description: 'Those configured in the environment are read-only. Keys are never returned.',
          response: { 200: json('All providers', ProviderList) },
        },
      },
      async () => ({ data: (await providers.list()).map(show) }),
    )

    app.get(
      '/api/providers/:name',
      {
        schema: {
          operationId: 'getProvider',
          tags: ['Models'],
          summary: 'Get a model provider',
          params: KnownParams,
          response: { 200: json('The provider without its key', Provider), ...problems(404) },
        },
      },
      async ({ params }, reply) => send(reply, await providers.get(params.name)),
    )

    app.put(
      '/api/providers/:name',
      {
        schema: {
          operationId: 'putProvider',
          tags: ['Models'],
          summary: 'Add a model provider, or replace its settings',
          description:
            'Models are then named NAME/MODEL. The key is encrypted and never returned. All processes use the change ' +
            'within two seconds. A saved key and saved header values are kept unless you send new ones; if the ' +
            'server changes, you must send them again. The base URL may be on this machine or in a private network.',
          params: ProviderParams,
          headers: PutHeaders,
          body: ProviderInput,
          response: {
            200: json('The provider', Provider),
            201: json('The new provider', Provider),
            ...problems(400, 409, 412, 413, 415, 422),
          },
        },
      },
      async ({ params, body, headers }, reply) => {
        const ifMatch = parseIfMatch(headers['if-match'])
        const { provider, created } = await providers.put(params.name, body, {
          ifMatch,
          ifNew: headers['if-none-match'] !== undefined,
        })
        return reply.code(created ? 201 : 200).send(send(reply, provider))
      },
    )

    app.delete(
      '/api/providers/:name',
      {
        schema: {
          operationId: 'deleteProvider',
          tags: ['Models'],
          summary: 'Delete a model provider',
          description: 'If agents use the provider, it is deleted only with in_use=delete.',
          params: KnownParams,
          querystring: DeleteProviderQuery,
          headers: IfMatchHeaders,
          response: { 204: empty('Deleted'), ...problems(404, 409, 412, 422) },
        },
      },
      async ({ params, query, headers }, reply) => {
        const ifMatch = parseIfMatch(headers['if-match'])
        await providers.delete(params.name, { inUse: query.in_use === 'delete', ifMatch })
        return reply.code(204).send()
      },
    )

    app.post(
      '/api/providers/:name/test',
      {
        schema: {
          operationId: 'testProvider',
          tags: ['Models'],
          summary: 'Test a model provider with real requests',
          description:
            'Lists its models. If the list does not need a key, it cannot verify the key: then the smallest ' +
            'possible call to a model follows, which may cost a fraction of a cent. "settings" are tested without ' +
            'saving them, with the saved key unless they contain another.',
          params: ProviderParams,
          body: ProviderTest.prefault({}),
          response: {
            200: json('What became of it', ProviderTestResult),
            ...problems(400, 404, 409, 413, 415, 422),
          },
        },
      },
      ({ params, body }) => test(params.name, body),
    )
    done()
  }
}
