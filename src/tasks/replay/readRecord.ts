import type { Database } from '../../db/database.ts'
import { EXACT_JSON } from '../../db/exactTypes.ts'

/** A tool call in the journal of an earlier run. */
export type RecordedCallRow = {
  name: string
  state: 'started' | 'done' | 'failed'
  input: unknown
  output: unknown
}

/** Reads the tool calls of tasks. */
export async function readRecord(db: Database, taskIds: string[]): Promise<RecordedCallRow[][]> {
  const { rows } = await db.pool.query<RecordedCallRow & { task_id: string }>({
    name: 'replay_record',
    text: `select task_id, name, state, input, output from bellwire.steps
      where task_id = any($1::uuid[]) and kind = 'tool' order by event`,
    values: [taskIds],
    types: EXACT_JSON,
  })
  const byTask = Map.groupBy(rows, (row) => row.task_id)
  return taskIds.map((id) => byTask.get(id) ?? [])
}
