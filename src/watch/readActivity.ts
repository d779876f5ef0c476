import type { ActivityKind } from '../contract/activity.ts'
import type { TaskState } from '../contract/task.ts'
import type { Database } from '../db/database.ts'
import { jsonTime } from '../db/jsonTime.ts'
import type { Activity } from './activity.ts'
import { advance, parseSnapshot, type Position } from './position.ts'

/** Events that follow a position. */
export type ActivityPage = {
  events: Activity[]
  /** Where a reader is who has received them. */
  position: Position
  /** There are more. */
  more: boolean
}

export type ReadActivity = (from: Position) => Promise<ActivityPage>

/** Events read at a time. */
const PAGE = 500

/**
 * Where events come from: a table with the columns of its rows. `where` also selects the index that finds new rows.
 * Their numbers are part of positions that clients keep: never change them.
 */
type Source = {
  number: number
  kind: ActivityKind
  from: string
  where?: string
  id: string
  n: string
  columns: string
}

const SOURCES: readonly Source[] = [
  {
    // A task that has gone on since appears with its next state.
    number: 1,
    kind: 'task',
    from: 'bellwire.tasks e',
    where: `e.state = 'PENDING'`,
    id: 'e.id',
    n: '1',
    columns: `e.agent_id, e.webhook_id, 'PENDING' as state, json_build_object('task_id', e.id, 'event', 1,
      'agent_id', e.agent_id, 'webhook_id', e.webhook_id, 'origin', e.origin, 'state', 'PENDING', 'reason', 'accepted',
      'attempt', 0, 'error', null, 'held', e.held, 'at', ${jsonTime('e.created_at')})`,
  },
  {
    number: 2,
    kind: 'task',
    from: 'bellwire.transitions e join bellwire.tasks t on t.id = e.task_id',
    id: 'e.task_id',
    n: 'e.event',
    columns: `t.agent_id, t.webhook_id, e.state::text as state, json_build_object('task_id', e.task_id, 'event', e.event,
      'agent_id', t.agent_id, 'webhook_id', t.webhook_id, 'origin', t.origin, 'state', e.state, 'reason', e.reason,
      'attempt', e.attempt, 'error', e.error, 'due_at', ${jsonTime('e.due_at')}, 'at', ${jsonTime('e.created_at')})`,
  },
  {
    number: 3,
    kind: 'approval',
    from: 'bellwire.approvals e join bellwire.tasks t on t.id = e.task_id',
    // Waits for a callback are no concern of people.
    where: 'e.callback_id is null',
    id: 'e.id',
    n: 'e.event',
    columns: `e.agent_id, t.webhook_id, null as state, json_build_object('approval_id', e.id, 'task_id', e.task_id,
      'agent_id', e.agent_id, 'webhook_id', t.webhook_id, 'tool', e.tool, 'question', e.question, 'state', e.state,
      'expires_at', ${jsonTime('e.expires_at')}, 'at', ${jsonTime('coalesce(e.decided_at, e.created_at)')})`,
  },
  {
    number: 4,
    kind: 'delivery',
    from: 'bellwire.deliveries e',
    id: 'e.id',
    n: 'e.attempts',
    columns: `e.agent_id, e.webhook_id, null as state, json_build_object('delivery_id', e.id, 'task_id', e.task_id,
      'agent_id', e.agent_id, 'webhook_id', e.webhook_id, 'kind', e.kind, 'event', e.event, 'state', e.state, 'attempts', e.attempts,
      'error', e.error, 'next_attempt_at', ${jsonTime('e.due_at')},
      'at', ${jsonTime(`coalesce((select a.started_at from bellwire.delivery_attempts a
        where a.delivery_id = e.id and a.attempt = e.attempts), e.created_at)`)})`,
  },
  {
    number: 5,
    kind: 'rejection',
    from: 'bellwire.rejections e',
    id: 'e.id',
    n: '0',
    columns: `e.agent_id, e.webhook_id, null as state, json_build_object('rejection_id', e.id, 'agent_id', e.agent_id,
      'webhook_id', e.webhook_id, 'reason', e.reason, 'detail', e.detail, 'task_id', e.task_id,
      'at', ${jsonTime('e.created_at')})`,
  },
]

const KINDS = new Map(SOURCES.map(({ number, kind }) => [number, kind]))

/**
 * The statement that reads the first new rows of all sources: of later transactions, and of those that were in progress,
 * each found by an index. The limit is in its text: so the plan for all values, which is made once, knows it.
 */
function statementFor(limit: number): string {
  const branches = SOURCES.flatMap(({ number, from, where = 'true', id, n, columns }) => {
    const select = `select e.xid, ${number} as number, ${id} as id, ${n} as n, ${columns} as data
      from ${from} where ${where}`
    return [
      `(${select} and e.xid >= $1::xid8 order by e.xid, 3, 4 limit ${limit})`,
      // What has been read of the transaction $3 in part is left out.
      `(${select} and e.xid = any($2::xid8[])
        and (e.xid <> $3::xid8 or (${number}, ${id}, ${n}) > ($4::int, $5::uuid, $6::int))
        order by e.xid <> $3::xid8, e.xid, 3, 4 limit ${limit})`,
    ]
  })
  return `select pg_current_snapshot()::text as now, f.* from (select 1) one left join (
      select * from (${branches.join(' union all ')}) e
      order by xid <> $3::xid8, xid, number, id, n limit ${limit}
    ) f on true
    order by f.xid <> $3::xid8, f.xid, f.number, f.id, f.n`
}

type Row = { now: string } & (
  | { xid: null }
  | {
      xid: string
      number: number
      id: string
      n: number
      agent_id: string
      webhook_id: string | null
      state: TaskState | null
      data: Record<string, unknown>
    }
)

const NOTHING = { xid: 0n, kind: 0, id: '00000000-0000-0000-0000-000000000000', n: 0 }

/** Creates the function that reads the events after a position. */
export function createReadActivity(db: Database, page = PAGE): ReadActivity {
  const statement = { name: `activity_read_${page}`, text: statementFor(page + 1) }
  return async (from) => {
    const { xid, kind, id, n } = from.upTo ?? NOTHING
    const { rows } = await db.pool.query<Row>({
      ...statement,
      values: [String(from.next), from.open.map(String), String(xid), kind, id, n],
    })
    const now = parseSnapshot(rows[0]?.now ?? '')
    const found = rows.flatMap((row) => (row.xid === null ? [] : row))
    const events: Activity[] = []
    let position = from
    for (const [index, row] of found.slice(0, page).entries()) {
      const place = { xid: BigInt(row.xid), kind: row.number, id: row.id, n: row.n }
      position = advance(position, now, place, found[index + 1]?.xid !== row.xid)
      events.push({
        position,
        place,
        kind: KINDS.get(row.number) ?? 'task',
        agentId: row.agent_id,
        webhookId: row.webhook_id,
        state: row.state ?? undefined,
        data: row.data,
      })
    }
    const more = found.length > page
    return { events, position: more ? position : now, more }
  }
}

/** What has happened by now. */
export async function readNow(db: Database): Promise<Position> {
  const { rows } = await db.pool.query<{ now: string }>('select pg_current_snapshot()::text as now')
  return parseSnapshot(rows[0]?.now ?? '')
}
