import type { FastifyReply } from 'fastify'
import type { TaskState } from '../../contract/task.ts'
import { askPage } from './askPage.ts'

/** Sends the page that asks for confirmation before cancelling a task. */
export function confirmPage(reply: FastifyReply, taskId: string, state: TaskState) {
  const live = state === 'PENDING' || state === 'STARTED' || state === 'WAITING'
  const { headers, body } = askPage(
    'cancel a task',
    live
      ? `<h1>Cancel this task?</h1><p>Task <code>${taskId}</code> is ${state}. Completed tool calls are not undone.</p>
<form method="post"><button>Cancel the task</button></form>`
      : `<h1>Nothing to cancel</h1><p>Task <code>${taskId}</code> has ended: ${state}.</p>`,
  )
  return reply.headers(headers).send(body)
}
