import type { AgentConfig } from '../../contract/agent.ts'
import { fromStored } from '../../contract/storedConfig.ts'
import type { Database } from '../../db/database.ts'
import { EXACT_JSON } from '../../db/exactTypes.ts'

/** What the run of a replay takes from earlier tasks. */
export type Replay = {
  /** An unsaved draft of the agent; undefined when it runs on its revision. */
  config: AgentConfig | undefined
  /** The task whose run it continues, and all that have continued it: their decisions count. */
  continues: { id: string; createdAt: Date; taskIds: string[] } | undefined
  /** The tool calls of the earlier runs, when writes are answered from them: the run that is replayed first. */
  record: RecordedCallRow[][] | undefined
}

/** A tool call in the journal of an earlier run. */
export type RecordedCallRow = {
  name: string
  state: 'started' | 'done' | 'failed'
  input: unknown
  output: unknown
}

/** Replays of replays that are looked through for recorded calls. */
const MAX_DEPTH = 50

type Row = {
  replay_of: string
  writes: 'continue' | 'recorded' | 'live'
  continues: string | null
  config: AgentConfig | null
}

/** Reads what the run of a task takes from earlier ones; undefined when the task is not a replay. */
export async function readReplay(db: Database, taskId: string): Promise<Replay | undefined> {
  const { rows } = await db.pool.query<Row>({
    name: 'replay_read',
    text: `with recursive chain as (
        select 0 as depth, r.* from bellwire.replays r where r.task_id = $1
        union all
        select c.depth + 1, r.* from chain c join bellwire.replays r on r.task_id = c.replay_of
        where c.depth < ${MAX_DEPTH}
      )
      select replay_of, writes, continues, config from chain order by depth`,
    values: [taskId],
  })
  const [replay] = rows
  if (!replay) return undefined
  // A run that continues another is like it in this, too.
  const from = rows.findIndex(({ writes }) => writes !== 'continue')
  const isRecorded = rows[from]?.writes === 'recorded'
  return {
    config: replay.config ? fromStored(replay.config) : undefined,
    continues: replay.continues === null ? undefined : await readOrigin(db, replay.continues),
    record: isRecorded
      ? await readRecord(
          db,
          rows.slice(from).map((row) => row.replay_of),
        )
      : undefined,
  }
}

async function readOrigin(db: Database, id: string): Promise<NonNullable<Replay['continues']>> {
  const { rows } = await db.pool.query<{ created_at: Date; task_ids: string[] }>({
    name: 'replay_origin',
    text: `select t.created_at, array(select r.task_id::text from bellwire.replays r where r.continues = t.id) as task_ids
      from bellwire.tasks t where t.id = $1`,
    values: [id],
  })
  const [origin] = rows
  if (!origin) throw new Error(`task ${id}, whose run is continued, is missing`)
  return { id, createdAt: origin.created_at, taskIds: [id, ...origin.task_ids] }
}

async function readRecord(db: Database, taskIds: string[]): Promise<RecordedCallRow[][]> {
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
