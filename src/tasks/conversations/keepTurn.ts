import type { Database } from '../../db/database.ts'

/**
 * Keeps what the user said in a task, before the task ends: once it has succeeded, later tasks of the conversation see
 * it. Writing it twice changes nothing.
 */
export async function keepTurn(db: Database, taskId: string, message: string): Promise<void> {
  await db.pool.query({
    name: 'conversation_keep_turn',
    text: `insert into bellwire.conversation_turns (task_id, message) values ($1, $2)
      on conflict (task_id) do update set message = excluded.message`,
    // PostgreSQL cannot store NUL.
    values: [taskId, message.replaceAll('\0', '\uFFFD').toWellFormed()],
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
