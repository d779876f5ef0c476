import { fromStored } from '../../contract/storedConfig.ts'
import type { AgentConfig } from '../../contract/agent.ts'
import type { Database } from '../../db/database.ts'
import { readRecord } from '../replay/readRecord.ts'
import type { Replay } from '../replay/replay.ts'

/** Replays that an original is of, which are looked through for recorded calls. */
const MAX_DEPTH = 50

/** Reads what the run of a rehearsing task takes from earlier ones; undefined when the task does not rehearse. */
export async function readRehearsed(db: Database, taskId: string): Promise<Replay | undefined> {
  const { rows } = await db.pool.query<{ config: AgentConfig | null; originals: string[] }>({
    name: 'rehearsed_read',
    text: `with recursive chain as (
        select 0 as depth, e.rehearses as id from bellwire.rehearsed_tasks e
        where e.task_id = $1 and e.rehearses is not null
        union all
        select c.depth + 1, r.replay_of from chain c join bellwire.replays r on r.task_id = c.id
        where c.depth < ${MAX_DEPTH}
      )
      select r.config, array(select id::text from chain order by depth) as originals
      from bellwire.rehearsed_tasks e join bellwire.rehearsals r on r.id = e.rehearsal_id where e.task_id = $1`,
    values: [taskId],
  })
  const [row] = rows
  if (!row) return undefined
  return {
    config: row.config ? fromStored(row.config) : undefined,
    continues: undefined,
    record: await readRecord(db, row.originals),
    simulates: true,
  }
}
