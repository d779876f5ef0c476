import { createBatches } from '../db/batches.ts'
import type { Database } from '../db/database.ts'
import { objectKey, OWN_OBJECT_SECONDS } from './ownObjects.ts'

/** The time in which rings about one object are counted. */
export const RING_WINDOW_SECONDS = 600

/** An event about an object, before it becomes a task. */
export type ObjectEvent = {
  agentId: string
  /** URLs and ids, any of which the agent may have made; empty when that does not matter. */
  own: readonly string[]
  /** What rings are counted for; undefined when they are not. */
  object: string | undefined
  /** Rings about one object within {@link RING_WINDOW_SECONDS}. */
  maxRings: number
}

/** `own`: the agent has made the object in that task. `limited`: the object has had all its rings. */
export type ObjectVerdict = { kind: 'own'; taskId: string } | { kind: 'limited' } | { kind: 'rings' }

/**
 * Makes the function that compares events with what their agent has made itself, and counts rings for each object,
 * across all processes. Events that arrive at the same time share one statement.
 */
export function createObjectGuard(db: Database): (event: ObjectEvent) => Promise<ObjectVerdict> {
  const batches = createBatches<ObjectEvent, ObjectVerdict>({ handle: (events) => judge(db, events) })
  return (event) => batches.add(event)
}

async function judge(db: Database, events: ObjectEvent[]): Promise<ObjectVerdict[]> {
  const names = events.flatMap(({ own }, n) => own.map((name) => ({ n, name })))
  const { rows } = await db.pool.query<{ n: number; task_id: string | null; granted: boolean | null }>({
    name: 'objects_judge',
    text: JUDGE,
    values: [
      events.map(({ agentId }) => agentId),
      events.map(({ object }) => object ?? null),
      events.map(({ maxRings }) => maxRings),
      names.map(({ n }) => n + 1),
      names.map(({ name }) => name),
    ],
  })
  const byNumber = new Map(rows.map((row) => [row.n, row]))
  return events.map((_, n) => {
    const row = byNumber.get(n + 1)
    if (row?.task_id) return { kind: 'own', taskId: row.task_id }
    return row?.granted === false ? { kind: 'limited' } : { kind: 'rings' }
  })
}

/** The rings of a row that still count. */
const RECENT = `array(select at from unnest(r.rings) as at where at > now() - make_interval(secs => ${RING_WINDOW_SECONDS}))`

/** Rings that a row still has room for. */
const ROOM = `greatest(excluded.max_rings - cardinality(${RECENT}), 0)`

/**
 * One row for each object holds its latest rings. An update says how many of the rings that were asked for it has
 * granted (`granted`); the first events of the batch get them.
 */
const JUDGE = `with events as (
    select n, agent_id, ${objectKey('agent_id', 'object')} as key, max_rings
    from unnest($1::uuid[], $2::text[], $3::int[]) with ordinality as e(agent_id, object, max_rings, n)
  ), own as (
    select distinct on (e.n) e.n, o.task_id
    from unnest($4::int[], $5::text[]) as i(n, name)
    join events e on e.n = i.n
    join bellwire.own_objects o on o.key = ${objectKey('e.agent_id', 'i.name')}
      and o.made_at > now() - make_interval(secs => ${OWN_OBJECT_SECONDS})
  ), foreign_events as (
    select e.n, e.key, e.max_rings, row_number() over (partition by e.key order by e.n) as place
    from events e where e.key is not null and not exists (select from own where own.n = e.n)
  ), counted as (
    insert into bellwire.object_rings as r (key, rings, granted, max_rings, last_at)
    select key, array_fill(now(), array[least(count(*), max(max_rings))::int]), least(count(*), max(max_rings)),
      max(max_rings), now()
    from foreign_events group by key order by key
    on conflict (key) do update set
      rings = ${RECENT} || excluded.rings[1:${ROOM}],
      granted = least(excluded.granted, ${ROOM}),
      max_rings = excluded.max_rings,
      last_at = excluded.last_at
    returning key, granted
  )
  select n::int, task_id, null::boolean as granted from own
  union all
  select f.n::int, null, f.place <= c.granted from foreign_events f join counted c using (key)`
