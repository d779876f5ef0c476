import type { RetentionItem } from '../../contract/retention.ts'
import type { Database } from '../../db/database.ts'
import { onlyRow } from '../../db/onlyRow.ts'

/** A time that an environment variable sets. `days` may be Infinity. */
export type KeptFor = { days: number; setting: string; default: string }

/** How long things are kept that a variable decides about. */
export type RetentionTimes = { tasks: KeptFor; steps: KeptFor; rejections: KeptFor }

/** Rows up to this number are counted, more are estimated. */
const COUNTED = 10_000

type Stored = RetentionItem['stored']

const TABLES = {
  tasks: { table: 'tasks', oldest: 'select created_at from bellwire.tasks order by id limit 1' },
  // Rows that are purged are among the others: to find the oldest that is not would read them all.
  steps: { table: 'steps', oldest: 'select null::timestamptz as created_at' },
  rejections: {
    table: 'rejections',
    oldest: 'select created_at from bellwire.rejections order by id limit 1',
  },
  deliveries: {
    table: 'deliveries',
    oldest: 'select created_at from bellwire.deliveries order by id limit 1',
  },
  notices: {
    table: 'notices',
    oldest: 'select created_at from bellwire.notices order by created_at limit 1',
  },
  idempotency_keys: { table: 'dedupe_keys', oldest: 'select null::timestamptz as created_at' },
} as const satisfies Record<RetentionItem['what'], { table: string; oldest: string }>

/** Reads what is stored of everything that is kept for a time. Large tables are estimated, none is read as a whole. */
export async function readRetention(db: Database, times: RetentionTimes): Promise<RetentionItem[]> {
  const fixed = { setting: null, default: null, is_default: true }
  const rows: Omit<RetentionItem, 'stored'>[] = [
    {
      what: 'tasks',
      ...shown(times.tasks),
      note: 'After their end, with all that belongs to them. An agent can set its own time (keep_days).',
    },
    {
      what: 'steps',
      ...shown(times.steps),
      note: 'Inputs and outputs, after the end of the task. Times, usage and errors stay as long as the task.',
    },
    {
      what: 'rejections',
      ...shown(times.rejections),
      note: 'At most 1,000 of a webhook and 20,000 in all; the oldest go first.',
    },
    { what: 'deliveries', days: null, ...fixed, note: 'As long as their task, with all attempts.' },
    { what: 'notices', days: 180, ...fixed, note: 'With the messages that they became.' },
    {
      what: 'idempotency_keys',
      days: 1,
      ...fixed,
      note: 'By default; a webhook can set its own time (dedupe.ttl_seconds).',
    },
  ]
  return Promise.all(rows.map(async (row) => ({ ...row, stored: await readStored(db, row.what) })))
}

function shown({ days, setting, default: usual }: KeptFor) {
  return {
    days: days === Infinity ? null : days,
    setting,
    default: usual,
    is_default: String(days === Infinity ? 'forever' : days) === usual,
  }
}

async function readStored(db: Database, what: RetentionItem['what']): Promise<Stored> {
  const { table, oldest } = TABLES[what]
  const [size, first] = await Promise.all([
    db.pool.query<{ counted: number; estimate: number; bytes: number }>(
      `select (select count(*)::int from (select 1 from bellwire.${table} limit ${COUNTED + 1}) r) as counted,
        greatest(reltuples, 0)::float8 as estimate, pg_total_relation_size(oid)::float8 as bytes
        from pg_class where oid = 'bellwire.${table}'::regclass`,
    ),
    db.pool.query<{ created_at: Date | null }>(oldest),
  ])
  const { counted, estimate, bytes } = onlyRow(size)
  return {
    rows: counted <= COUNTED ? counted : Math.max(Math.round(estimate), counted),
    bytes,
    oldest_at: first.rows[0]?.created_at?.toISOString() ?? null,
  }
}
