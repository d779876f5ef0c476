import type { Step, StepKind } from '../contract/step.ts'
import type { Usage } from '../contract/task.ts'
import type { Database } from '../db/database.ts'
import { EXACT_JSON } from '../db/exactTypes.ts'
import { createBatches } from '../db/batches.ts'
import { encodeUpdate, UPDATE_CHANNEL } from './follow/channels.ts'
import type { Signals } from '../db/signals.ts'
import type { Lease } from './claim.ts'
import { recordOwnObjects } from './ownObjects.ts'
import { countUsage, IS_NEW } from './budgets/usage.ts'

export type StepWriter = {
  /**
   * Writes a step, batched with others that arrive at the same time; on disk when it resolves. False, and nothing
   * written, when the lease is lost. `announce` notifies live followers of the task.
   */
  write(lease: Lease, step: Step, announce: boolean): Promise<boolean>
}

type Item = { lease: Lease; step: Step; texts: Texts; announce: boolean }

/** Bytes that a step takes in a batch beside its texts. */
const ROW_BYTES = 300

/** The values of a step as JSON. */
type Texts = { input: string | null; output: string | null; usage: string | null }

export function createStepWriter({ db, signals }: { db: Database; signals: Signals }): StepWriter {
  const groups = createBatches<Item, boolean>({
    handle: writeSteps,
    sizeOf: ({ texts }) => (texts.input?.length ?? 0) + (texts.output?.length ?? 0) + ROW_BYTES,
  })

  async function writeSteps(items: Item[]): Promise<boolean[]> {
    // One statement takes a task's row only once; a second step of the same task follows in another statement.
    const ids = new Set<string>()
    const first: Item[] = []
    const later: Item[] = []
    for (const item of items)
      (ids.has(item.lease.taskId) ? later : (ids.add(item.lease.taskId), first)).push(item)
    const { rows } = await db.pool.query<{ task_id: string }>({
      name: 'steps_write',
      text: `with input as (
          select * from unnest($1::uuid[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[],
            $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[])
            as i(task_id, attempt, worker_id, key, kind, name, step, state, input, output, usage, started_at, finished_at)
        ), fenced as (
          update bellwire.tasks t set last_event = t.last_event + 1, crashes = 0
          from input i
          where t.id = i.task_id and t.attempt = i.attempt and t.worker_id = i.worker_id and t.state = 'STARTED'
          returning t.id, t.agent_id, t.last_event
        ), written as (
          insert into bellwire.steps as s
            (task_id, event, key, kind, name, step, state, attempt, input, output, usage, started_at, finished_at)
          select i.task_id, f.last_event, i.key, i.kind, i.name, i.step, i.state, i.attempt, i.input::json, i.output::json,
            i.usage::json, i.started_at, i.finished_at
          from input i join fenced f on f.id = i.task_id
          on conflict (task_id, key) do update set event = excluded.event, state = excluded.state,
            attempt = excluded.attempt, output = excluded.output, usage = excluded.usage, started_at = excluded.started_at,
            finished_at = excluded.finished_at
          where s.state = 'started' and (excluded.state <> 'started' or ${noted('excluded')} >= ${noted('s')})
          returning task_id, kind, key, name, usage, ${IS_NEW} as is_new
        ), ${countUsage('written', 'fenced')}
        select id as task_id from fenced`,
      values: [
        first.map(({ lease }) => lease.taskId),
        first.map(({ lease }) => lease.attempt),
        first.map(({ lease }) => lease.workerId),
        first.map(({ step }) => step.key),
        first.map(({ step }) => step.kind),
        first.map(({ step }) => step.name),
        first.map(({ step }) => step.step),
        first.map(({ step }) => step.state),
        first.map(({ texts }) => texts.input),
        first.map(({ texts }) => texts.output),
        first.map(({ texts }) => texts.usage),
        first.map(({ step }) => step.startedAt.toISOString()),
        first.map(({ step }) => step.finishedAt?.toISOString() ?? null),
      ],
    })
    const written = new Set(rows.map((row) => row.task_id))
    const result = new Map<Item, boolean>(first.map((item) => [item, written.has(item.lease.taskId)]))
    for (const item of first) {
      if (item.announce && written.has(item.lease.taskId)) {
        signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: item.lease.taskId, type: 'changed' }))
      }
    }
    await recordOwnObjects(
      db,
      first.flatMap(({ lease: { taskId }, step: { objects = [] } }) =>
        written.has(taskId) ? objects.map((name) => ({ taskId, name })) : [],
      ),
    )
    if (later.length > 0) {
      const rest = await writeSteps(later)
      later.forEach((item, index) => result.set(item, rest[index] ?? false))
    }
    return items.map((item) => result.get(item) ?? false)
  }

  return {
    write: async (lease, step, announce) => groups.add({ lease, step, texts: textsOf(step), announce }),
  }
}

/**
 * How much a call has recorded before its end; it only grows, as questions are added. PostgreSQL may execute a write
 * late, after its client has given up on it and made others: those win, and an outcome is final. The length is
 * compared, because operators that look into JSON refuse a NUL.
 */
const noted = (row: string): string => `coalesce(octet_length(${row}.output::text), 0)`

/** A step of the journal. */
export type StoredStep = Step & { event: number; attempt: number; purgedAt?: Date }

/** Reads the journal of a task, oldest first: all of it, for the run that holds the memory for it. */
export async function readSteps(db: Database, taskId: string): Promise<StoredStep[]> {
  const { rows } = await db.pool.query<StepRow & { input: unknown; output: unknown }>({
    name: 'steps_read',
    text: `select ${STEP_COLUMNS}, input, output from bellwire.steps where task_id = $1 order by event`,
    values: [taskId],
    types: EXACT_JSON,
  })
  return rows.map(toStep)
}

/** Columns of a step, without its values. */
export const STEP_COLUMNS =
  'key, event, kind, name, step, state, attempt, usage, started_at, finished_at, purged_at'

/** What {@link STEP_COLUMNS} read. */
export type StepRow = {
  key: string
  event: number
  kind: StepKind
  name: string
  step: number
  state: 'started' | 'done' | 'failed'
  attempt: number
  usage: Usage | null
  started_at: Date
  finished_at: Date | null
  purged_at: Date | null
}

/** A row as a step. */
export function toStep({
  started_at,
  finished_at,
  purged_at,
  usage,
  ...row
}: StepRow & { input: unknown; output: unknown }): StoredStep {
  return {
    ...row,
    startedAt: started_at,
    ...(usage ? { usage: readUsage(usage) } : {}),
    ...(finished_at ? { finishedAt: finished_at } : {}),
    ...(purged_at ? { purgedAt: purged_at } : {}),
  }
}

/** Stored usage: earlier versions did not store its cost. */
export function readUsage(stored: Usage): Usage
export function readUsage(stored: Usage | null): Usage | null
export function readUsage(stored: Usage | null): Usage | null {
  return stored && { ...stored, cost_usd: stored.cost_usd ?? null }
}

/** Created before it joins a group: a value that cannot be written affects no other. */
function textsOf({ input, output, usage }: Step): Texts {
  return { input: jsonText(input), output: jsonText(output), usage: jsonText(usage) }
}

function jsonText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}
