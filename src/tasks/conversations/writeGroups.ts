import type pg from 'pg'
import { payloadHash } from '../dedupeKey.ts'
import { cancelAll } from '../cancel.ts'
import { insertTasks } from '../insertTasks.ts'
import type { GroupPlan, Join } from './planGroups.ts'

/** Another transaction has taken a key of these requests, or removed a webhook: all is decided again. */
export class Overtaken extends Error {
  constructor() {
    super('another request was faster: this one is decided again')
    this.name = 'Overtaken'
  }
}

/**
 * Writes what was decided about requests of conversations and bursts, inside the transaction that holds their locks.
 *
 * @returns the tasks that were cancelled
 * @throws Overtaken
 */
export async function writeGroups(tx: pg.PoolClient, plan: GroupPlan): Promise<string[]> {
  if (plan.created.length > 0) {
    const written = await insertTasks(tx, plan.created)
    if (written.some((one) => one !== 'written')) throw new Overtaken()
  }
  if (plan.joins.length > 0) await writeJoins(tx, plan.joins)
  if (plan.begun.size > 0) await writeBursts(tx, plan.begun)
  if (plan.full.size > 0) await endWindows(tx, [...plan.full])
  return plan.superseded.size > 0 ? supersede(tx, plan.superseded) : []
}

/** Adds requests to tasks whose rows are locked, with their keys. */
async function writeJoins(tx: pg.PoolClient, joins: readonly Join[]): Promise<void> {
  const keyed = joins.filter(({ task }) => task.dedupe).toSorted(byKey)
  if (keyed.length > 0) {
    const { rowCount } = await tx.query({
      name: 'joins_keys',
      text: `insert into bellwire.dedupe_keys as k (key, task_id, payload_hash, expires_at)
        select key, task_id, payload_hash, now() + make_interval(secs => ttl)
        from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::float8[]) as i(key, task_id, payload_hash, ttl)
        on conflict (key) do update
          set task_id = excluded.task_id, payload_hash = excluded.payload_hash, expires_at = excluded.expires_at
          where k.expires_at <= now()`,
      values: [
        keyed.map(({ task }) => task.dedupe?.key),
        keyed.map(({ into }) => into),
        keyed.map(({ task }) => payloadHash(task)),
        keyed.map(({ task }) => task.dedupe?.ttlSeconds),
      ],
    })
    if (rowCount !== keyed.length) throw new Overtaken()
  }
  await tx.query({
    name: 'joins_write',
    text: `insert into bellwire.joined_requests (task_id, coalesced, n, payload, request, body)
      select * from unnest($1::uuid[], $2::bool[], $3::int[], $4::bytea[], $5::json[], $6::bytea[])`,
    values: [
      joins.map(({ into }) => into),
      joins.map(({ coalesced }) => coalesced),
      joins.map(({ n }) => n),
      joins.map(({ task }) => task.payload),
      joins.map(({ task }) => task.request),
      joins.map(({ task }) => task.body ?? null),
    ],
  })
  const counts = new Map(joins.map(({ into, n }) => [into, n]))
  await tx.query({
    name: 'joins_count',
    text: `update bellwire.tasks t set joined = i.n
      from unnest($1::uuid[], $2::int[]) as i(id, n) where t.id = i.id`,
    values: [[...counts.keys()], [...counts.values()]],
  })
}

function byKey(one: Join, other: Join): number {
  return (one.task.dedupe?.key ?? '') < (other.task.dedupe?.key ?? '') ? -1 : 1
}

async function writeBursts(tx: pg.PoolClient, begun: GroupPlan['begun']): Promise<void> {
  const all = [...begun]
  await tx.query({
    name: 'bursts_begin',
    text: `update bellwire.bursts b
      set task_id = i.task_id, closes_at = now() + make_interval(secs => i.seconds)
      from unnest($1::uuid[], $2::uuid[], $3::float8[]) as i(name, task_id, seconds) where b.name = i.name`,
    values: [
      all.map(([name]) => name),
      all.map(([, { taskId }]) => taskId),
      all.map(([, { windowSeconds }]) => windowSeconds),
    ],
  })
}

/** Makes bursts that are full due; see closeBursts.ts. */
async function endWindows(tx: pg.PoolClient, taskIds: string[]): Promise<void> {
  await tx.query({
    name: 'bursts_full',
    text: `update bellwire.queue set due_at = now() where task_id = any($1::uuid[]) and why = 'coalescing'`,
    values: [taskIds],
  })
  await tx.query({
    name: 'bursts_end',
    text: `update bellwire.bursts set closes_at = now() where task_id = any($1::uuid[])`,
    values: [taskIds],
  })
}

/** Cancels tasks in favour of newer ones, whose runs begin with what these were to do: see readEarlier.ts. */
async function supersede(tx: pg.PoolClient, superseded: ReadonlyMap<string, string>): Promise<string[]> {
  const errors = [...superseded].map(
    ([id, by]) =>
      [
        id,
        {
          code: 'cancelled',
          message: `A newer request of the conversation started the run again, as task ${by}.`,
          superseded_by: by,
        },
      ] as const,
  )
  return cancelAll(tx, new Map(errors))
}
