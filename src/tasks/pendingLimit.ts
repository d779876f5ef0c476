import { LRUCache } from 'lru-cache'
import type pg from 'pg'
import { pipeline, type Queryable } from '../db/database.ts'
import type { NewTask } from './insertTasks.ts'

/** How many tasks of an agent may be waiting, and how many are to be added. */
type Wanted = { agentId: string; maxPending: number; count: number }

/**
 * Finds out for how many more tasks agents have room, inside the transaction that writes them: their rows are
 * locked to its end, so that all processes together keep to the limit.
 *
 * The row of an agent says how much room it has at least: every task that is written takes of it, and runs that
 * begin give nothing back. Only when it does not suffice are the waiting tasks counted.
 *
 * @param mayCount false for agents whose tasks were counted a moment ago
 * @returns room by agent, and the agents whose tasks were counted
 */
async function lockRoom(
  tx: Queryable,
  wanted: readonly Wanted[],
  mayCount: (agentId: string) => boolean,
): Promise<{ room: Map<string, number>; counted: string[] }> {
  const ids = wanted.map(({ agentId }) => agentId)
  await tx.query({
    name: 'pending_rows',
    text: `insert into bellwire.pending_room (agent_id, room, max_pending)
      select id, 0, 0 from unnest($1::uuid[]) as i(id) order by id on conflict do nothing`,
    values: [ids],
  })
  const { rows } = await tx.query<{ agent_id: string; room: number; max_pending: number }>({
    name: 'pending_lock',
    text: `select agent_id, room, max_pending from bellwire.pending_room
      where agent_id = any($1::uuid[]) order by agent_id for update`,
    values: [ids],
  })
  const known = new Map(rows.map((row) => [row.agent_id, row]))
  const room = new Map<string, number>()
  const counted: string[] = []
  for (const { agentId, maxPending, count } of wanted) {
    const row = known.get(agentId)
    const left = row?.max_pending === maxPending ? row.room : 0
    const isShort = left < count
    if (isShort && (row?.max_pending !== maxPending || mayCount(agentId))) {
      room.set(agentId, Math.max(0, maxPending - (await countPending(tx, agentId, maxPending))))
      counted.push(agentId)
    } else room.set(agentId, left)
  }
  return { room, counted }
}

/** Writes down how much room is left, with the tasks that took it. */
async function saveRoom(
  tx: Queryable,
  left: readonly { agentId: string; maxPending: number; room: number }[],
): Promise<void> {
  await tx.query({
    name: 'pending_save',
    text: `update bellwire.pending_room p set room = i.room, max_pending = i.max_pending
      from unnest($1::uuid[], $2::int[], $3::int[]) as i(agent_id, room, max_pending)
      where p.agent_id = i.agent_id`,
    values: [
      left.map(({ agentId }) => agentId),
      left.map(({ room }) => room),
      left.map(({ maxPending }) => maxPending),
    ],
  })
}

/**
 * Tasks that have never run, as far as the limit. Those held at their webhook wait for a person, and count as well;
 * rehearsals do not: nobody has sent them.
 */
async function countPending(tx: Queryable, agentId: string, max: number): Promise<number> {
  const { rows } = await tx.query<{ pending: number }>({
    name: 'pending_count',
    text: `select count(*)::int as pending from (
        select from bellwire.queue q
        where agent_id = $1 and why in ('accepted', 'deferred', 'held', 'delayed', 'conversation', 'coalescing')
          and not exists (select from bellwire.rehearsed_tasks e where e.task_id = q.task_id)
        limit $2
      ) q`,
    values: [agentId, max],
  })
  return rows[0]?.pending ?? 0
}

/** How long what was counted is relied on, though runs may have begun since. */
const COUNT_AGAIN_MS = 200

/** Agents with a limit that are busy at the same time. */
const MAX_AGENTS = 10_000

/** Keeps agents within `limits.max_pending_tasks`. */
export type PendingLimit = {
  /** Whether an agent was found full a moment ago: then the database need not be asked again. */
  isFull(agentId: string, maxPending: number): boolean
  /**
   * Finds out which requests there is room for, and takes that room, in the transaction that writes their tasks.
   *
   * @param requests the tasks of each request, which are accepted together or not at all
   */
  admit(tx: pg.PoolClient, requests: readonly NewTask[][]): Promise<boolean[]>
}

/** @param now milliseconds of a clock that only grows */
export function createPendingLimit(now = () => performance.now()): PendingLimit {
  const counts = new LRUCache<string, { at: number; fullAt: number }>({ max: MAX_AGENTS })
  const isFresh = (agentId: string): boolean =>
    now() - (counts.get(agentId)?.at ?? -Infinity) < COUNT_AGAIN_MS

  return {
    isFull: (agentId, maxPending) => isFresh(agentId) && counts.get(agentId)?.fullAt === maxPending,

    async admit(tx, requests) {
      const sizes = requests.map(distinct(new Set()))
      const wanted = new Map<string, Wanted>()
      requests.forEach(([first], index) => {
        if (!first) return
        const { agentId, maxPending = Infinity } = first
        const one = wanted.get(agentId) ?? { agentId, maxPending, count: 0 }
        wanted.set(agentId, { ...one, count: one.count + (sizes[index] ?? 0) })
      })
      const agents = [...wanted.values()]
      const { room, counted } = await lockRoom(tx, agents, (agentId) => !isFresh(agentId))
      const admitted = requests.map(([first], index) => {
        const size = sizes[index] ?? 0
        const left = room.get(first?.agentId ?? '') ?? 0
        if (!first || size > left) return false
        room.set(first.agentId, left - size)
        return true
      })
      const left = agents.map(({ agentId, maxPending }) => ({
        agentId,
        maxPending,
        room: room.get(agentId) ?? 0,
      }))
      pipeline(tx, saveRoom(tx, left))
      const at = now()
      for (const agentId of counted) counts.set(agentId, { at, fullAt: 0 })
      for (const { agentId, maxPending, room: rest } of left) {
        const one = counts.get(agentId)
        if (one) one.fullAt = rest === 0 ? maxPending : 0
      }
      return admitted
    },
  }
}

/** Makes the function that counts tasks, those with the same key once. */
function distinct(seen: Set<string>): (tasks: readonly NewTask[]) => number {
  return (tasks) =>
    tasks.filter(({ dedupe }) => {
      if (!dedupe) return true
      const isNew = !seen.has(dedupe.key)
      seen.add(dedupe.key)
      return isNew
    }).length
}
