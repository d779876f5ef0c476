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
  /**
   * The keys of the tasks of an event that is judged before they are written. If all keys are taken, it is a
   * redelivery, which is not counted.
   */
  keys?: readonly string[]
}

/**
 * `own`: the agent has made the object in that task. `limited`: the object has reached its limit of rings. `rings`:
 * neither of these, or a redelivery.
 */
export type ObjectVerdict = { kind: 'own'; taskId: string } | { kind: 'limited' } | { kind: 'rings' }

/**
 * Makes the function that compares events with what their agent has made itself, and counts rings for each object,
 * across all processes. Events that arrive at the same time share one statement. A request that becomes one task needs
 * none of its own: the statement that writes the task does the same (see insertTasks.ts).
 */
export function createObjectGuard(db: Database): (event: ObjectEvent) => Promise<ObjectVerdict> {
  const batches = createBatches<ObjectEvent, ObjectVerdict>({ handle: (events) => judge(db, events) })
  return (event) => batches.add(event)
}

async function judge(db: Database, events: ObjectEvent[]): Promise<ObjectVerdict[]> {
  const { columns, names } = guardValues(events)
  const { rows } = await db.pool.query<{ n: number; task_id: string | null }>({
    name: 'objects_judge',
    text: JUDGE,
    values: [...columns, ...names, ...keyValues(events)],
  })
  const verdicts = events.map((): ObjectVerdict => ({ kind: 'rings' }))
  for (const { n, task_id: taskId } of rows) {
    verdicts[n - 1] = taskId === null ? { kind: 'limited' } : { kind: 'own', taskId }
  }
  return verdicts
}

/**
 * Values of events in SQL, in their order; undefined for what is about no object. `columns`: the key of each object, and
 * the limit of its rings; `names`: the parameters of {@link ownCte}.
 */
export function guardValues(events: readonly (ObjectEvent | undefined)[]): {
  columns: [objects: string, limits: string]
  names: [numbers: string, keys: string]
} {
  const numbers: number[] = []
  const keys: string[] = []
  const objects: string[] = []
  events.forEach((event, index) => {
    if (event) {
      for (const name of event.own) {
        numbers.push(index + 1)
        keys.push(objectKey(event.agentId, name))
      }
    }
    const { object } = event ?? {}
    if (!event || object === undefined) objects.push('null')
    // Nearly always its only name.
    else if (object === event.own[0]) objects.push(keys[keys.length - event.own.length] ?? '')
    else objects.push(objectKey(event.agentId, object))
  })
  return {
    columns: [list(objects), list(events.map((event) => event?.maxRings ?? 0))],
    names: [list(numbers), list(keys)],
  }
}

/** The keys of the tasks of events, each with the number of its event. */
function keyValues(events: readonly ObjectEvent[]): [numbers: string, keys: string] {
  const pairs = events.flatMap(({ keys = [] }, index) => keys.map((key) => ({ n: index + 1, key })))
  return [list(pairs.map(({ n }) => n)), list(pairs.map(({ key }) => key))]
}

function list(values: readonly (string | number)[]): string {
  return `{${values.join(',')}}`
}

/** The rings of a row that still count. */
const RECENT = `array(select at from unnest(r.rings) as at where at > now() - make_interval(secs => ${RING_WINDOW_SECONDS}))`

/** Rings that a row still has room for. */
const ROOM = `greatest(excluded.max_rings - cardinality(${RECENT}), 0)`

/**
 * SQL of `own`: the number of each event whose object the agent has made, and the task.
 *
 * @param first the number of the first of the two parameters
 */
export const ownCte = (first: number): string => `own as (
    select distinct on (n) n::bigint, task_id from (
      select n, (
          select o.task_id from bellwire.own_objects o
          where o.key = c.key and o.made_at > now() - make_interval(secs => ${OWN_OBJECT_SECONDS})
        ) as task_id
      from unnest($${first}::int[], $${first + 1}::uuid[]) as c(n, key)
    ) as looked_up
    where task_id is not null
  )`

/**
 * SQL that counts events. `limited`: the numbers of those whose object has reached its limit of rings.
 *
 * One row for each object holds its latest rings. An update returns how many of the requested rings it has granted
 * (`granted`); the first events get them. Nearly always, all are granted.
 *
 * @param from a relation of events: their numbers `n`, from 1, their `object` and its `max_rings`
 * @param which SQL condition for the events that count
 */
export const ringCtes = (from: string, which: string): string => `foreign_events as (
    select n, object, max_rings from ${from} where object is not null and ${which}
  ), counted as (
    insert into bellwire.object_rings as r (key, rings, granted, max_rings, last_at)
    select object, array_fill(now(), array[least(count(*), max(max_rings))::int]), least(count(*), max(max_rings)),
      max(max_rings), now()
    from foreign_events group by object order by object
    on conflict (key) do update set
      rings = ${RECENT} || excluded.rings[1:${ROOM}],
      granted = least(excluded.granted, ${ROOM}),
      max_rings = excluded.max_rings,
      last_at = excluded.last_at
    returning key, granted
  ), limited as (
    select n from foreign_events e
    where (select sum(granted) from counted) < (select count(*) from foreign_events)
      and (select count(*) from foreign_events o where o.object = e.object and o.n <= e.n)
        > (select granted from counted c where c.key = e.object)
  )`

/** SQL that leaves out the rows whose numbers are in a relation, which nearly always has none. */
export function except(relation: string): string {
  return `n <> all(array(select n from ${relation}))`
}

const JUDGE = `with events as (
    select n, object, max_rings
    from unnest($1::uuid[], $2::int[]) with ordinality as e(object, max_rings, n)
  ), keys as (
    select n, key, row_number() over (partition by key order by n) > 1 or exists (
        select from bellwire.dedupe_keys d where d.key = k.key and d.expires_at > now()
      ) as is_taken
    from unnest($5::int[], $6::uuid[]) as k(n, key)
  ), redelivered as (
    select n from keys group by n having bool_and(is_taken)
  ), ${ownCte(3)}, ${ringCtes('events', `${except('own')} and ${except('redelivered')}`)}
  select n::int, task_id from own union all select n::int, null from limited`
