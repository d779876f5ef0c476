import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { CancelAnswer } from '../../contract/trigger.ts'
import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { BellwireError } from '../../errors.ts'
import { cancelTask } from '../../tasks/cancel.ts'
import type { TaskFeed } from '../../tasks/follow/taskFeed.ts'
import type { TaskStatuses } from '../../tasks/views/statuses.ts'
import { isId } from '../../db/id.ts'
import type { AdmitToTask } from '../plumbing/admitToTask.ts'
import { confirmPage } from '../pages/confirmPage.ts'
import { problems } from '../problems/problem.ts'
import type { FollowerLimit } from '../plumbing/followerLimit.ts'
import { followTask } from '../plumbing/followTask.ts'

const TaskParams = z.object({ id: z.string() })
const LinkQuery = z.object({
  key: z.string().optional().meta({ description: "The key from the trigger's links, instead of an API key" }),
})

/** The links of a trigger response: following a task and cancelling it. */
export function taskLinkRoutes({
  db,
  statuses,
  signals,
  taskFeed,
  followerLimit,
  admit,
}: {
  db: Database
  statuses: TaskStatuses
  signals: Signals
  taskFeed: TaskFeed
  followerLimit: FollowerLimit
  admit: AdmitToTask
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/tasks/:id/events',
      {
        config: { crossOrigin: true },
        schema: {
          operationId: 'followTask',
          tags: ['Tasks'],
          summary: 'Follow a task as server-sent events',
          description:
            'Events with an id are stored: state (its data contains state), step and approval. Last-Event-ID: 0 replays ' +
            'all of them. Events without an id carry text, in order with the others: model_call marks the start or restart ' +
            'of the text of its step; answer and thought are pieces of it. With continues, a step continues the answer of ' +
            'the step before. The stream ends when the task ends.',
          security: [{ apiKey: [] }, { taskLink: [] }],
          params: TaskParams,
          querystring: LinkQuery,
          response: { 204: z.null(), ...problems(401, 403, 404, 429, 503) },
        },
      },
      async (request, reply) => {
        const { id } = request.params
        const { key } = request.query
        const check = () => admit(request, 'events', id, key)
        await check()
        // Before anything is read: a request refused here costs the database nothing.
        const leave = followerLimit.enter(request.ip, key === undefined ? undefined : id)
        try {
          const after = Number(request.headers['last-event-id'] ?? 0)
          let page = await taskFeed.read(id, isCount(after) ? after : 0)
          if (!page) throw new BellwireError('task_not_found')
          // An unknown event id replays all events.
          const last = isCount(after) && after <= page.newest ? after : 0
          if (last !== after) page = await taskFeed.read(id, last)
          // No more events will come: 204 tells the client not to reconnect.
          if (page?.ended && page.events.length === 0) {
            leave()
            return await reply.code(204).send(null)
          }
          const recheck = key === undefined ? check : undefined
          followTask({ taskFeed, taskId: id, after: last, request, reply, recheck, onClose: leave })
        } catch (error) {
          leave()
          throw error
        }
        return reply
      },
    )

    // Link previews ask like this: there is nothing to stream, and nothing to hold.
    app.head(
      '/api/tasks/:id/events',
      {
        config: { crossOrigin: true },
        schema: { hide: true, params: TaskParams, querystring: LinkQuery },
      },
      async (request, reply) => {
        const { id } = request.params
        await admit(request, 'events', id, request.query.key)
        if (!(await statuses.read(id))) throw new BellwireError('task_not_found')
        return reply.type('text/event-stream; charset=utf-8').send()
      },
    )

    app.post(
      '/api/tasks/:id/cancel',
      {
        config: { crossOrigin: true },
        preHandler: (request) => admit(request, 'cancel', request.params.id, request.query.key),
        schema: {
          operationId: 'cancelTask',
          tags: ['Tasks'],
          summary: 'Cancel a task that has not ended',
          security: [{ apiKey: [] }, { taskLink: [] }],
          params: TaskParams,
          querystring: LinkQuery,
          response: { 200: CancelAnswer, ...problems(401, 403, 404, 409, 503) },
        },
      },
      async (request) => {
        const { id } = request.params
        if (!isId(id)) throw new BellwireError('task_not_found')
        const { state } = await cancelTask({ db, signals }, id)
        if (state !== 'CANCELLED') {
          throw new BellwireError('conflict', `The task has already ended: ${state}.`, {
            extensions: { state },
          })
        }
        return { task_id: id, state }
      },
    )

    app.get(
      '/api/tasks/:id/cancel',
      {
        config: { crossOrigin: true },
        exposeHeadRoute: true,
        schema: {
          operationId: 'askToCancelTask',
          tags: ['Tasks'],
          summary: 'Show a confirmation page for cancelling; changes nothing',
          security: [{ taskLink: [] }],
          params: TaskParams,
          querystring: LinkQuery,
          produces: ['text/html'],
          response: { 200: z.string(), ...problems(401, 403, 404, 503) },
        },
      },
      async (request, reply) => {
        await admit(request, 'cancel', request.params.id, request.query.key)
        const status = await statuses.read(request.params.id)
        if (!status) throw new BellwireError('task_not_found')
        return confirmPage(reply, request.params.id, status.state)
      },
    )
    done()
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < 2 ** 31
}
