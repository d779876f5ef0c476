import { Buffer } from 'node:buffer'
import { addUsage, noUsage } from '../../contract/addUsage.ts'
import type { ReplayWrites } from '../../contract/replay.ts'
import type { Held, InboundRequest, RunError, RunResult, TaskState, Usage } from '../../contract/task.ts'
import { parseExact } from '../../contract/exactJson.ts'
import type { Database } from '../../db/database.ts'
import { EXACT_JSON } from '../../db/exactTypes.ts'
import { BellwireError } from '../../errors.ts'
import { readApprovals } from '../approvals/approvals.ts'
import { WAITED } from '../approvals/approvalTimeouts.ts'
import { listStatement, type TaskFilter } from './listStatement.ts'
import { partialResult } from './partialResult.ts'
import { showValue } from './showStep.ts'
import { readSteps, readUsage } from '../steps.ts'
import { isId } from '../../db/id.ts'
import { toPage, type Page, type PageRequest } from '../../db/page.ts'

export type TaskSummary = {
  id: string
  agent_id: string
  agent_name: string
  revision: number
  webhook_id: string | null
  origin: string
  state: TaskState
  attempt: number
  error: RunError | null
  usage: Usage | null
  held: Held | null
  replay_of: string | null
  created_at: Date
  started_at: Date | null
  finished_at: Date | null
  waited_ms: number
}

const SUMMARY = `t.id, t.agent_id, a.name as agent_name, t.revision, t.webhook_id, t.origin, t.state, t.attempt, t.error,
  t.usage, (select r.replay_of from bellwire.replays r where r.task_id = t.id) as replay_of,
  case when t.state = 'PENDING' then t.held end as held, t.created_at, t.started_at,
  t.finished_at, (${WAITED})::float8 as waited_ms`

/** Lists tasks, newest first; `after` is the id of a task. */
export async function listTasks(
  db: Database,
  { state, agentId, limit, after }: TaskFilter & PageRequest,
): Promise<Page<TaskSummary>> {
  const { rows } = await db.pool.query<TaskSummary>(
    listStatement(SUMMARY, { state, agentId, cursor: after, limit: limit + 1 }),
  )
  return toPage(rows, {
    limit,
    name: (row) => row.id,
    show: (row) => ({ ...row, usage: readUsage(row.usage) }),
  })
}

/**
 * Reads all details of a task: its payload, attempts, steps and result.
 *
 * @throws BellwireError `task_not_found`
 */
export async function readTask(db: Database, taskId: string) {
  if (!isId(taskId)) throw new BellwireError('task_not_found')
  const { rows } = await db.pool.query<
    TaskSummary & {
      payload: Buffer
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
    text: `select ${SUMMARY}, t.payload, t.request, t.result, t.failures, t.crashes, t.sender_verified, t.sender_trusted,
        t.last_event,
        (select json_build_object('writes', r.writes, 'draft', r.config is not null) from bellwire.replays r
          where r.task_id = t.id) as replay,
        array(select r.task_id::text from bellwire.replays r where r.replay_of = t.id order by r.task_id desc limit 100)
          as replays
      from bellwire.tasks t join bellwire.agents a on a.id = t.agent_id where t.id = $1`,
    values: [taskId],
    types: EXACT_JSON,
  })
  const row = rows[0]
  if (!row) throw new BellwireError('task_not_found')
  const { payload, last_event: lastEvent, ...task } = row
  const [transitions, steps, approvals] = await Promise.all([
    readTransitions(db, taskId),
    readSteps(db, taskId),
    readApprovals(db, taskId),
  ])
  const hasFailed = task.state === 'FAILURE' || task.state === 'CANCELLED'
  return {
    task: { ...task, usage: readUsage(task.usage) ?? usageOf(steps) },
    payload: parseExact(payload.toString('utf8')),
    lastEvent,
    transitions,
    steps: steps.map((step) => ({ ...step, input: showValue(step.input), output: showValue(step.output) })),
    approvals,
    partial: hasFailed ? partialResult(steps) : null,
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
