import { parseStored } from '../../contract/longJson/parseLong.ts'
import { Reply } from '../../contract/reply.ts'
import type { RunError, RunResult, TaskState } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import { EXACT_JSON } from '../../db/exactTypes.ts'
import type { RepliedTask } from './replyText.ts'

/** The reply that a webhook has now; undefined when it has none, or one that later rules refuse. */
export async function readReply(db: Database, webhookId: string): Promise<Reply | undefined> {
  const { rows } = await db.pool.query<{ reply: unknown }>({
    name: 'reply_of_webhook',
    text: `select options -> 'reply' as reply from bellwire.webhooks where id = $1`,
    values: [webhookId],
  })
  return Reply.safeParse(rows[0]?.reply).data
}

/** A task with what its reply may quote; undefined when it was deleted. */
export async function readRepliedTask(db: Database, taskId: string): Promise<RepliedTask | undefined> {
  const { rows } = await db.pool.query<{
    state: TaskState
    payload: Buffer
    result: RunResult | null
    error: RunError | null
  }>({
    text: 'select state, payload, result, error from bellwire.tasks where id = $1',
    values: [taskId],
    types: EXACT_JSON,
  })
  const [task] = rows
  return task && { ...task, taskId, payload: await parseStored(task.payload) }
}
