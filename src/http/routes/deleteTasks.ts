import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { DeleteByValue, DeletionReceipt } from '../../contract/taskDeletion.ts'
import type { Database } from '../../db/database.ts'
import { deleteByValue } from '../../tasks/deleteByValue.ts'
import { deleteTask } from '../../tasks/deleteTasks.ts'
import { empty } from '../openapi/responses.ts'
import { checkAgentId } from '../plumbing/checkAgentId.ts'
import { pageRequest, showCursor } from '../plumbing/cursor.ts'
import { problems } from '../problems/problem.ts'

/** Deletes tasks with everything that is known of them. For operators. */
export function deleteTaskRoutes({ db }: { db: Database }): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.delete(
      '/api/tasks/:id',
      {
        schema: {
          operationId: 'deleteTask',
          tags: ['Tasks'],
          summary: 'Delete a task that has ended, with its payload, steps, result and approvals',
          params: z.object({ id: z.string() }),
          response: { 204: empty('The task was deleted'), ...problems(404, 409) },
        },
      },
      async ({ params }, reply) => {
        await deleteTask(db, params.id)
        return reply.code(204).send()
      },
    )

    app.post(
      '/api/tasks/delete',
      {
        // Ids may have more digits than a JavaScript number.
        config: { exactNumbers: true },
        schema: {
          operationId: 'deleteTasksByValue',
          tags: ['Tasks'],
          summary: 'Delete all tasks whose payload has a given value at a given pointer',
          description:
            'Searches newest first, for ten seconds or until a thousand tasks are found. Send the request again with ' +
            'next_cursor until that is null. Tasks that have not ended are kept, and listed in not_ended.',
          body: DeleteByValue,
          response: { 200: DeletionReceipt, ...problems(400, 404, 422) },
        },
      },
      async ({ body }) => {
        checkAgentId(body)
        const { after: before } = pageRequest({ limit: 1, cursor: body.cursor }, undefined, '/cursor')
        const { pointer, value, agent_id: agentId } = body
        const receipt = await deleteByValue(db, { pointer, value, agentId, before })
        return {
          deleted: receipt.deleted.length,
          task_ids: receipt.deleted,
          not_ended: receipt.kept,
          searched_from: receipt.searchedFrom.toISOString(),
          searched_back_to: receipt.searchedBackTo?.toISOString() ?? null,
          next_cursor: showCursor(receipt.next),
        }
      },
    )

    done()
  }
}
