import { Buffer } from 'node:buffer'
import { addUsage, noUsage } from '../../contract/addUsage.ts'
import type { ReplayWrites } from '../../contract/replay.ts'
import type { Held, InboundRequest, RunError, RunResult, TaskState, Usage } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import { EXACT_JSON } from '../../db/exactTypes.ts'
import { BellwireError } from '../../errors.ts'
import { listJoined } from '../conversations/listJoined.ts'
import { readApprovals } from '../approvals/approvals.ts'
import { readWaits } from '../approvals/waits.ts'
import { WAITED } from '../approvals/waited.ts'
import { EVENT, EXCERPT_BYTES, excerptOf } from './excerpt.ts'
import { readPartialResult } from './partialResult.ts'
import { scanTasks } from './scanTasks.ts'
import { showPayload, shownPayload } from './showPayload.ts'
import { readShownSteps } from './shownSteps.ts'
import { templateTitles } from './templateTitles.ts'
import { DURATION_MS, type TaskFilter } from './taskFilter.ts'
import { readUsage } from '../steps.ts'
import { isId } from '../../db/id.ts'
import type { Page, PageRequest } from '../../db/page.ts'

export type TaskSummary = {
  id: string
  agent_id: string
  agent_name: string
  revision: number
  webhook_id: string | null
  conversation_id: string | null
  webhook_name: string | null
  origin: string
  state: TaskState
  attempt: number
  /** What it is about. */
  title: string
  /** The beginning of the payload. */
  excerpt: string
  error: RunError | null
  usage: Usage | null
  held: Held | null
  replay_of: string | null
  /** Whether another task replays it. */
  replayed: boolean
  created_at: Date
  started_at: Date | null
  finished_at: Date | null
  waited_ms: number
  /** Without waits; null until it starts. */
  duration_ms: number | null
}

export type SummaryRow = Omit<TaskSummary, 'title' | 'excerpt'> & { beginning: Buffer; event: string | null }

/** Columns of the task `t` and its agent `a`. */
export const SUMMARY = `t.id, t.agent_id, a.name as agent_name, t.revision, t.webhook_id, t.conversation_id, t.origin, t.state, t.attempt,
  substring(t.payload for ${EXCERPT_BYTES}) as beginning, ${EVENT} as event, t.error, t.usage,
  (select w.name from bellwire.webhooks w where w.id = t.webhook_id) as webhook_name,
  (select r.replay_of from bellwire.replays r where r.task_id = t.id) as replay_of,
  exists (select 1 from bellwire.replays r where r.replay_of = t.id) as replayed,
  case when t.state = 'PENDING' then t.held end as held, t.created_at, t.started_at, t.finished_at,
  (${WAITED})::float8 as waited_ms, greatest(0, round(${DURATION_MS}))::float8 as duration_ms`

/** A page of tasks. */
export type TaskPage = Page<TaskSummary> & {
  /** Set when the time for the search was up: tasks accepted before have not been searched yet. */
  searchedBackTo: Date | null
}

/** How long one page may search for its tasks. */
const SEARCH_MS = 2_000

/**
 * Lists tasks, newest first; `after` is the id of a task. A page may be short, or empty, although there are more: then
 * its time was up.
 */
export async function listTasks(
  db: Database,
  { limit, after, timeMs = SEARCH_MS, ...filter }: TaskFilter & PageRequest & { timeMs?: number },
): Promise<TaskPage> {
  const found = await scanTasks(db, filter, { cursor: after, limit: limit + 1, timeMs })
  const ids = found.ids.slice(0, limit)
  const { rows } = await db.pool.query<SummaryRow>(
    `select ${SUMMARY} from bellwire.tasks t join bellwire.agents a on a.id = t.agent_id
      where t.id = any($1::uuid[]) order by t.id desc`,
    [ids],
  )
  const isFull = found.ids.length > limit
  return {
    items: await toSummaries(db, rows),
    next: (isFull ? ids.at(-1) : found.next) ?? null,
    searchedBackTo: isFull ? null : (found.searchedBackTo ?? null),
  }
}

async function toSummaries<Row extends SummaryRow>(db: Database, rows: Row[]) {
  const titles = await templateTitles(
    db.pool,
    rows.map(({ id }) => id),
  )
  return rows.map(({ beginning, event, ...row }) => {
    const { title, excerpt } = excerptOf(beginning, event)
    return { ...row, title: titles.get(row.id) ?? title, excerpt, usage: readUsage(row.usage) }
  })
}

/**
 * Reads all details of a task: its payload, cut if it is long, attempts, steps and result.
 *
 * @throws BellwireError `task_not_found`
 */
export async function readTask(db: Database, taskId: string) {
  if (!isId(taskId)) throw new BellwireError('task_not_found')
  const { rows } = await db.pool.query<
    SummaryRow & {
      payload: Buffer
      payload_bytes: number
      request: InboundRequest
      result: RunResult | null
      failures: number
      crashes: number
      sender_verified: boolean
      sender_trusted: boolean
      last_event: number
      replay: { writes: ReplayWrites; draft: boolean } | null
      replays: string[]
    }
  >({
    text: `select ${SUMMARY}, ${shownPayload('t')}, t.request, t.result, t.failures, t.crashes, t.sender_verified, t.sender_trusted,
        t.last_event,
        (select json_build_object('writes', r.writes, 'draft', r.config is not null) from bellwire.replays r
          where r.task_id = t.id) as replay,
        array(select r.task_id::text from bellwire.replays r where r.replay_of = t.id order by r.task_id desc limit 100)
          as replays
      from bellwire.tasks t join bellwire.agents a on a.id = t.agent_id where t.id = $1`,
    values: [taskId],
    types: EXACT_JSON,
  })
  const [row] = await toSummaries(db, rows)
  if (!row) throw new BellwireError('task_not_found')
  const { payload, payload_bytes: payloadBytes, last_event: lastEvent, ...task } = row
  const shown = showPayload({ payload, payload_bytes: payloadBytes })
  const [transitions, steps, approvals, waits, joined] = await Promise.all([
    readTransitions(db, taskId),
    readShownSteps(db, taskId),
    readApprovals(db, taskId),
    readWaits(db, taskId),
    listJoined(db, taskId),
  ])
  const hasFailed = task.state === 'FAILURE' || task.state === 'CANCELLED'
  return {
    task: { ...task, usage: task.usage ?? usageOf(steps) },
    payload: shown.payload,
    hasWholePayload: shown.isWhole,
    lastEvent,
    joined,
    transitions,
    steps,
    approvals,
    waits,
    partial:
      hasFailed && !steps.some(({ purgedAt }) => purgedAt) ? await readPartialResult(db, taskId) : null,
  }
}

/**
 * The agent of a task.
 *
 * @throws BellwireError `task_not_found`
 */
export async function readAgentOf(db: Database, taskId: string): Promise<string> {
  const { rows } = isId(taskId)
    ? await db.pool.query<{ agent_id: string }>('select agent_id from bellwire.tasks where id = $1', [taskId])
    : { rows: [] }
  if (!rows[0]) throw new BellwireError('task_not_found')
  return rows[0].agent_id
}

/** A run in progress, or interrupted from outside, has no usage of its own yet: it is taken from its steps. */
function usageOf(steps: { usage?: Usage }[]): Usage | null {
  const usages = steps.flatMap(({ usage }) => usage ?? [])
  return usages.length === 0 ? null : usages.reduce(addUsage, noUsage())
}

export type Transition = {
  event: number
  state: TaskState
  reason: string
  attempt: number
  worker_id: number | null
  error: RunError | null
  due_at: Date | null
  created_at: Date
}

async function readTransitions(db: Database, taskId: string): Promise<Transition[]> {
  const { rows } = await db.pool.query<Transition>(
    `select event, state, reason, attempt, worker_id::float8 as worker_id, error, due_at, created_at
      from bellwire.transitions where task_id = $1 order by event`,
    [taskId],
  )
  return rows
}
