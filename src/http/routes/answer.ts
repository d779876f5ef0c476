import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { Answer, Question, StillRunning } from '../../contract/trigger.ts'
import type { AskAgent } from '../../ingress/askAgent.ts'
import { publicStatus } from '../../tasks/views/publicStatus.ts'
import { letGoOfBody } from '../bodies/limitBodies.ts'
import { limitFailures, type RefuseFailure } from '../plumbing/limitFailures.ts'
import { problems } from '../problems/problem.ts'
import { runProblem } from '../problems/runProblem.ts'
import type { MakeTaskLinks } from '../plumbing/taskLinks.ts'
import type { Waits } from '../plumbing/waits.ts'

/** How long the request is held before it returns 202. */
const HOLD_SECONDS = 120

/** `POST /api/answer`: asks an agent and waits for its answer. */
export function answerRoutes({
  askAgent,
  links,
  waits,
  refuseFailure,
  holdSeconds = HOLD_SECONDS,
}: {
  askAgent: AskAgent
  links: MakeTaskLinks
  waits: Waits
  refuseFailure: RefuseFailure
  holdSeconds?: number
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    limitFailures(app, 'api_key', refuseFailure)
    app.post(
      '/api/answer',
      {
        schema: {
          operationId: 'answer',
          tags: ['Direct'],
          summary: 'Ask an agent and wait for its answer',
          description:
            'Waits up to 120 seconds, then returns 202 with the task_id. A failed run gives 502 with its error code.',
          security: [{ apiKey: [] }, {}],
          body: Question,
          response: {
            200: Answer,
            202: StillRunning,
            ...problems(400, 401, 403, 404, 415, 422, 429, 502, 503),
          },
        },
      },
      async (request, reply) => {
        // First: a caller that cannot wait starts nothing.
        const wait = waits.open(request, reply)
        const { taskId, replayed, conversationId } = await askAgent({
          body: request.body,
          headers: request.headers,
          origin: 'answer',
          traceParent: request.traceParent,
        })
        letGoOfBody(request)
        if (replayed) reply.header('idempotency-replayed', 'true')
        const task = await wait.forEnd(taskId, holdSeconds)
        const conversation = conversationId === undefined ? {} : { conversation_id: conversationId }
        if (task?.state === 'SUCCESS' && task.result) {
          return { ...task.result, task_id: taskId, ...conversation }
        }
        if (task?.state === 'FAILURE' || task?.state === 'CANCELLED') throw runProblem(taskId, task.error)
        const status = task ? publicStatus(task).status : 'PENDING'
        return reply.code(202).send({ task_id: taskId, status, links: links(taskId), ...conversation })
      },
    )
    done()
  }
}
