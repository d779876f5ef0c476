import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Id } from '../../contract/name.ts'
import { HeldOutcome, HeldTasks } from '../../contract/webhook.ts'
import { BellwireError } from '../../errors.ts'
import type { HeldAt } from '../../tasks/heldTasks.ts'
import { json } from '../openapi/responses.ts'
import { problems } from '../problems/problem.ts'

/** `/api/webhooks/{id}/held/release|discard`: what becomes of tasks that wait at a webhook. */
export function heldTaskRoutes({
  findAgent,
  release,
  discard,
}: {
  /** The agent of a webhook, which may be deleted while it holds tasks. */
  findAgent: (webhookId: string) => Promise<string | undefined>
  /** Puts held tasks into the queue; gives their ids. */
  release: (held: HeldAt) => Promise<string[]>
  /** Cancels held tasks; gives their ids. */
  discard: (held: HeldAt) => Promise<string[]>
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    for (const { verb, settle, summary } of [
      { verb: 'release', settle: release, summary: 'Release held tasks so that they run' },
      { verb: 'discard', settle: discard, summary: 'Discard held tasks by cancelling them' },
    ]) {
      app.post(
        `/api/webhooks/:id/held/${verb}`,
        {
          schema: {
            operationId: `${verb}Held`,
            tags: ['Webhooks'],
            summary,
            params: z.object({ id: Id }),
            body: HeldTasks.prefault({}),
            response: { 200: json('The tasks', HeldOutcome), ...problems(400, 404, 413, 415, 422) },
          },
        },
        async ({ params, body }) => {
          const agentId = await findAgent(params.id)
          if (agentId === undefined) {
            throw new BellwireError('webhook_not_found', 'There is no webhook with this id.')
          }
          return { task_ids: await settle({ agentId, webhookId: params.id, taskIds: body.task_ids }) }
        },
      )
    }
    done()
  }
}
