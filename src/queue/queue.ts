import { PgBoss, type Db, type JobInsert } from 'pg-boss'
import type pg from 'pg'
import { pipeline, type Database, type Queryable } from '../db/database.ts'

const SCHEMA = 'bellwire_queue'
const QUEUE = 'runs'

/** Added to the priority of jobs that somebody waits for. All others stand at zero or below, at one those that were cut off. */
const INTERACTIVE = 1_000_000_000

/** Where a job stands in the order of jobs. `rank`: place in the fair order, from 0; see fairRank.ts. */
type Place = { interactive: boolean; rank: number }

/** A wake-up for a task. Its id is used once: queueing a task again makes a new job. */
export type NewJob = {
  id: string
  taskId: string
  interactive: boolean
  /** Place in the fair order, from 0; see fairRank.ts. */
  rank: number
  /** Groups the jobs of one agent, so that a fetch can leave them out. */
  agentId: string
  /** Not before this many milliseconds from now. */
  delayMs?: number
  /** Its task waits for people, and this ends the wait. */
  endsWait?: boolean
}

/** A job that this process has fetched and must settle in the same or a later transaction. */
export type FetchedJob = { id: string; taskId: string; retryCount: number; endsWait: boolean }

export type RunQueue = {
  /** Adds jobs inside the caller's transaction. */
  insert(tx: pg.PoolClient, jobs: NewJob[]): Promise<void>
  /** The same as a statement with one parameter, for a caller that makes it a part of its own. */
  insertStatement(jobs: NewJob[]): Promise<{ text: string; parameter: unknown }>
  /** Takes up to `limit` due jobs, best first, inside the caller's transaction. */
  fetch(
    tx: pg.PoolClient,
    options: { limit: number; exceptAgents?: string[]; onlyInteractive?: boolean },
  ): Promise<FetchedJob[]>
  /** Ends fetched jobs; one that was fetched anew by somebody else since is left alone. */
  settle(tx: pg.PoolClient, jobs: { id: string; retryCount: number }[]): Promise<void>
  /** Ends jobs in whatever state they are. */
  cancel(tx: pg.PoolClient, ids: string[]): Promise<void>
  /** Gives waiting jobs another time and place; those that somebody else has hold of stay. Gives the ids of the moved. */
  reschedule(tx: pg.PoolClient, jobs: (Place & { id: string; startAfter: Date })[]): Promise<string[]>
  /** Keeps everybody else from fetching a job or ending it until the caller's transaction is over. */
  lock(tx: pg.PoolClient, id: string): Promise<void>
  /** How many jobs wait: due, or put off; and for how many seconds the oldest has been due. */
  depth(db: Queryable): Promise<{ due: number; later: number; seconds: number }>
  /** The table that holds the jobs, qualified: for joins. */
  table: string
  /** The rank of the best due job that nobody waits for; undefined when there is none. */
  headRank(): Promise<number | undefined>
  stop(): Promise<void>
}

/**
 * Creates the queue's schema and its one queue where they are missing. Safe to call from many processes.
 * The numbers overrule defaults that destroy: jobs that wait for years stay, a long run is not expired
 * while its worker lives (our own lease watches over it), and only we decide about retries.
 */
export async function installQueue(db: Database): Promise<void> {
  const boss = new PgBoss({ ...quiet, db: adapter(db.pool), schema: SCHEMA, migrate: true, supervise: false })
  boss.on('error', () => {}) // every failure also rejects the call that it belongs to
  await boss.start()
  try {
    const options = {
      retryLimit: 0,
      expireInSeconds: 86_399,
      retentionSeconds: 10 * 365 * 86_400,
      deleteAfterSeconds: 3_600,
    }
    if (await boss.getQueue(QUEUE)) await boss.updateQueue(QUEUE, options)
    else await boss.createQueue(QUEUE, { ...options, partition: true })
  } finally {
    await boss.stop({ graceful: false })
  }
}

/**
 * Opens the queue that {@link installQueue} has made. One process at least has to `supervise`: it expires
 * and deletes what is left of old jobs.
 */
export async function openQueue(
  db: Database,
  { supervise, onError }: { supervise: boolean; onError: (error: Error) => void },
): Promise<RunQueue> {
  const boss = new PgBoss({
    ...quiet,
    db: adapter(db.pool),
    schema: SCHEMA,
    migrate: false,
    createSchema: false,
    supervise,
    monitorIntervalSeconds: 5,
  })
  boss.on('error', onError)
  await boss.start()
  const queue = await boss.getQueue(QUEUE)
  if (!queue) throw new Error('the queue is not installed: run "bellwire migrate" first')
  const table = `${SCHEMA}.${queue.table}`
  const headQuery = `select -priority as rank from ${table}
    where name = '${QUEUE}' and priority <= 0 and state < 'active' and not blocked and start_after <= now()
    order by priority desc, created_on limit 1`
  let stopping: Promise<void> | undefined

  return {
    table,

    async insert(tx, jobs) {
      if (jobs.length > 0) await boss.insert(QUEUE, jobs.map(toInsert), { db: pipelined(tx) })
    },

    async insertStatement(jobs) {
      let statement: { text: string; parameter: unknown } | undefined
      const db: Db = {
        executeSql(text, values = []) {
          if (values.length === 1) statement = { text, parameter: values[0] }
          return Promise.resolve({ rows: [] })
        },
      }
      await boss.insert(QUEUE, jobs.map(toInsert), { db })
      if (!statement) throw new Error('the queue inserts jobs in another way than expected')
      return statement
    },

    async fetch(tx, { limit, exceptAgents, onlyInteractive }) {
      const jobs = await boss.fetch<{ task_id: string; ends_wait?: boolean }>(QUEUE, {
        db: adapter(tx),
        batchSize: limit,
        ...(exceptAgents?.length ? { ignoreGroups: exceptAgents } : {}),
        ...(onlyInteractive ? { minPriority: 2 } : {}),
      })
      // A job is fetched once in its life: it is settled after, never retried by the queue.
      return jobs.map(({ id, data }) => ({
        id,
        taskId: data.task_id,
        retryCount: 0,
        endsWait: data.ends_wait ?? false,
      }))
    },

    async settle(tx, jobs) {
      if (jobs.length > 0) await boss.deleteJob(QUEUE, jobs, { db: pipelined(tx) })
    },

    async cancel(tx, ids) {
      if (ids.length > 0) await boss.deleteJob(QUEUE, ids, { db: pipelined(tx) })
    },

    async reschedule(tx, jobs) {
      if (jobs.length === 0) return []
      const { rows } = await tx.query<{ id: string }>(
        `with waiting as (
            select id from ${table} where name = '${QUEUE}' and id = any($1::uuid[]) and state < 'active'
            order by id for update skip locked
          )
          update ${table} j set priority = i.priority, start_after = i.start_after
          from waiting w join unnest($1::uuid[], $2::int[], $3::timestamptz[]) as i(id, priority, start_after)
            on i.id = w.id
          where j.name = '${QUEUE}' and j.id = w.id
          returning j.id`,
        [jobs.map((job) => job.id), jobs.map(priorityOf), jobs.map((job) => job.startAfter.toISOString())],
      )
      return rows.map((row) => row.id)
    },

    async lock(tx, id) {
      await tx.query(`select 1 from ${table} where name = '${QUEUE}' and id = $1 for update`, [id])
    },

    async depth(db) {
      const { rows } = await db.query<{ due: number; later: number; seconds: number }>({
        name: 'queue_depth',
        text: `select count(*) filter (where start_after <= now())::float8 as due,
            count(*) filter (where start_after > now())::float8 as later,
            greatest(0, coalesce(extract(epoch from now() - min(greatest(created_on, start_after))
              filter (where start_after <= now())), 0))::float8 as seconds
          from ${table} where name = '${QUEUE}' and state < 'active'`,
      })
      return rows[0] ?? { due: 0, later: 0, seconds: 0 }
    },

    async headRank() {
      const { rows } = await db.pool.query<{ rank: number }>({ name: 'queue_head', text: headQuery })
      return rows[0]?.rank
    },

    stop: () => (stopping ??= boss.stop({ graceful: false })),
  }
}

function toInsert(job: NewJob): JobInsert {
  return {
    id: job.id,
    data: { task_id: job.taskId, ...(job.endsWait ? { ends_wait: true } : {}) },
    priority: priorityOf(job),
    group: { id: job.agentId },
    ...(job.delayMs ? { startAfter: job.delayMs / 1000 } : {}),
  }
}

function priorityOf({ interactive, rank }: Place): number {
  return (interactive ? INTERACTIVE : 0) - Math.min(rank, INTERACTIVE - 1)
}

const quiet = {
  schedule: false,
  registerInstance: false,
  monitorVacuum: false,
  openTelemetry: { enabled: false },
} as const

/** Lets pg-boss speak through our pool, or through a transaction that we hold. */
function adapter(client: Pick<pg.Pool, 'query'>): Db {
  return {
    async executeSql(text, values) {
      const result: pg.QueryResult | pg.QueryResult[] = await client.query(prepared(text, values))
      // Several statements in one text give several results; pg-boss reads the rows of all as one list.
      return Array.isArray(result) ? { rows: result.flatMap(({ rows }) => rows) } : result
    },
  }
}

/**
 * Lets pg-boss write inside a transaction without waiting: the statement travels with what comes after it, and
 * pg-boss is told that nothing came back, which it does not need.
 */
function pipelined(tx: pg.PoolClient): Db {
  return {
    executeSql(text, values) {
      pipeline(tx, tx.query(prepared(text, values)))
      return Promise.resolve({ rows: [{ count: 0, ids: [], retained: 0 }] })
    },
  }
}

const names = new Map<string, string>()

/** Long statements that come again and again are parsed and planned once for each connection. */
function prepared(text: string, values: unknown[] | undefined): pg.QueryConfig {
  if (!values?.length) return { text }
  let name = names.get(text)
  if (name === undefined) {
    if (names.size >= MAX_PREPARED) return { text, values }
    names.set(text, (name = `queue_${names.size}`))
  }
  return { name, text, values }
}

/** Texts differ by the size of a batch, too; those beyond this number are not prepared. */
const MAX_PREPARED = 200
