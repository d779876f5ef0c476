import type { Database } from '../db/database.ts'
import { EXACT_JSON } from '../db/exactTypes.ts'
import { readUsage } from '../tasks/steps.ts'
import { publicStatus } from '../tasks/views/publicStatus.ts'
import type { RunError, RunResult, TaskState, Usage } from '../contract/task.ts'
import { shownColumns, showStored } from '../tasks/views/showStep.ts'
import type { ClaimedDelivery } from './deliveryQueue.ts'

type TaskRow = {
  state: TaskState
  result: RunResult | null
  error: RunError | null
  usage: Usage | null
  created_at: Date
  started_at: Date | null
  finished_at: Date | null
}

type StepRow = {
  event: number
  key: string
  kind: 'model' | 'tool'
  name: string
  step: number
  state: 'done' | 'failed'
  attempt: number
  input: string | null
  input_characters: number | null
  output: string | null
  output_characters: number | null
  usage: Usage | null
  started_at: Date
  finished_at: Date | null
}

type ApprovalRow = {
  id: string
  tool: string
  question: string | null
  arguments: unknown
  parameters: unknown
  expires_at: Date | null
}

/**
 * What a delivery sends: `{"type","timestamp","data"}`, as Standard Webhooks has it.
 *
 * @returns undefined when the task does not exist any more
 */
export async function writeBody(db: Database, delivery: ClaimedDelivery): Promise<Buffer | undefined> {
  const { event, taskId, agentId, webhookId, createdAt } = delivery
  const ids = { task_id: taskId, agent_id: agentId, webhook_id: webhookId }
  const envelope = (data: object): Buffer =>
    Buffer.from(JSON.stringify({ type: event, timestamp: createdAt.toISOString(), data }))
  if (delivery.content === 'thin') return envelope(ids)
  const { rows } = await db.pool.query<TaskRow>({
    text: `select state, result, error, usage, created_at, started_at, finished_at from bellwire.tasks where id = $1`,
    values: [taskId],
    types: EXACT_JSON,
  })
  const task = rows[0]
  if (!task) return undefined
  const times = {
    created_at: task.created_at.toISOString(),
    started_at: task.started_at?.toISOString() ?? null,
  }
  if (event === 'task.waiting') {
    return envelope({
      ...ids,
      status: 'STARTED',
      state: 'WAITING',
      ...times,
      approvals: await readWaiting(db, taskId),
    })
  }
  if (event === 'task.step') {
    const step = await readStep(db, delivery)
    return envelope({ ...ids, status: 'STARTED', state: 'STARTED', ...times, step })
  }
  const { state, result, error, usage } = task
  return envelope({
    ...ids,
    ...publicStatus({ state, result, error }),
    state,
    usage,
    ...times,
    finished_at: task.finished_at?.toISOString() ?? null,
  })
}

/** The step as the events of the task show it; null when it was repeated since, which is a step of its own. */
async function readStep(db: Database, { taskId, taskEvent }: ClaimedDelivery): Promise<object | null> {
  const { rows } = await db.pool.query<StepRow>({
    text: `select event, key, kind, name, step, state, attempt, usage, started_at, finished_at,
        ${shownColumns('input', 'input')}, ${shownColumns('output', 'output')}
      from bellwire.steps where task_id = $1 and event = $2`,
    values: [taskId, taskEvent],
  })
  if (!rows[0]) return null
  const { input, input_characters, output, output_characters, usage, ...row } = rows[0]
  return {
    ...row,
    input: showStored(input, input_characters),
    output: showStored(output, output_characters),
    usage: readUsage(usage),
  }
}

async function readWaiting(db: Database, taskId: string): Promise<object[]> {
  const { rows } = await db.pool.query<ApprovalRow>({
    text: `select id, tool, question, arguments, parameters, nullif(expires_at, 'infinity') as expires_at from bellwire.approvals
      where task_id = $1 and state = 'waiting' and callback_id is null order by id`,
    values: [taskId],
    types: EXACT_JSON,
  })
  return rows.map((row) => ({ ...row, expires_at: row.expires_at?.toISOString() ?? null }))
}
