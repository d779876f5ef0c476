import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Agents } from '../../agents/agents.ts'
import { Revision } from '../../contract/agent.ts'
import { Id } from '../../contract/name.ts'
import { PageQuery, pageOf } from '../../contract/page.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { problems } from '../problems/problem.ts'
import { json } from '../openapi/responses.ts'

/** The content of a cursor here: the number of a revision. */
const RevisionNumber = z.string().regex(/^[1-9]\d{0,8}$/)

/** `/api/agents/{id}/revisions`: the history of an agent's configuration. */
export function revisionRoutes({ agents }: { agents: Pick<Agents, 'revisions'> }): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/agents/:id/revisions',
      {
        schema: {
          operationId: 'listRevisions',
          tags: ['Agents'],
          summary: 'List the revisions of an agent, newest first',
          params: z.object({ id: Id }),
          querystring: PageQuery,
          response: { 200: json('A page of revisions', pageOf(Revision)), ...problems(404, 422) },
        },
      },
      async ({ params, query }) => {
        const page = await agents.revisions(params.id, pageRequest(query, RevisionNumber))
        return showPage(page, ({ agentId, revision, config, author, createdAt }) => ({
          agent_id: agentId,
          revision,
          config,
          author,
          created_at: createdAt.toISOString(),
        }))
      },
    )
    done()
  }
}
