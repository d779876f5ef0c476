import type { AgentConfig } from '../../contract/agent.ts'
import { fromStored } from '../../contract/storedConfig.ts'
import type { Database } from '../../db/database.ts'
import { timeOfId } from '../../db/id.ts'
import { readRehearsed } from '../rehearsals/readRehearsed.ts'
import { readRecord } from './readRecord.ts'
import type { Replay } from './replay.ts'

/** Replays of replays that are looked through for recorded calls. */
const MAX_DEPTH = 50

type Row = {
  replay_of: string
  writes: 'continue' | 'recorded' | 'live'
  continues: string | null
  config: AgentConfig | null
}

/** Reads what the run of a task takes from earlier ones; undefined when it is neither a replay nor a rehearsal. */
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
  if (!replay) return readRehearsed(db, taskId)
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
    simulates: false,
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
  // Deleted in the moment in which the replay was made: its id begins with about the same time.
  if (!origin) return { id, createdAt: new Date(timeOfId(id)), taskIds: [id] }
  return { id, createdAt: origin.created_at, taskIds: [id, ...origin.task_ids] }
}
