import type { StepKind } from '../../contract/step.ts'
import type { RunError, TaskState, Usage } from '../../contract/task.ts'
import { createBatches } from '../../db/batches.ts'
import type { Database } from '../../db/database.ts'
import { readApprovals } from '../approvals/approvals.ts'
import { readCallbackWaits, type CallbackWait } from '../approvals/waits.ts'
import { parseExact } from '../../contract/exactJson.ts'
import { shownColumns, showStored, showValue } from '../views/showStep.ts'
import { readUsage } from '../steps.ts'
import { textsOf, type StepTexts } from './stepTexts.ts'

/** Events of one task read at a time. */
const PAGE = 20

/** Bytes of the values of steps that are read at a time for one task, unless one step alone has more. */
const PAGE_BYTES = 512 * 1024

export type TaskEvent = {
  /** Counts the events of the task from 1. */
  id: number
  type: 'state' | 'step' | 'approval' | 'callback'
  data: Record<string, unknown>
  /** The model's output in this step: only for a model call that is in the journal. */
  wrote?: StepTexts
}

export type EventPage = {
  /** In order. A step that started and has finished since appears once, finished; so does a decided approval. */
  events: TaskEvent[]
  /** There are more events after these. */
  more: boolean
  /** The number of the newest event of the task. */
  newest: number
  ended: boolean
  /** The last step whose model call is in the journal; -1 when none is. */
  finishedStep: number
}

/** Reads events of tasks. Callers that ask at the same time share a query. */
export type ReadEvents = (taskId: string, after: number) => Promise<EventPage | undefined>

type Row = {
  n: string
  newest: number
  ended: boolean
  accepted_at: Date
  finished_step: number
  /** Events found, of which the last may be missing here. */
  found: string
} & (
  | { type: null }
  | (StateRow & { type: 'state' })
  | (StepRow & { type: 'step' })
  | { type: 'approval' | 'callback'; event: number; approval_id: string }
)

type StateRow = {
  event: number
  state: TaskState
  attempt: number
  reason: string
  worker_id: number | null
  error: RunError | null
  at: Date
  due_at: Date | null
}

type StepRow = {
  event: number
  state: string
  attempt: number
  key: string
  kind: StepKind
  name: string
  step: number
  input: string | null
  input_characters: number | null
  /** Read whole if a model wrote it, because its text completes what was streamed. */
  output: string | null
  output_characters: number | null
  continues: boolean | null
  usage: Usage | null
  started_at: Date
  finished_at: Date | null
}

// One statement sees a consistent set of events: each is written in the transaction that raises last_event. Values are
// cut in the database, after the page is found ("offset 0" keeps it from reading them several times): a few runs with
// screenshots would otherwise fill the memory of the process.
const SELECT = `select i.n, t.last_event as newest, t.finished_at is not null as ended, t.created_at as accepted_at,
    coalesce((select max(step) from bellwire.steps where task_id = t.id and kind = 'model' and state = 'done'), -1)
      as finished_step, e.*
  from unnest($1::uuid[], $2::int[]) with ordinality as i(id, after, n)
  join bellwire.tasks t on t.id = i.id
  left join lateral (
    select * from (
      select p.type, p.event, p.state, p.attempt, p.reason, p.worker_id, p.error, p.at, p.due_at, p.key, p.kind, p.name, p.step,
        v.input, v.input_characters, v.continues, v.output, v.output_characters, p.usage, p.started_at, p.finished_at,
        p.approval_id, count(*) over () as found,
        coalesce(sum(coalesce(octet_length(v.input), 0) + coalesce(octet_length(v.output), 0))
          over (order by p.event rows between unbounded preceding and 1 preceding), 0) as bytes_before
      from (
        select 'state' as type, event, state::text, attempt, reason, worker_id::float8 as worker_id, error, created_at as at, due_at,
          null::text as key, null::text as kind, null::text as name, null::int as step, null::json as input,
          null::json as output, null::json as usage, null::timestamptz as started_at, null::timestamptz as finished_at,
          null::uuid as approval_id
        from bellwire.transitions where task_id = t.id and event > i.after
        union all
        select 'step', event, state, attempt, null, null, null, null, null, key, kind, name, step, input, output, usage,
          started_at, finished_at, null
        from bellwire.steps where task_id = t.id and event > i.after
        union all
        select case when callback_id is null then 'approval' else 'callback' end, event, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
          null, id
        from bellwire.approvals where task_id = t.id and event > i.after
        order by event limit $3 + 1
      ) p,
      lateral (
        select s.input, s.input_characters, p.input::text like '%"continues":true}' as continues,
          case when p.kind = 'model' and p.state = 'done' then p.output::text else s.output end as output, s.output_characters
        from (select ${shownColumns('p.input', 'input')}, ${shownColumns('p.output', 'output')}) s
        offset 0
      ) v
    ) sized where bytes_before < ${PAGE_BYTES}
  ) e on true
  order by i.n, e.event`

export function createReadEvents(db: Database): ReadEvents {
  type Wanted = { taskId: string; after: number }
  // At most two connections, however many followers: the others are for accepting and waiting.
  const batches = createBatches<Wanted, EventPage | undefined>({
    handle: readMany,
    maxItems: 32,
    inFlight: 2,
  })

  async function readMany(wanted: Wanted[]): Promise<(EventPage | undefined)[]> {
    const { rows } = await db.pool.query<Row>({
      name: 'task_events',
      text: SELECT,
      values: [wanted.map(({ taskId }) => taskId), wanted.map(({ after }) => after), PAGE],
    })
    const byNumber = Map.groupBy(rows, ({ n }) => Number(n))
    return Promise.all(
      wanted.map(({ taskId, after }, index) => {
        const found = byNumber.get(index + 1)
        return found ? pageOf(db, taskId, after, found) : Promise.resolve(undefined)
      }),
    )
  }

  return (taskId, after) => batches.add({ taskId, after })
}

/** Reads all events of a task after `after`, in order; 0: everything. */
export async function readEvents(db: Database, taskId: string, after: number): Promise<TaskEvent[]> {
  const read = createReadEvents(db)
  const events: TaskEvent[] = []
  for (;;) {
    const page = await read(taskId, events.at(-1)?.id ?? after)
    events.push(...(page?.events ?? []))
    if (!page?.more) return events
  }
}

async function pageOf(db: Database, taskId: string, after: number, rows: Row[]): Promise<EventPage> {
  const [{ newest, ended, accepted_at: at, finished_step: finishedStep } = raise()] = rows
  const found = rows.flatMap((row) => (row.type === null ? [] : row))
  const shown = found.slice(0, PAGE)
  const more = Number(rows[0]?.found ?? 0) > shown.length
  const has = (wanted: TaskEvent['type']): boolean => found.some(({ type }) => type === wanted)
  const approvals = has('approval') ? await readApprovals(db, taskId) : []
  const callbacks = has('callback') ? await readCallbackWaits(db, taskId) : new Map<string, CallbackWait>()
  const events = shown.map((row): TaskEvent => {
    if (row.type === 'state') return stateEvent(row)
    if (row.type === 'step') return stepEvent(row)
    if (row.type === 'callback') {
      return { id: row.event, type: 'callback', data: callbacks.get(row.approval_id) ?? raise() }
    }
    const { event: _, ...data } = approvals.find(({ id }) => id === row.approval_id) ?? raise()
    return { id: row.event, type: 'approval', data }
  })
  if (after < 1) {
    events.unshift({ id: 1, type: 'state', data: { state: 'PENDING', reason: 'accepted', attempt: 0, at } })
  }
  return { events, more, newest, ended, finishedStep }
}

function stateEvent({ event, state, attempt, reason, worker_id, error, at, due_at }: StateRow): TaskEvent {
  const data = { state, reason, attempt, error, worker: worker_id, at, ...(due_at ? { due_at } : {}) }
  return { id: event, type: 'state', data }
}

function stepEvent(row: StepRow): TaskEvent {
  const { key, kind, name, step, state, attempt, usage, started_at, finished_at } = row
  const isAnswered = kind === 'model' && state === 'done'
  const answer: unknown = isAnswered && row.output !== null ? parseExact(row.output) : null
  return {
    id: row.event,
    type: 'step',
    data: {
      key,
      kind,
      name,
      step,
      state,
      attempt,
      input: showStored(row.input, row.input_characters),
      output: isAnswered ? showValue(answer) : showStored(row.output, row.output_characters),
      started_at,
      finished_at,
      ...(usage ? { usage: readUsage(usage) } : {}),
    },
    ...(isAnswered && step >= 0
      ? { wrote: { step, attempt, continues: row.continues === true, ...textsOf(answer) } }
      : {}),
  }
}

function raise(): never {
  throw new Error('a row that must be there is missing')
}
