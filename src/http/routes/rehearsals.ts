import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { AgentConfig, AgentPatch } from '../../contract/agent.ts'
import { Id } from '../../contract/name.ts'
import {
  MAX_REHEARSED,
  Rehearsal,
  RehearsalList,
  RehearsalListQuery,
  RehearsalRequest,
  RehearsalStarted,
} from '../../contract/rehearsal.ts'
import type { Database } from '../../db/database.ts'
import { isId } from '../../db/id.ts'
import { BellwireError } from '../../errors.ts'
import type { RehearsalSelection, Rehearse } from '../../tasks/rehearsals/rehearse.ts'
import { findRehearsal, listRehearsals, type RehearsalRow } from '../../tasks/rehearsals/rehearsals.ts'
import { readReport } from '../../tasks/rehearsals/report.ts'
import { pointBelow } from '../plumbing/pointBelow.ts'
import { json } from '../openapi/responses.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { toTaskFilter } from '../plumbing/taskFilter.ts'
import { problems } from '../problems/problem.ts'

const AgentParams = z.object({ id: Id })

/** How many of the last tasks are rehearsed by default. */
const LAST = 10

/** `/api/agents/{id}/rehearse` and `/api/rehearsals`: what an agent would do. For operators. */
export function rehearsalRoutes({
  db,
  rehearse,
  readDraft,
}: {
  db: Database
  rehearse: Rehearse
  /** The latest revision of an agent with other fields. */
  readDraft: (agentId: string, patch: AgentPatch) => Promise<AgentConfig>
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.post(
      '/api/agents/:id/rehearse',
      {
        config: { exactNumbers: true },
        schema: {
          operationId: 'rehearse',
          tags: ['Agents'],
          summary: 'Rehearse: run tasks with simulated writes',
          description:
            'Runs the tasks that a webhook holds, the latest ones, one task, or a payload as new tasks on a draft or a ' +
            "revision. Reads are real; writes are answered from the original task's record or simulated, and never " +
            'made. Nothing is delivered. The report shows what would have been done.',
          params: AgentParams,
          body: RehearsalRequest.prefault({}),
          response: {
            201: json('The rehearsal', RehearsalStarted),
            ...problems(400, 404, 409, 413, 415, 422),
          },
        },
      },
      async ({ params, body }, reply) => {
        if (!isId(params.id)) throw new BellwireError('agent_not_found')
        const { id, taskIds } = await rehearse({
          agentId: params.id,
          selection: selectionOf(body),
          on:
            body.draft === undefined
              ? typeof body.revision === 'number'
                ? { revision: body.revision }
                : undefined
              : { draft: await pointBelow('/draft', readDraft(params.id, body.draft)) },
        })
        const rehearsal = show(await findRehearsal(db, id))
        return reply.code(201).send({ ...rehearsal, task_ids: taskIds })
      },
    )

    app.get(
      '/api/agents/:id/rehearsals',
      {
        schema: {
          operationId: 'listRehearsals',
          tags: ['Agents'],
          summary: 'List rehearsals of an agent, newest first',
          params: AgentParams,
          querystring: RehearsalListQuery,
          response: { 200: json('The rehearsals', RehearsalList), ...problems(404, 422) },
        },
      },
      async ({ params, query }) => {
        if (!isId(params.id)) throw new BellwireError('agent_not_found')
        return showPage(await listRehearsals(db, params.id, pageRequest(query)), show)
      },
    )

    app.get(
      '/api/rehearsals/:id',
      {
        schema: {
          operationId: 'getRehearsal',
          tags: ['Agents'],
          summary: 'Get the report of a rehearsal: what would have been done',
          params: AgentParams,
          response: { 200: json('The report', Rehearsal), ...problems(404) },
        },
      },
      async ({ params }) => {
        const { costUsd, writes, data, ...rehearsal } = await readReport(db, params.id)
        return { ...show(rehearsal), cost_usd: costUsd, writes, data }
      },
    )
    done()
  }
}

/** @throws BellwireError `webhook_not_found` for a malformed id */
function selectionOf(body: RehearsalRequest): RehearsalSelection {
  const { task_id: taskId, webhook_id: heldAt, filter = {}, last } = body
  if ('payload' in body) return { payload: body.payload }
  if (taskId !== undefined) return { taskId }
  if (heldAt === undefined) return { filter: toTaskFilter(filter), limit: last ?? LAST }
  if (!isId(heldAt)) throw new BellwireError('webhook_not_found')
  return { heldAt, limit: last ?? MAX_REHEARSED }
}

function show({ id, agentId, revision, draft, tasks, open, createdAt }: RehearsalRow) {
  return { id, agent_id: agentId, revision, draft, tasks, open, created_at: createdAt.toISOString() }
}
