import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { CancelAnswer } from '../../contract/trigger.ts'
import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { BellwireError } from '../../errors.ts'
import { cancelTask } from '../../tasks/cancel.ts'
import type { TaskFeed } from '../../tasks/follow/taskFeed.ts'
import { newestEvent, readEvents } from '../../tasks/views/queries.ts'
import type { TaskStatuses } from '../../tasks/views/statuses.ts'
import { isId } from '../../db/id.ts'
import { hasEnded } from '../../tasks/follow/waitForEnd.ts'
import type { AdmitToTask } from '../plumbing/admitToTask.ts'
import { confirmPage } from '../plumbing/confirmPage.ts'
import { problems } from '../problems/problem.ts'
import { openEventStream } from '../plumbing/sse.ts'

const TaskParams = z.object({ id: z.string() })
const LinkQuery = z.object({
  key: z.string().optional().meta({ description: "The key from the trigger's links, instead of an API key" }),
})

/** What the links of a trigger's answer lead to: following a task and cancelling it. */
export function taskLinkRoutes({
  db,
  statuses,
  signals,
  taskFeed,
  admit,
}: {
  db: Database
  statuses: TaskStatuses
  signals: Signals
  taskFeed: TaskFeed
  admit: AdmitToTask
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/tasks/:id/events',
      {
        schema: {
          operationId: 'followTask',
          tags: ['Tasks'],
          summary: 'Follow a task as server-sent events',
          description:
            'Events with an id are kept: state (its data holds state) and step. Last-Event-ID: 0 replays all of them. ' +
            'Events without one are what the model writes just now: answer and thought, with text. The stream ends with the task.',
          security: [{ apiKey: [] }, { taskLink: [] }],
          params: TaskParams,
          querystring: LinkQuery,
          response: { 204: z.null(), ...problems(401, 403, 404, 503) },
        },
      },
      async (request, reply) => {
        await admit(request, 'events', request.params.id, request.query.key)
        const { id } = request.params
        if (!(await statuses.read(id))) throw new BellwireError('task_not_found')
        const lastId = Number(request.headers['last-event-id'] ?? 0)
        // One that is no event of this task asks for all of them.
        let last =
          Number.isInteger(lastId) && lastId > 0 && lastId <= (await newestEvent(db, id)) ? lastId : 0

        let wake = (): void => {}
        const unwatch = taskFeed.watch(id, (item) => {
          if (item.type === 'answer' || item.type === 'thought') {
            stream?.send({ event: item.type, data: { text: item.text } })
          } else {
            wake()
          }
        })
        let stream: ReturnType<typeof openEventStream> | undefined
        try {
          for (;;) {
            const somethingNew = new Promise<void>((resolve) => (wake = resolve))
            const status = await statuses.read(id)
            const events = await readEvents(db, id, last)
            const ended = !status || hasEnded(status)
            // Nothing more will ever come: this tells the client not to connect again.
            if (ended && events.length === 0 && !stream) return await reply.code(204).send(null)
            stream ??= openEventStream(reply)
            stream.closed.addEventListener('abort', wake)
            for (const event of events) {
              stream.send({ id: event.id, event: event.type, data: event.data })
              last = event.id
            }
            if (ended || stream.closed.aborted) break
            await somethingNew
          }
          stream.end()
        } finally {
          unwatch()
        }
      },
    )

    app.post(
      '/api/tasks/:id/cancel',
      {
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
        await admit(request, 'cancel', request.params.id, request.query.key)
        const { id } = request.params
        if (!isId(id)) throw new BellwireError('task_not_found')
        const { state } = await cancelTask({ db, signals }, id)
        if (state !== 'CANCELLED') {
          throw new BellwireError('conflict', `The task has ended already: ${state}.`, {
            extensions: { state },
          })
        }
        return { task_id: id, state }
      },
    )

    app.get(
      '/api/tasks/:id/cancel',
      {
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
