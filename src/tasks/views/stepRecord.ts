import type { AgentConfig } from '../../contract/agent.ts'
import type { StepHead } from '../../contract/step.ts'
import type { InboundRequest, Usage } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import { isId } from '../../db/id.ts'
import { BellwireError } from '../../errors.ts'
import { readAttachments, type AttachedFile } from '../attachments.ts'
import type { Decision } from '../../contract/decision.ts'
import { readDecisions } from '../approvals/approvals.ts'
import { readRevision } from '../claim.ts'
import { readReplay } from '../replay/readReplay.ts'
import { readUsage } from '../steps.ts'

/** A row of the journal with its values as JSON text, whole. */
export type StepText = StepHead & {
  attempt: number
  input: string | null
  output: string | null
  /** Its input and output were deleted then. */
  purgedAt?: Date
}

/** What the model call of a step was made from: the task, its agent, the steps before, and what people decided. */
export type StepHistory = {
  task: {
    id: string
    createdAt: Date
    senderTrusted: boolean
    continues?: { id: string; createdAt: Date } | undefined
  }
  agent: { id: string; revision: number; config: AgentConfig }
  payloadText: string
  request: InboundRequest
  attachments: AttachedFile[]
  /** Empty when they hold more than can be shown. */
  steps: StepText[]
  decisions: Map<string, Decision>
}

/** Bytes of JSON that the steps before a model call may hold together. */
const MAX_HISTORY_BYTES = 64 * 1024 * 1024

const COLUMNS = `key, kind, name, step, state, attempt, input::text as input, output::text as output, usage,
  started_at, finished_at, purged_at`

type Row = Omit<StepText, 'usage' | 'startedAt' | 'finishedAt' | 'purgedAt'> & {
  usage: Usage | null
  started_at: Date
  finished_at: Date | null
  purged_at: Date | null
}

/**
 * Reads one step of a task.
 *
 * @throws BellwireError `task_not_found`, `step_not_found`
 */
export async function readStep(db: Database, taskId: string, key: string): Promise<StepText> {
  if (!isId(taskId)) throw new BellwireError('task_not_found')
  const { rows } = await db.pool.query<Row>(
    `select ${COLUMNS} from bellwire.steps where task_id = $1 and key = $2`,
    [taskId, key],
  )
  const row = rows[0]
  if (row) return toStepText(row)
  const { rowCount } = await db.pool.query('select 1 from bellwire.tasks where id = $1', [taskId])
  throw new BellwireError(rowCount ? 'step_not_found' : 'task_not_found')
}

/**
 * Reads what the model call of a step was made from.
 *
 * @throws BellwireError `task_not_found`
 */
export async function readStepHistory(db: Database, taskId: string, step: number): Promise<StepHistory> {
  const { rows } = await db.pool.query<{
    id: string
    agent_id: string
    revision: number
    created_at: Date
    sender_trusted: boolean
    payload: Buffer
    request: InboundRequest
    bytes: number
  }>(
    `select id, agent_id, revision, created_at, sender_trusted, payload, request,
        (select coalesce(sum(coalesce(octet_length(input::text), 0) + coalesce(octet_length(output::text), 0)), 0)::float8
          from bellwire.steps where task_id = t.id and step < $2) as bytes
      from bellwire.tasks t where id = $1`,
    [taskId, step],
  )
  const task = rows[0]
  if (!task) throw new BellwireError('task_not_found')
  const replay = await readReplay(db, taskId)
  const [config, steps, decisions, attachments] = await Promise.all([
    replay?.config ?? readRevision(db, task.agent_id, task.revision),
    task.bytes > MAX_HISTORY_BYTES ? [] : readStepsBefore(db, taskId, step),
    readDecisions(db, taskId, replay?.continues?.taskIds),
    readAttachments(db, taskId, task.request.attachments),
  ])
  return {
    task: {
      id: task.id,
      createdAt: task.created_at,
      senderTrusted: task.sender_trusted,
      continues: replay?.continues,
    },
    agent: { id: task.agent_id, revision: task.revision, config },
    payloadText: task.payload.toString('utf8'),
    request: task.request,
    attachments,
    steps,
    decisions,
  }
}

async function readStepsBefore(db: Database, taskId: string, step: number): Promise<StepText[]> {
  const { rows } = await db.pool.query<Row>(
    `select ${COLUMNS} from bellwire.steps
      where task_id = $1 and (step < $2 or kind = 'input' and step = $2) order by event`,
    [taskId, step],
  )
  return rows.map(toStepText)
}

function toStepText({ usage, started_at, finished_at, purged_at, ...row }: Row): StepText {
  return {
    ...row,
    ...(usage ? { usage: readUsage(usage) } : {}),
    startedAt: started_at,
    ...(finished_at ? { finishedAt: finished_at } : {}),
    ...(purged_at ? { purgedAt: purged_at } : {}),
  }
}
