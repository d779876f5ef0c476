import type { Buffer } from 'node:buffer'
import type { Decision } from '../../contract/decision.ts'
import type { ApprovalState, DecidedVia } from '../../contract/approval.ts'
import { toPlainNumbers } from '../../contract/exactJson.ts'
import type { Database } from '../../db/database.ts'
import { EXACT_JSON } from '../../db/exactTypes.ts'
import { isId } from '../../db/id.ts'
import { toPage, type Page, type PageRequest } from '../../db/page.ts'
import { BellwireError } from '../../errors.ts'
import { EVENT, EXCERPT_BYTES, excerptOf } from '../views/excerpt.ts'
import { templateTitles } from '../views/templateTitles.ts'

/** A call that waits, or waited, for a person, or a question that a call asks. */
export type Approval = {
  id: string
  task_id: string
  /** What the task is about. */
  task_title: string
  agent_id: string
  agent_name: string
  tool: string
  access: 'read' | 'write'
  step: number
  key: string
  /** What the tool wants to know; null when the call itself is to be approved. */
  question: string | null
  arguments: unknown
  parameters: Record<string, unknown>
  state: ApprovalState
  edited_arguments: unknown
  reason: string | null
  decided_by: string | null
  decided_by_name: string | null
  decided_via: DecidedVia | null
  created_at: Date
  /** Null: never. */
  expires_at: Date | null
  decided_at: Date | null
  /** The number of its newest event in the task. */
  event: number
}

type Row = Omit<Approval, 'task_title'> & { beginning: Buffer | null; task_event: string | null }

/** The time to decide is over, whether or not a worker has recorded it. */
const OVERDUE = `a.state = 'waiting' and a.expires_at <= now()`

const SELECT = `select a.id, a.task_id, a.agent_id, g.name as agent_name, a.tool, a.access, a.step, a.key, a.question, a.arguments,
    a.parameters, case when ${OVERDUE} then 'expired' else a.state end as state, a.edited_arguments, a.reason, a.decided_by,
    a.decided_by_name, a.decided_via, a.created_at, nullif(a.expires_at, 'infinity') as expires_at, case when ${OVERDUE} then a.expires_at else a.decided_at end as decided_at, a.event,
    substring(t.payload for ${EXCERPT_BYTES}) as beginning, ${EVENT} as task_event
  from bellwire.approvals a join bellwire.agents g on g.id = a.agent_id
  left join bellwire.tasks t on t.id = a.task_id`

export type ApprovalFilter = { state?: 'waiting' | 'decided' | undefined; agentId?: string | undefined }

/** Lists approvals, newest first; `after` is the id of an approval. */
export async function listApprovals(
  db: Database,
  { limit, after, ...filter }: ApprovalFilter & PageRequest,
): Promise<Page<Approval>> {
  const rows = await readRows(
    db,
    `${SELECT}
      where a.callback_id is null and ($1::uuid is null or a.id < $1) and ($2::uuid is null or a.agent_id = $2)
        ${filter.state === 'waiting' ? `and a.state = 'waiting' and a.expires_at > now()` : ''}
        ${filter.state === 'decided' ? `and (a.state <> 'waiting' or a.expires_at <= now())` : ''}
      order by a.id desc limit $3`,
    [after ?? null, filter.agentId ?? null, limit + 1],
  )
  return toPage(rows, { limit, name: ({ id }) => id, show: (approval) => approval })
}

/** @throws BellwireError `approval_not_found` */
export async function readApproval(db: Database, id: string): Promise<Approval> {
  const [approval] = isId(id)
    ? await readRows(db, `${SELECT} where a.id = $1 and a.callback_id is null`, [id])
    : []
  if (!approval) throw new BellwireError('approval_not_found')
  return approval
}

/** All approvals of a task, oldest first. */
export async function readApprovals(db: Database, taskId: string): Promise<Approval[]> {
  return readRows(db, `${SELECT} where a.task_id = $1 and a.callback_id is null order by a.id`, [taskId])
}

/** Numbers in arguments keep their digits; those of a schema are bounds, which are compared. */
async function readRows(db: Database, text: string, values: unknown[]): Promise<Approval[]> {
  const { rows } = await db.pool.query<Row>({ text, values, types: EXACT_JSON })
  const titles = await templateTitles(
    db.pool,
    rows.map((row) => row.task_id),
  )
  return rows.map(({ beginning, task_event: event, ...row }) => ({
    ...row,
    task_title: titles.get(row.task_id) ?? (beginning ? excerptOf(beginning, event).title : ''),
    parameters: toPlainNumbers(row.parameters) as Approval['parameters'],
  }))
}

/**
 * Reads the decisions about calls of a task, by step key.
 *
 * @param earlier tasks whose run it continues: what people decided there counts, unless it was decided again
 */
export async function readDecisions(
  db: Database,
  taskId: string,
  earlier: readonly string[] = [],
): Promise<Map<string, Decision>> {
  const { rows } = await db.pool.query<{
    key: string
    state: 'approved' | 'denied' | 'expired'
    edited_arguments: unknown
    reason: string | null
  }>({
    name: 'decisions_read',
    text: `select key, state, edited_arguments, reason from bellwire.approvals
      where task_id = $1 and state in ('approved', 'denied', 'expired')
        or task_id = any($2::uuid[]) and state in ('approved', 'denied')
      order by task_id = $1, decided_at`,
    values: [taskId, earlier],
    types: EXACT_JSON,
  })
  return new Map(
    rows.map(({ key, state, edited_arguments: edited, reason }): [string, Decision] => {
      if (state === 'approved') return [key, edited === null ? { state } : { state, editedArguments: edited }]
      return [key, state === 'denied' ? { state, reason } : { state }]
    }),
  )
}
