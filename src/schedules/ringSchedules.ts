import type pg from 'pg'
import type { Database } from '../db/database.ts'
import { EXACT_JSON } from '../db/exactTypes.ts'
import { isId, newId } from '../db/id.ts'
import type { Signals } from '../db/signals.ts'
import { BellwireError } from '../errors.ts'
import type { FairRanks } from '../queue/fairRank.ts'
import { readHead } from '../queue/queue.ts'
import { WORK_CHANNEL } from '../tasks/follow/channels.ts'
import { insertTasks } from '../tasks/insertTasks.ts'
import type { Log } from '../telemetry/log.ts'
import { parseBeats } from './beats.ts'
import { beatScope, renderPayload } from './payload.ts'
import { SCHEDULE_COLUMNS, type Schedule } from './schedules.ts'

/** Schedules that one transaction serves at most. */
export const RING_BATCH = 50

type Parts = { db: Database; signals: Signals; ranks: FairRanks; log: Log }

type DueSchedule = Schedule & { now: Date; busy: boolean }

/** What a beat came to: a task, or the reason why it started none. */
type Rung = { kind: 'started'; taskId: string } | { kind: 'skipped'; reason: string }

/**
 * Starts the agents whose schedules are due, and moves each schedule on to its next beat: one transaction, so no beat
 * starts two tasks or none, whatever happens in between. Of several beats that were missed, the latest counts.
 *
 * @param at instead of the time of the database
 * @returns how many schedules were due
 */
export async function ringSchedules({ db, signals, ranks, log }: Parts, at?: Date): Promise<number> {
  const rung = await db.transaction(async (tx) => {
    const { rows } = await tx.query<DueSchedule>({
      text: `with due as (
          select s.* from bellwire.schedules s
          where s.next_at <= coalesce($1::timestamptz, now())
          order by s.next_at limit ${RING_BATCH} for update skip locked
        )
        select ${SCHEDULE_COLUMNS}, coalesce($1::timestamptz, now()) as now,
          not s.overlap and t.id is not null as busy
        from due s left join bellwire.tasks t on t.id = s.last_task_id and t.state in ('PENDING', 'STARTED', 'WAITING')`,
      values: [at ?? null],
      types: EXACT_JSON,
    })
    if (rows.length > 0) ranks.update(await readHead(tx, 0))
    for (const schedule of rows) await ringOne(tx, schedule)
    return rows.length
  })
  if (rung > 0) signals.publish(WORK_CHANNEL, '')
  return rung

  async function ringOne(tx: pg.PoolClient, schedule: DueSchedule): Promise<void> {
    const { id, cron, timeZone, nextAt, now } = schedule
    const beats = parseBeats(cron, timeZone)
    const beat = beats.latest(nextAt ?? now, now) ?? nextAt ?? now
    const outcome: Rung = schedule.busy
      ? { kind: 'skipped', reason: 'the task of an earlier beat has not ended' }
      : await startTask(tx, { schedule, beat, ranks })
    const skipped = outcome.kind === 'skipped' ? outcome.reason : undefined
    if (skipped !== undefined) log.warn({ schedule_id: id, reason: skipped }, 'a beat started no task')
    await tx.query(
      `update bellwire.schedules set next_at = $2, last_beat_at = $3, last_task_id = coalesce($4, last_task_id),
          last_skip = coalesce($5::json, last_skip)
        where id = $1`,
      [
        id,
        beats.after(now) ?? null,
        beat,
        outcome.kind === 'started' ? outcome.taskId : null,
        skipped === undefined ? null : JSON.stringify({ at: beat.toISOString(), reason: skipped }),
      ],
    )
  }
}

/**
 * Starts an agent by a schedule now, beside its beats. Overlap is not looked at.
 *
 * @returns the id of the task
 * @throws BellwireError `schedule_not_found`, `agent_not_found`, `run_failed` when the payload cannot be rendered
 */
export async function ringNow(
  { db, signals, ranks }: Omit<Parts, 'log'>,
  { agentId, id }: { agentId: string; id: string },
): Promise<string> {
  const taskId = await db.transaction(async (tx) => {
    const { rows } = await tx.query<Schedule & { now: Date }>({
      text: `select ${SCHEDULE_COLUMNS}, now() from bellwire.schedules s where s.id = $1 and s.agent_id = $2 for update`,
      values: [isId(id) ? id : null, isId(agentId) ? agentId : null],
      types: EXACT_JSON,
    })
    const [schedule] = rows
    if (!schedule) throw new BellwireError('schedule_not_found')
    const outcome = await startTask(tx, { schedule, beat: schedule.now, ranks })
    if (outcome.kind === 'skipped') {
      throw new BellwireError('conflict', `No task was started: ${outcome.reason}.`)
    }
    await tx.query('update bellwire.schedules set last_task_id = $2 where id = $1', [id, outcome.taskId])
    return outcome.taskId
  })
  signals.publish(WORK_CHANNEL, '')
  return taskId
}

async function startTask(
  tx: pg.PoolClient,
  { schedule, beat, ranks }: { schedule: Schedule; beat: Date; ranks: FairRanks },
): Promise<Rung> {
  const { id, agentId, name } = schedule
  let payload: unknown
  try {
    payload = await renderPayload(schedule.payload, beatScope(beat, schedule))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'skipped', reason: `the payload could not be rendered (${reason})` }
  }
  const task = {
    taskId: newId(),
    agentId,
    tokenHash: undefined,
    keyHash: undefined,
    origin: 'schedule',
    payload: Buffer.from(JSON.stringify(payload)),
    request: JSON.stringify({
      method: 'SCHEDULE',
      headers: {},
      query: {},
      schedule: { id, name, beat: beat.toISOString() },
    }),
    interactive: false,
    streamed: false,
    senderVerified: true,
    senderTrusted: true,
    place: ranks.next(agentId),
  }
  const [written] = await insertTasks(tx, [task])
  return written === 'written'
    ? { kind: 'started', taskId: task.taskId }
    : { kind: 'skipped', reason: 'the agent was deleted' }
}
