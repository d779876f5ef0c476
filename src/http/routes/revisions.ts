import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Agents } from '../../agents/agents.ts'
import type { Revision as StoredRevision } from '../../agents/revisions.ts'
import type { RevisionRuns as CountedRuns } from '../../agents/revisionRuns.ts'
import { Agent, Revision, RevisionRuns } from '../../contract/agent.ts'
import { etagOf, IfMatchHeaders, parseIfMatch } from '../../contract/ifMatch.ts'
import { Id } from '../../contract/name.ts'
import { PageQuery, pageOf } from '../../contract/page.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { actorOf } from '../plumbing/operators.ts'
import { showAgent } from '../plumbing/showAgent.ts'
import { problems } from '../problems/problem.ts'
import { json } from '../openapi/responses.ts'

/** The content of a cursor here: the number of a revision. */
const RevisionNumber = z.string().regex(/^[1-9]\d{0,8}$/)

const AgentParams = z.object({ id: Id })
const RevisionParams = z.object({ id: Id, revision: z.coerce.number().int().min(1).max(999_999_999) })

/** `/api/agents/{id}/revisions`: the history of an agent's configuration, and the way back. */
export function revisionRoutes({
  agents,
  readRuns,
}: {
  agents: Pick<Agents, 'get' | 'revisions' | 'revision' | 'restore'>
  readRuns: (agentId: string) => Promise<CountedRuns>
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/agents/:id/revisions',
      {
        schema: {
          operationId: 'listRevisions',
          tags: ['Agents'],
          summary: 'List the revisions of an agent, newest first',
          params: AgentParams,
          querystring: PageQuery,
          response: { 200: json('A page of revisions', pageOf(Revision)), ...problems(404, 422) },
        },
      },
      async ({ params, query }) =>
        showPage(await agents.revisions(params.id, pageRequest(query, RevisionNumber)), showRevision),
    )

    app.get(
      '/api/agents/:id/revisions/:revision',
      {
        schema: {
          operationId: 'getRevision',
          tags: ['Agents'],
          summary: 'Get a revision of an agent',
          params: RevisionParams,
          response: { 200: json('The revision', Revision), ...problems(404, 422) },
        },
      },
      async ({ params }) => showRevision(await agents.revision(params.id, params.revision)),
    )

    app.post(
      '/api/agents/:id/revisions/:revision/restore',
      {
        schema: {
          operationId: 'restoreRevision',
          tags: ['Agents'],
          summary: 'Return to a revision',
          description:
            'Creates a new revision that is equal to this one, with its imported tool definitions. Like any change it ' +
            'is refused if it is no longer valid, for example because its model or a secret is gone. Nothing is created ' +
            'if the agent is equal to the revision already.',
          params: RevisionParams,
          headers: IfMatchHeaders,
          response: {
            200: json('The latest revision of the agent', Agent),
            ...problems(404, 412, 422),
          },
        },
      },
      async (request, reply) => {
        const { params, headers } = request
        const match = parseIfMatch(headers['if-match'])
        const agent = await agents.restore(params.id, params.revision, match, actorOf(request))
        void reply.header('etag', etagOf(agent.revision))
        return showAgent(agent)
      },
    )

    app.get(
      '/api/agents/:id/revision_runs',
      {
        schema: {
          operationId: 'getRevisionRuns',
          tags: ['Agents'],
          summary: 'Count the tasks of each revision',
          description:
            "Of the agent's latest 10,000 tasks: how many ran on each revision, how many succeeded and failed, and what " +
            'they cost. Rehearsals are not counted.',
          params: AgentParams,
          response: { 200: json('Tasks by revision, newest first', RevisionRuns), ...problems(404) },
        },
      },
      async ({ params }) => {
        await agents.get(params.id)
        const { counted, isComplete, revisions } = await readRuns(params.id)
        return {
          counted,
          is_complete: isComplete,
          revisions: revisions.map(({ costUsd, lastTaskAt, ...runs }) => ({
            ...runs,
            cost_usd: costUsd,
            last_task_at: lastTaskAt.toISOString(),
          })),
        }
      },
    )
    done()
  }
}

function showRevision({ agentId, createdAt, ...revision }: StoredRevision): Revision {
  return { agent_id: agentId, ...revision, created_at: createdAt.toISOString() }
}
