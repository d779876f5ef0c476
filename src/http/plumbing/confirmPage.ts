import type { FastifyReply } from 'fastify'
import type { TaskState } from '../../contract/task.ts'

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;color:#1b1f24;background:#fff}
code{font-size:.9em}button{font:inherit;padding:.5rem 1.25rem;border:0;border-radius:.5rem;background:#c92a2a;color:#fff;cursor:pointer}
@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#141517}}`

/**
 * A page that asks for confirmation before cancelling: mail scanners and link previews follow links, and must not
 * change anything. The form posts to the page's own URL, key included.
 */
export function confirmPage(reply: FastifyReply, taskId: string, state: TaskState) {
  const live = state === 'PENDING' || state === 'STARTED' || state === 'WAITING'
  const body = live
    ? `<h1>Cancel this task?</h1><p>Task <code>${taskId}</code> is ${state}. What it has done so far stays done.</p>
<form method="post"><button>Cancel the task</button></form>`
    : `<h1>Nothing to cancel</h1><p>Task <code>${taskId}</code> has ended: ${state}.</p>`
  return reply
    .type('text/html; charset=utf-8')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    )
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .send(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Bellwire: cancel a task</title><style>${STYLE}</style>${body}</html>`)
}
