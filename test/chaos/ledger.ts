import type pg from 'pg'
import type { Database } from '../../src/db/database.ts'

/** What the database contains about one task of the load. Times are epoch milliseconds. */
export type TaskRecord = {
  id: string
  marker: string
  state: string
  attempt: number
  errorCode: string | null
  /** The nonce in its result. */
  nonce: string | null
  createdAt: number
  /** The time of the beat that started it, if one did. */
  beat: number | null
  /** The task that it replays, if it does. */
  replayOf: string | null
  hasCallback: boolean
  /** The conversation that it belongs to, and its turn there. */
  conversationId: string | null
  turn: number | null
  transitions: TransitionRecord[]
  steps: StepRecord[]
}

export type TransitionRecord = {
  event: number
  state: string
  reason: string
  attempt: number
  workerId: number | null
  at: number
}

export type StepRecord = {
  kind: string
  name: string
  step: number
  /** The position of a tool call among those of its step. */
  part: number | null
  state: string
  attempt: number
  /** Model: the nonce of its answer. Tool: that of the answer that asked for it. */
  nonce: string | null
  finishedAt: number | null
  /** What the URL that a call has waited for received. */
  said: string | null
}

export type WorkerRecord = {
  id: number
  pid: number
  startedAt: number
  heartbeatAt: number
  endedAt: number | null
}

export type Ledger = {
  /** Tasks that triggers and beats have started. */
  tasks: TaskRecord[]
  /** Tasks that replay these. */
  replays: TaskRecord[]
  workers: WorkerRecord[]
  /** Jobs left in the queue. */
  jobs: number
}

type Client = Pick<pg.ClientBase, 'query'>

const TASKS = `select id, convert_from(payload, 'UTF8')::json ->> 'marker' as marker, state, attempt,
    error ->> 'code' as "errorCode", substring(result ->> 'answer' from 'nonce-\\d+') as nonce,
    extract(epoch from created_at)::float8 * 1000 as "createdAt", callback is not null as "hasCallback",
    conversation_id as "conversationId", turn::float8 as turn,
    extract(epoch from (request -> 'schedule' ->> 'beat')::timestamptz)::float8 * 1000 as beat,
    (select replay_of from bellwire.replays r where r.task_id = t.id) as "replayOf"
  from bellwire.tasks t where convert_from(payload, 'UTF8')::json ->> 'marker' is not null`

const TRANSITIONS = `select task_id, event, state, reason, attempt, worker_id::float8 as "workerId",
    extract(epoch from created_at)::float8 * 1000 as at
  from bellwire.transitions order by event`

const STEPS = `select task_id, kind, name, step, state, attempt, case when kind = 'tool' then coalesce((input -> 'arguments' ->> 'part')::int, 0) end as part,
    output -> 'result' -> 'body' ->> 'said' as said,
    coalesce(input -> 'arguments' ->> 'nonce', substring(output::text from 'nonce-\\d+')) as nonce,
    extract(epoch from finished_at)::float8 * 1000 as "finishedAt"
  from bellwire.steps
  -- A model call that failed is a step, but no call that a later attempt goes by.
  where (kind = 'tool' or state = 'done') and key <> 'conversation' order by event`

/** Reads everything that the judge needs, in one snapshot. */
export async function readLedger(db: Database): Promise<Ledger> {
  return db.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read')
    const tasks = await tx.query<Omit<TaskRecord, 'transitions' | 'steps'>>(TASKS)
    const transitions = await tx.query<TransitionRecord & { task_id: string }>(TRANSITIONS)
    const steps = await tx.query<StepRecord & { task_id: string }>(STEPS)
    const records = new Map(
      tasks.rows.map((task): [string, TaskRecord] => [task.id, { ...task, transitions: [], steps: [] }]),
    )
    for (const { task_id: id, ...row } of transitions.rows) records.get(id)?.transitions.push(row)
    for (const { task_id: id, ...row } of steps.rows) records.get(id)?.steps.push(row)
    const all = [...records.values()]
    return {
      tasks: all.filter(({ replayOf }) => replayOf === null),
      replays: all.filter(({ replayOf }) => replayOf !== null),
      workers: await readWorkers(tx),
      jobs: await countJobs(tx),
    }
  })
}

/** Reads the workers that ever registered, oldest first. */
export async function readWorkers(client: Client): Promise<WorkerRecord[]> {
  const { rows } = await client.query<WorkerRecord>(
    `select id::float8 as id, substring(name from '\\d+$')::int as pid,
        extract(epoch from started_at)::float8 * 1000 as "startedAt",
        extract(epoch from heartbeat_at)::float8 * 1000 as "heartbeatAt",
        extract(epoch from ended_at)::float8 * 1000 as "endedAt"
      from bellwire.workers order by id`,
  )
  return rows
}

/**
 * Counts the tasks that these workers held when they died and that nobody has claimed since. A process that was hit
 * while starting may have survived and become a worker later: it keeps its tasks rightfully.
 */
export async function countInterrupted(
  db: Database,
  { workers, at }: { workers: number[]; at: number },
): Promise<number> {
  const { rows } = await db.pool.query<{ count: number }>(
    `select count(*)::int as count from bellwire.tasks t left join bellwire.workers w on w.id = t.worker_id
      where t.state = 'STARTED' and (substring(w.name from '\\d+$')::int = any($1::int[])
            and w.started_at < to_timestamp($2::float8 / 1000)
        or (select x.reason from bellwire.transitions x where x.task_id = t.id and x.event = t.last_event) = 'worker_lost')`,
    [workers, at],
  )
  return rows[0]?.count ?? 0
}

/** Counts the tasks that have not ended. */
export async function countLive(db: Database): Promise<number> {
  const { rows } = await db.pool.query<{ count: number }>(
    `select count(*)::int as count from bellwire.tasks where finished_at is null`,
  )
  return rows[0]?.count ?? 0
}

/**
 * Counts the unfinished deliveries, and makes their next attempts due: one that was claimed by a process before it was
 * killed would otherwise wait for a minute and a half.
 */
export async function hastenDeliveries(db: Database): Promise<number> {
  const { rowCount } = await db.pool.query(
    `update bellwire.deliveries set due_at = least(due_at, now() + interval '1 second') where due_at is not null`,
  )
  return rowCount ?? 0
}

export async function countJobs(client: Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>('select count(*)::int as count from bellwire.queue')
  return rows[0]?.count ?? 0
}

/** What each connection is doing, for investigating a stall. */
export async function readActivity(db: Database): Promise<string> {
  const { rows } = await db.pool.query<{ line: string }>(
    `select concat_ws(' ', a.pid, a.application_name, a.state, a.wait_event_type, a.wait_event,
        'in transaction for ' || extract(epoch from now() - a.xact_start)::int || ' s',
        'blocked by ' || nullif(pg_blocking_pids(a.pid)::text, '{}'), '|', left(regexp_replace(a.query, '\\s+', ' ', 'g'), 100)) as line
      from pg_stat_activity a where a.datname = current_database() and a.pid <> pg_backend_pid() order by a.pid`,
  )
  return rows.map(({ line }) => line).join('\n')
}

/** The status of each unfinished task: its worker, its job, and its last transition. */
export async function readOpenTasks(db: Database): Promise<string> {
  const { rows } = await db.pool.query<{ line: string }>(
    `select concat_ws(' ', t.id, a.name, t.state, 'attempt ' || t.attempt,
        'worker ' || t.worker_id || case when w.ended_at is null then ' (alive)' else ' (ended)' end,
        coalesce('queued: ' || q.why || ' at rank ' || coalesce(q.rank::text, 'none') || ' due ' || q.due_at, 'not queued'),
        '|', x.reason, extract(epoch from now() - x.created_at)::int || ' s ago',
        '|', s.key, s.state, extract(epoch from now() - s.started_at)::int || ' s ago') as line
      from bellwire.tasks t join bellwire.agents a on a.id = t.agent_id
      left join bellwire.workers w on w.id = t.worker_id
      left join bellwire.queue q on q.task_id = t.id
      left join bellwire.transitions x on x.task_id = t.id and x.event =
        (select max(event) from bellwire.transitions where task_id = t.id)
      left join bellwire.steps s on s.task_id = t.id and s.event =
        (select max(event) from bellwire.steps where task_id = t.id)
      where t.finished_at is null order by t.state, t.id`,
  )
  return rows.map(({ line }) => line).join('\n')
}
