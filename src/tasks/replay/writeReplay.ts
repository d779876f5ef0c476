import type pg from 'pg'
import type { AgentConfig } from '../../contract/agent.ts'
import type { ReplayWrites } from '../../contract/replay.ts'
import type { Database } from '../../db/database.ts'
import { BellwireError } from '../../errors.ts'
import type { FairRanks } from '../../queue/fairRank.ts'
import { readRevision } from '../claim.ts'
import { insertReplay } from './insertReplay.ts'
import { planReplay, type ReplayOptions, type ReplayPlan } from './planReplay.ts'

/** A task that replays another one. `repeated`: an earlier request with the same key made it. */
export type Replayed = {
  taskId: string
  replayOf: string
  revision: number
  writes: ReplayWrites
  repeated: boolean
}

/** `requestKey`: what a repeated request is recognized by. */
export type RequestOptions = ReplayOptions & { requestKey: string | undefined }

/** Writes the replay of one task within a transaction. */
export type WriteReplay = (tx: pg.PoolClient, taskId: string, options: RequestOptions) => Promise<Replayed>

export type WriteReplayParts = {
  db: Database
  ranks: FairRanks
  /** Says why a model cannot be used; undefined when it can. */
  checkModel: (model: string) => Promise<string | undefined> | string | undefined
}

/** Creates the function that replays one task, for single and bulk replays alike. */
export function createWriteReplay({ db, ranks, checkModel }: WriteReplayParts): WriteReplay {
  async function checkPlan({ agentId, revision, config }: ReplayPlan): Promise<void> {
    const { model }: AgentConfig = config ?? (await readRevision(db, agentId, revision))
    const detail = await checkModel(model)
    if (detail === undefined) return
    throw new BellwireError(
      'provider_not_configured',
      `Revision ${revision} uses the model ${model}: ${detail}. Replay with "revision": "latest", or on a draft with ` +
        'another model.',
      { status: 409 },
    )
  }

  return async (tx, taskId, { requestKey, ...options }) => {
    const before = requestKey === undefined ? undefined : await findRepeated(tx, taskId, requestKey)
    if (before) return before
    const plan = await planReplay(tx, taskId, options)
    await checkPlan(plan)
    const place = ranks.next(plan.agentId)
    const created = await insertReplay(tx, plan, { place, requestKey })
    const { replayOf, revision, writes } = plan
    return { taskId: created, replayOf, revision, writes, repeated: false }
  }
}

/** Locks the task, so that requests with the same key are handled one after the other. */
async function findRepeated(
  tx: pg.PoolClient,
  taskId: string,
  requestKey: string,
): Promise<Replayed | undefined> {
  await tx.query('select 1 from bellwire.tasks where id = $1 for no key update', [taskId])
  const { rows } = await tx.query<{ task_id: string; revision: number; writes: ReplayWrites }>({
    name: 'replay_repeated',
    text: `select r.task_id, t.revision, r.writes from bellwire.replays r join bellwire.tasks t on t.id = r.task_id
      where r.request_key = $1 and r.replay_of = $2`,
    values: [requestKey, taskId],
  })
  const [row] = rows
  return (
    row && {
      taskId: row.task_id,
      replayOf: taskId,
      revision: row.revision,
      writes: row.writes,
      repeated: true,
    }
  )
}
