import { createHash } from 'node:crypto'
import type pg from 'pg'
import { findAgent, lockAgent } from '../agents/agentRow.ts'
import { etagOf, requireMatch, type IfMatch } from '../contract/ifMatch.ts'
import type { SchedulePatch, ScheduleSettings } from '../contract/schedule.ts'
import { findUnstorable } from '../contract/storable.ts'
import type { TaskState } from '../contract/task.ts'
import type { Database, Queryable } from '../db/database.ts'
import { EXACT_JSON } from '../db/exactTypes.ts'
import { isId, newId } from '../db/id.ts'
import { onlyRow } from '../db/onlyRow.ts'
import { readNow } from '../db/readNow.ts'
import { toPage, type Page, type PageRequest } from '../db/page.ts'
import { BellwireError, type FieldError } from '../errors.ts'
import { BeatsError, parseBeats } from './beats.ts'
import { checkPayload } from './payload.ts'

/** A cron expression that starts an agent. */
export type Schedule = {
  id: string
  agentId: string
  name: string
  cron: string
  timeZone: string
  payload: unknown
  overlap: boolean
  enabled: boolean
  /** Null while it is disabled. */
  nextAt: Date | null
  lastBeatAt: Date | null
  lastTaskId: string | null
  lastTaskState: TaskState | null
  lastSkip: { at: string; reason: string } | null
  createdAt: Date
  updatedAt: Date
}

/** At most for each agent: all of them are looked at again and again. */
const MAX_PER_AGENT = 100

/**
 * The schedules of agents. Methods throw BellwireError `agent_not_found` and `schedule_not_found` for ids that do not
 * exist, `schema_invalid` for a cron expression, time zone or payload that cannot be used, `precondition_failed` when
 * `ifMatch` is of other settings.
 */
export type Schedules = {
  create(agentId: string, settings: ScheduleSettings): Promise<Schedule>
  get(agentId: string, id: string): Promise<Schedule>
  /** Newest first; `after` is the id of a schedule. */
  list(agentId: string, page: PageRequest): Promise<Page<Schedule>>
  /** The same of all agents. */
  listAll(page: PageRequest): Promise<Page<Schedule & { agentName: string }>>
  /** A changed cron expression or time zone counts from now on; so does a schedule that is enabled again. */
  update(agentId: string, id: string, patch: SchedulePatch, ifMatch?: IfMatch): Promise<Schedule>
  delete(agentId: string, id: string, ifMatch?: IfMatch): Promise<void>
}

export const SCHEDULE_COLUMNS = `s.id, s.agent_id as "agentId", s.name, s.cron, s.time_zone as "timeZone", s.payload, s.overlap,
  s.next_at is not null as enabled, s.next_at as "nextAt", s.last_beat_at as "lastBeatAt",
  s.last_task_id as "lastTaskId", (select t.state from bellwire.tasks t where t.id = s.last_task_id) as "lastTaskState",
  s.last_skip as "lastSkip", s.created_at as "createdAt", s.updated_at as "updatedAt"`

export function createSchedules({ db }: { db: Database }): Schedules {
  async function find(source: Queryable, agentId: string, id: string): Promise<Schedule> {
    const { rows } = isId(id)
      ? await source.query<Schedule>({
          text: `select ${SCHEDULE_COLUMNS} from bellwire.schedules s where s.id = $1 and s.agent_id = $2`,
          values: [id, agentId],
          types: EXACT_JSON,
        })
      : { rows: [] }
    if (!rows[0]) throw new BellwireError('schedule_not_found')
    return rows[0]
  }

  /** Runs `work` on one schedule while nobody else changes those of its agent. */
  function change<T>(
    agentId: string,
    id: string,
    work: (tx: pg.PoolClient, schedule: Schedule) => Promise<T>,
  ) {
    return db.transaction(async (tx) => {
      await lockAgent(tx, agentId)
      return work(tx, await find(tx, agentId, id))
    })
  }

  return {
    async create(agentId, settings) {
      await findAgent(db.pool, agentId)
      const nextAt = await firstBeat(db.pool, settings)
      return db.transaction(async (tx) => {
        await lockAgent(tx, agentId)
        await refuseTooMany(tx, agentId)
        const { name, cron, time_zone, payload, overlap } = settings
        return onlyRow(
          await tx.query<Schedule>({
            text: `insert into bellwire.schedules as s (id, agent_id, name, cron, time_zone, payload, overlap, next_at)
              values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${SCHEDULE_COLUMNS}`,
            values: [
              newId(),
              agentId,
              name,
              cron,
              time_zone,
              JSON.stringify(payload),
              overlap,
              settings.enabled ? nextAt : null,
            ],
            types: EXACT_JSON,
          }),
        )
      })
    },

    async get(agentId, id) {
      await findAgent(db.pool, agentId)
      return find(db.pool, agentId, id)
    },

    async list(agentId, { limit, after }) {
      await findAgent(db.pool, agentId)
      const { rows } = await db.pool.query<Schedule>({
        text: `select ${SCHEDULE_COLUMNS} from bellwire.schedules s
          where s.agent_id = $1 and ($2::uuid is null or s.id < $2) order by s.id desc limit $3`,
        values: [agentId, after ?? null, limit + 1],
        types: EXACT_JSON,
      })
      return toPage(rows, { limit, name: (row) => row.id, show: (row) => row })
    },

    async listAll({ limit, after }) {
      const { rows } = await db.pool.query<Schedule & { agentName: string }>({
        text: `select ${SCHEDULE_COLUMNS}, a.name as "agentName" from bellwire.schedules s
          join bellwire.agents a on a.id = s.agent_id and a.deleted_at is null
          where $1::uuid is null or s.id < $1 order by s.id desc limit $2`,
        values: [after ?? null, limit + 1],
        types: EXACT_JSON,
      })
      return toPage(rows, { limit, name: (row) => row.id, show: (row) => row })
    },

    update: (agentId, id, patch, ifMatch) =>
      change(agentId, id, async (tx, before) => {
        requireMatch(ifMatch, etagOf(scheduleVersion(before)))
        const after: ScheduleSettings = {
          name: patch.name ?? before.name,
          cron: patch.cron ?? before.cron,
          time_zone: patch.time_zone ?? before.timeZone,
          payload: 'payload' in patch ? patch.payload : before.payload,
          overlap: patch.overlap ?? before.overlap,
          enabled: patch.enabled ?? before.enabled,
        }
        const first = await firstBeat(tx, after)
        const isSameTime = before.enabled && before.cron === after.cron && before.timeZone === after.time_zone
        return onlyRow(
          await tx.query<Schedule>({
            text: `update bellwire.schedules s set name = $2, cron = $3, time_zone = $4, payload = $5, overlap = $6,
                next_at = case when not $7 then null when $8 then next_at else $9::timestamptz end, updated_at = now()
              where id = $1 returning ${SCHEDULE_COLUMNS}`,
            values: [
              id,
              after.name,
              after.cron,
              after.time_zone,
              JSON.stringify(after.payload),
              after.overlap,
              after.enabled,
              isSameTime,
              first,
            ],
            types: EXACT_JSON,
          }),
        )
      }),

    delete: (agentId, id, ifMatch) =>
      change(agentId, id, async (tx, before) => {
        requireMatch(ifMatch, etagOf(scheduleVersion(before)))
        await tx.query('delete from bellwire.schedules where id = $1', [id])
      }),
  }
}

/** Of the settings alone: a beat does not change it. */
export function scheduleVersion({ name, cron, timeZone, payload, overlap, enabled }: Schedule): string {
  const settings = JSON.stringify([name, cron, timeZone, payload, overlap, enabled])
  return createHash('sha256').update(settings).digest('base64url').slice(0, 22)
}

/**
 * Checks settings as a whole.
 *
 * @returns the first beat from now on, by the clock of the database
 * @throws BellwireError `schema_invalid`
 */
async function firstBeat(source: Queryable, settings: ScheduleSettings): Promise<Date> {
  const errors: FieldError[] = findUnstorable(settings.payload).map((pointer) => ({
    pointer: `/payload${pointer}`,
    detail: 'contains a NUL character or half of a surrogate pair, which cannot be stored',
  }))
  errors.push(...checkPayload(settings.payload))
  try {
    const beats = parseBeats(settings.cron, settings.time_zone)
    if (errors.length === 0) {
      const now = await readNow(source)
      const first = beats.after(now)
      if (first) return first
      errors.push({ pointer: '/cron', detail: 'never occurs' })
    }
  } catch (error) {
    if (!(error instanceof BeatsError)) throw error
    errors.push({ pointer: `/${error.field}`, detail: error.message })
  }
  throw new BellwireError('schema_invalid', undefined, { errors })
}

async function refuseTooMany(tx: pg.PoolClient, agentId: string): Promise<void> {
  const { rows } = await tx.query<{ count: number }>(
    'select count(*)::int from bellwire.schedules where agent_id = $1',
    [agentId],
  )
  if ((rows[0]?.count ?? 0) < MAX_PER_AGENT) return
  throw new BellwireError('conflict', `An agent has at most ${MAX_PER_AGENT} schedules. Delete one first.`)
}
