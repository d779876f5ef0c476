import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { Question } from '../../contract/trigger.ts'
import type { AskAgent } from '../../ingress/askAgent.ts'
import type { TaskFeed } from '../../tasks/follow/taskFeed.ts'
import type { TaskStatuses } from '../../tasks/views/statuses.ts'
import { letGoOfBody } from '../bodies/limitBodies.ts'
import { limitFailures, type RefuseFailure } from '../plumbing/limitFailures.ts'
import type { FollowerLimit } from '../plumbing/followerLimit.ts'
import { streamAnswer } from '../plumbing/streamAnswer.ts'
import { problems } from '../problems/problem.ts'

/** `POST /stream`: asks an agent and streams its answer. */
export function streamRoutes({
  askAgent,
  statuses,
  taskFeed,
  followerLimit,
  refuseFailure,
}: {
  askAgent: AskAgent
  statuses: TaskStatuses
  taskFeed: TaskFeed
  followerLimit: FollowerLimit
  refuseFailure: RefuseFailure
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    limitFailures(app, 'api_key', refuseFailure)
    app.post(
      '/stream',
      {
        schema: {
          operationId: 'stream',
          tags: ['Direct'],
          summary: 'Ask an agent and stream its answer',
          description:
            'Server-sent events. Each data line is one of {"type":"id","id"}, {"type":"answer","answer"}, ' +
            '{"type":"thought","thought"}, {"type":"tool_calls","tool_calls"}, {"type":"structured_answer","output"}, ' +
            '{"type":"error","error":{"code","message"}} and, last, {"type":"end"}. With a conversation_id the first event ' +
            'has it, too.',
          security: [{ apiKey: [] }, {}],
          body: Question,
          produces: ['text/event-stream'],
          response: problems(400, 401, 403, 404, 415, 422, 429, 503),
        },
      },
      async (request, reply) => {
        const leaveLimit = followerLimit.enter(request.ip)
        try {
          const { taskId, replayed, conversationId } = await askAgent({
            body: request.body,
            headers: request.headers,
            origin: 'stream',
            traceParent: request.traceParent,
          })
          letGoOfBody(request)
          if (replayed) reply.header('idempotency-replayed', 'true')
          streamAnswer({ statuses, taskFeed, taskId, conversationId, reply, onClose: leaveLimit })
        } catch (error) {
          leaveLimit()
          throw error
        }
        return reply
      },
    )
    done()
  }
}
