import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { AgentConfig, AgentPatch } from '../../contract/agent.ts'
import { ReplayAnswer, ReplayManyAnswer, ReplayManyRequest, ReplayRequest } from '../../contract/replay.ts'
import { isId } from '../../db/id.ts'
import { BellwireError } from '../../errors.ts'
import { readIdempotencyKey } from '../../ingress/idempotencyKey.ts'
import { dedupeKey } from '../../tasks/dedupeKey.ts'
import type { ReplayRevision } from '../../tasks/replay/planReplay.ts'
import type { Replays } from '../../tasks/replay/replays.ts'
import { operatorOf } from '../plumbing/operators.ts'
import { pointBelow } from '../plumbing/pointBelow.ts'
import { json } from '../openapi/responses.ts'
import { checkAgentId } from '../plumbing/checkAgentId.ts'
import { problems } from '../problems/problem.ts'

const TaskParams = z.object({ id: z.string() })

/** Marks an answer that repeats an earlier one. */
const REPLAYED = 'idempotency-replayed'

/** `/api/tasks/{id}/replay` and `/api/tasks/replay`: tasks are run again, as new tasks. */
export function replayRoutes({
  replays,
  readAgentOf,
  readDraft,
}: {
  replays: Replays
  /** The agent of a task; throws BellwireError `task_not_found`. */
  readAgentOf: (taskId: string) => Promise<string>
  /** The latest revision of an agent with other fields. */
  readDraft: (agentId: string, patch: AgentPatch) => Promise<AgentConfig>
}): FastifyPluginCallbackZod {
  /** What a repeated request is recognized by: who sends it, its key, and what it says. */
  function requestKeyOf(request: FastifyRequest, about: string): string | undefined {
    const key = readIdempotencyKey(request.headers['idempotency-key'])
    if (key === undefined) return undefined
    const { userId, keyId } = operatorOf(request)
    const body = createHash('sha256').update(JSON.stringify(request.body)).digest('hex')
    return dedupeKey({ entrance: [userId ?? keyId ?? ''], kind: 'replay', text: `${key}\n${about}\n${body}` })
  }

  async function revisionOf(
    wanted: ReplayRequest['revision'],
    findAgent: () => string | Promise<string>,
  ): Promise<ReplayRevision> {
    if (typeof wanted === 'string') return wanted
    const [pointer, patch] = 'draft' in wanted ? ['/revision/draft', wanted.draft] : ['/revision', wanted]
    return { draft: await pointBelow(pointer, readDraft(await findAgent(), patch)) }
  }

  return (app, _options, done) => {
    app.post(
      '/api/tasks/:id/replay',
      {
        schema: {
          operationId: 'replayTask',
          tags: ['Tasks'],
          summary: 'Replay a task',
          description:
            'Starts a new task with the payload and the request of this one, which does not change. "writes" sets how ' +
            'calls that change something are handled. With an Idempotency-Key, a repeated request returns the same task.',
          params: TaskParams,
          body: ReplayRequest.prefault({}),
          response: { 200: json('The new task', ReplayAnswer), ...problems(400, 404, 409, 413, 415, 422) },
        },
      },
      async (request, reply) => {
        const { params, body } = request
        const requestKey = requestKeyOf(request, params.id)
        const revision = await revisionOf(body.revision, () => readAgentOf(params.id))
        const { taskId, repeated, ...replayed } = await replays.replay(params.id, {
          revision,
          writes: body.writes,
          requestKey,
        })
        if (repeated) reply.header(REPLAYED, 'true')
        return {
          success: true as const,
          task_id: taskId,
          replay_of: replayed.replayOf,
          revision: replayed.revision,
          writes: replayed.writes,
        }
      },
    )

    app.post(
      '/api/tasks/replay',
      {
        schema: {
          operationId: 'replayTasks',
          tags: ['Tasks'],
          summary: 'Replay all tasks that match a filter',
          description:
            'Oldest first. Tasks that have been replayed are left out: their replays match in their place. Send an ' +
            'Idempotency-Key so that a repeated request replays no task twice.',
          body: ReplayManyRequest,
          response: {
            200: json('The new tasks', ReplayManyAnswer),
            ...problems(400, 404, 409, 413, 415, 422),
          },
        },
      },
      async (request) => {
        const { filter, limit, writes, revision: wanted } = request.body
        checkAgentId(filter)
        if (filter.webhook_id !== undefined && !isId(filter.webhook_id)) {
          throw new BellwireError('webhook_not_found', 'No webhook has the id in "filter.webhook_id".')
        }
        const revision = await revisionOf(wanted, () => agentOf(filter))
        const outcome = await replays.replayMany(
          { filter, limit },
          { revision, writes, requestKey: requestKeyOf(request, '') },
        )
        return {
          success: true as const,
          task_ids: outcome.taskIds,
          skipped: outcome.skipped.map(({ taskId, ...why }) => ({ task_id: taskId, ...why })),
          more: outcome.more,
        }
      },
    )
    done()
  }
}

/** @throws BellwireError `schema_invalid` */
function agentOf({ agent_id: id }: { agent_id?: string | undefined }): string {
  if (id !== undefined) return id
  throw new BellwireError('schema_invalid', 'A draft belongs to one agent.', {
    errors: [{ pointer: '/filter/agent_id', detail: 'is required with a draft as "revision"' }],
  })
}
