import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { StatusAnswer, StatusQuery } from '../../contract/trigger.ts'
import { BellwireError } from '../../errors.ts'
import { publicStatus } from '../../tasks/views/publicStatus.ts'
import type { TaskStatuses } from '../../tasks/views/statuses.ts'
import { skipSerialization } from '../plumbing/skipSerialization.ts'
import { MAX_WAIT_SECONDS } from '../../contract/respond.ts'
import type { Waits } from '../plumbing/waits.ts'
import { problems } from '../problems/problem.ts'

/** `GET /api/task_status`: the status of a task. Its id is the permission to read it. */
export function taskStatusRoutes({
  statuses,
  waits,
}: {
  statuses: TaskStatuses
  waits: Waits
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/task_status',
      {
        config: { crossOrigin: true, problemsWithoutStatus: true },
        exposeHeadRoute: true,
        serializerCompiler: skipSerialization,
        schema: {
          operationId: 'taskStatus',
          tags: ['Tasks'],
          summary: 'Get the status and result of a task',
          security: [],
          querystring: StatusQuery,
          response: { 200: StatusAnswer, ...problems(400, 404, 422, 429, 503) },
        },
      },
      async (request, reply) => {
        const { task_id: taskId, wait = 0 } = request.query
        if (!taskId) {
          throw new BellwireError('parameter_missing', 'Add the task: /api/task_status?task_id=ID.')
        }
        const task =
          wait === 0
            ? await statuses.read(taskId)
            : await waits.open(request, reply).forEnd(taskId, Math.min(wait, MAX_WAIT_SECONDS))
        if (!task) throw new BellwireError('task_not_found')
        return publicStatus(task)
      },
    )
    done()
  }
}
