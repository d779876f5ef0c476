import type { Database } from '../../db/database.ts'
import type { Lease } from '../claim.ts'

/**
 * Keeps what the user said in a task, before the task ends: once it has succeeded, later tasks of the conversation see
 * it. Writing it twice changes nothing. Nor can a worker that no longer holds the task change it: a later run may have
 * said more.
 */
export async function keepTurn(
  db: Database,
  { taskId, attempt, workerId }: Lease,
  message: string,
): Promise<void> {
  await db.pool.query({
    name: 'conversation_keep_turn',
    text: `insert into bellwire.conversation_turns (task_id, message)
      select id, $2 from bellwire.tasks
      where id = $1 and attempt = $3 and worker_id = $4 and state = 'STARTED' for no key update
      on conflict (task_id) do update set message = excluded.message`,
    // PostgreSQL cannot store NUL.
    values: [taskId, message.replaceAll('\0', '\uFFFD').toWellFormed(), attempt, workerId],
  })
}

/**
 * Keeps a summary, unless another task has kept one since `version` was read: then later tasks use that one.
 *
 * @param summary `covers`: all tasks that it covers; `fresh`: those that the summary before did not cover
 */
export async function keepSummary(
  db: Database,
  conversationId: string,
  {
    text,
    covers,
    fresh,
    version,
  }: { text: string; covers: readonly string[]; fresh: readonly string[]; version: number },
): Promise<void> {
  await db.pool.query({
    name: 'conversation_keep_summary',
    // Tasks that were deleted meanwhile are in the text: then it is not kept.
    text: `update bellwire.conversations
      set summary = $2, summarised = $3::uuid[], summary_version = summary_version + 1
      where id = $1 and summary_version = $4
        and (select count(*) from bellwire.conversation_turns where task_id = any($5::uuid[]))
          = cardinality($5::uuid[])`,
    values: [conversationId, text.replaceAll('\0', '\uFFFD').toWellFormed(), covers, version, fresh],
  })
}
