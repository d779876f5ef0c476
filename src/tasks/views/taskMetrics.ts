import { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { queueDepth } from '../../queue/queue.ts'
import type { Family } from '../../telemetry/metrics.ts'
import { createModelUse, type ModelUse } from './modelUse.ts'

/** Minimum time that a read is cached: more frequent scrapes cost the database nothing more. */
const FRESH_MS = 1_000

/**
 * And this many times as long as the read took: counting a backlog of a million costs at most a twentieth of a
 * connection.
 */
const FRESH_FACTOR = 20

const Labels = z.record(z.string(), z.string())

/** The counters that workers have stored in their rows. A newer version may store counters that are unknown here. */
const Written = z.array(
  z.discriminatedUnion('type', [
    z.object({
      name: z.string(),
      help: z.string(),
      type: z.enum(['counter', 'gauge']),
      series: z.array(z.object({ labels: Labels, value: z.number() })),
    }),
    z.object({
      name: z.string(),
      help: z.string(),
      type: z.literal('histogram'),
      bounds: z.array(z.number()),
      series: z.array(z.object({ labels: Labels, counts: z.array(z.number()), sum: z.number() })),
    }),
  ]),
)

/**
 * Creates the function that reads task metrics of all processes from the database: tasks by state, the queue, usage,
 * and the counters of living workers.
 */
export function createTaskMetrics({ db }: { db: Database }): () => Promise<Family[]> {
  const used = createModelUse(db)
  let known: { families: Promise<Family[]>; until: number } | undefined

  return () => {
    if (known && known.until > performance.now()) return known.families
    const begun = performance.now()
    const families = Promise.all([readTasks(db), readQueue(db), readUsed(used), readWorkers(db)])
    const flat = families.then((parts) => parts.flat())
    const reading = (known = { families: flat, until: Infinity })
    flat.then(
      () => {
        const now = performance.now()
        reading.until = now + Math.max(FRESH_MS, (now - begun) * FRESH_FACTOR)
      },
      () => (known = undefined),
    )
    return flat
  }
}

/** By `tasks_live_idx`: ended tasks are not read. */
export const LIVE_TASKS = `select state, held is not null as held, count(*)::float8 as count from bellwire.tasks
  where state in ('PENDING', 'STARTED', 'WAITING') group by 1, 2`

async function readTasks(db: Database): Promise<Family[]> {
  const { rows } = await db.pool.query<{ state: string; held: boolean; count: number }>({
    name: 'metrics_tasks',
    text: LIVE_TASKS,
  })
  const of = (state: string, held: boolean): number =>
    rows.find((row) => row.state === state && row.held === held)?.count ?? 0
  const value = (state: string): { labels: Record<string, string>; value: number } => ({
    labels: { state },
    value: of(state, false),
  })
  return [
    {
      name: 'bellwire_tasks',
      help: 'Tasks that have not ended, by state; held: PENDING, and over a budget, held at a webhook or delayed.',
      type: 'gauge',
      series: [
        value('PENDING'),
        value('STARTED'),
        value('WAITING'),
        { labels: { state: 'held' }, value: of('PENDING', true) },
      ],
    },
  ]
}

async function readQueue(db: Database): Promise<Family[]> {
  const { due, later, seconds } = await queueDepth(db.pool)
  return [
    {
      name: 'bellwire_queue_depth',
      help: 'Tasks in the queue: due now, or due later.',
      type: 'gauge',
      series: [
        { labels: { kind: 'due' }, value: due },
        { labels: { kind: 'later' }, value: later },
      ],
    },
    {
      name: 'bellwire_queue_oldest_seconds',
      help: 'Time since the oldest due task became due.',
      type: 'gauge',
      series: [{ labels: {}, value: seconds }],
    },
  ]
}

async function readUsed(used: ModelUse): Promise<Family[]> {
  const rows = await used.read()
  const types = ['input', 'cached', 'output', 'reasoning'] as const
  return [
    {
      name: 'bellwire_model_tokens_total',
      help: 'Tokens used by models, all time; cached is part of input, reasoning part of output.',
      type: 'counter',
      series: rows.flatMap((row) =>
        types.map((type) => ({ labels: { model: row.model, type }, value: row[type] })),
      ),
    },
    {
      name: 'bellwire_model_cost_usd_total',
      help: 'Cost of model calls with a known price, all time.',
      type: 'counter',
      series: rows.map(({ model, cost }) => ({ labels: { model }, value: cost })),
    },
  ]
}

/** The counters of a dead worker disappear: for the reader, the series ends. */
async function readWorkers(db: Database): Promise<Family[]> {
  const { rows } = await db.pool.query<{ id: string; metrics: unknown }>({
    name: 'metrics_workers',
    text: 'select id::text, metrics from bellwire.workers where ended_at is null order by id',
  })
  const count: Family = {
    name: 'bellwire_workers',
    help: 'Workers believed to be alive.',
    type: 'gauge',
    series: [{ labels: {}, value: rows.length }],
  }
  const written = rows.flatMap(({ id, metrics }) => {
    const families = Written.safeParse(metrics)
    return families.success ? families.data.map((family) => withLabel(family, id)) : []
  })
  return [count, ...written]
}

function withLabel(family: Family, worker: string): Family {
  if (family.type === 'histogram') {
    const series = family.series.map((one) => ({ ...one, labels: { ...one.labels, worker } }))
    return { ...family, series }
  }
  const series = family.series.map((one) => ({ ...one, labels: { ...one.labels, worker } }))
  return { ...family, series }
}
