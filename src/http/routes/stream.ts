import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { Question } from '../../contract/trigger.ts'
import type { AskAgent } from '../../ingress/askAgent.ts'
import type { TaskFeed } from '../../tasks/follow/taskFeed.ts'
import type { TaskStatus, TaskStatuses } from '../../tasks/views/statuses.ts'
import { newId } from '../../db/id.ts'
import { waitForEnd, hasEnded } from '../../tasks/follow/waitForEnd.ts'
import { problems } from '../problems/problem.ts'
import { openEventStream } from '../plumbing/sse.ts'
import { restOf } from '../plumbing/restOf.ts'

/** How long one look at the task waits; the stream stays open over as many as it takes. */
const LOOK_MS = 30_000

/** `POST /stream`: asks an agent and reads along while it writes. */
export function streamRoutes({
  askAgent,
  statuses,
  taskFeed,
}: {
  askAgent: AskAgent
  statuses: TaskStatuses
  taskFeed: TaskFeed
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.post(
      '/stream',
      {
        schema: {
          operationId: 'stream',
          tags: ['Direct'],
          summary: 'Ask an agent and stream its answer',
          description:
            'Server-sent events. Each data is one of {"type":"id","id"}, {"type":"answer","answer"}, ' +
            '{"type":"thought","thought"}, {"type":"tool_calls","tool_calls"}, {"type":"structured_answer","output"}, ' +
            '{"type":"error","error":{"code","message"}} and, last, {"type":"end"}.',
          security: [{ apiKey: [] }, {}],
          body: Question,
          produces: ['text/event-stream'],
          response: problems(400, 401, 403, 404, 415, 422, 503),
        },
      },
      async (request, reply) => {
        const wantedId = newId()
        const sent = { answer: '', thought: '' }
        const early: { type: 'answer' | 'thought'; text: string }[] = []
        let write = (piece: { type: 'answer' | 'thought'; text: string }): void => void early.push(piece)
        // Reading along starts before the task exists: no piece is missed, however quick the model is.
        const unwatch = taskFeed.watch(wantedId, (item) => {
          if (item.type === 'answer' || item.type === 'thought') write(item)
        })
        try {
          const { taskId, replayed } = await askAgent({
            body: request.body,
            headers: request.headers,
            origin: 'stream',
            taskId: wantedId,
            traceParent: request.traceParent,
          })
          if (replayed) reply.header('idempotency-replayed', 'true')
          const stream = openEventStream(reply)
          stream.send({ data: { type: 'id', id: taskId } })
          write = ({ type, text }) => {
            sent[type] += text
            stream.send({ data: { type, [type]: text } })
          }
          for (const piece of early) write(piece)

          let task: TaskStatus | undefined
          do task = await waitForEnd({ statuses, taskFeed }, taskId, LOOK_MS, stream.closed)
          while (task && !hasEnded(task) && !stream.closed.aborted)
          if (task && !stream.closed.aborted) {
            for (const data of closing(task, sent)) stream.send({ data })
          }
          stream.end()
        } finally {
          unwatch()
        }
      },
    )
    done()
  }
}

/** What the stream still owes when the task has ended. */
function closing(task: TaskStatus, sent: { answer: string; thought: string }): Record<string, unknown>[] {
  if (task.state !== 'SUCCESS' || !task.result) {
    const error = task.error ?? { code: 'run_failed', message: 'The run failed.' }
    return [{ type: 'error', error }, { type: 'end' }]
  }
  const { answer, thought, tool_calls: toolCalls, output } = task.result
  const restOfThought = restOf(sent.thought, thought)
  const restOfAnswer = restOf(sent.answer, answer)
  return [
    ...(restOfThought ? [{ type: 'thought', thought: restOfThought }] : []),
    ...(restOfAnswer ? [{ type: 'answer', answer: restOfAnswer }] : []),
    ...(toolCalls.length > 0 ? [{ type: 'tool_calls', tool_calls: toolCalls }] : []),
    ...(output === undefined ? [] : [{ type: 'structured_answer', output }]),
    { type: 'end' },
  ]
}
