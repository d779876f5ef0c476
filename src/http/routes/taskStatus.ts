import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { StatusAnswer, StatusQuery } from '../../contract/trigger.ts'
import { BellwireError } from '../../errors.ts'
import type { TaskFeed } from '../../tasks/follow/taskFeed.ts'
import { publicStatus } from '../../tasks/views/publicStatus.ts'
import type { TaskStatuses } from '../../tasks/views/statuses.ts'
import { waitForEnd } from '../../tasks/follow/waitForEnd.ts'
import { skipSerialization } from '../plumbing/skipSerialization.ts'
import { MAX_WAIT_SECONDS } from '../plumbing/prefer.ts'
import { problems } from '../problems/problem.ts'

/** `GET /api/task_status`: the status of a task. Its id is the permission to read it. */
export function taskStatusRoutes(parts: {
  statuses: TaskStatuses
  taskFeed: TaskFeed
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/task_status',
      {
        config: { crossOrigin: true, problemsWithoutStatus: true },
        serializerCompiler: skipSerialization,
        schema: {
          operationId: 'taskStatus',
          tags: ['Tasks'],
          summary: 'Get the status and result of a task',
          security: [],
          querystring: StatusQuery,
          response: { 200: StatusAnswer, ...problems(400, 404, 422, 503) },
        },
      },
      async ({ query }) => {
        if (!query.task_id) {
          throw new BellwireError('parameter_missing', 'Add the task: /api/task_status?task_id=ID.')
        }
        const task = await waitForEnd(
          parts,
          query.task_id,
          Math.min(query.wait ?? 0, MAX_WAIT_SECONDS) * 1000,
        )
        if (!task) throw new BellwireError('task_not_found')
        return publicStatus(task)
      },
    )
    done()
  }
}
