import type pg from 'pg'
import type { AgentConfig } from '../../contract/agent.ts'
import type { ReplayWrites } from '../../contract/replay.ts'
import type { TaskState } from '../../contract/task.ts'
import { BellwireError } from '../../errors.ts'
import { jsonText } from '../../db/jsonText.ts'

/** What a task is replayed on: its own revision, the latest one, or a draft that is not saved. */
export type ReplayRevision = 'same' | 'latest' | { draft: AgentConfig }

export type ReplayOptions = { revision: ReplayRevision; writes: ReplayWrites | undefined }

/** All that is decided about a replay before it is written. */
export type ReplayPlan = {
  replayOf: string
  agentId: string
  revision: number
  config: AgentConfig | null
  writes: ReplayWrites
  /** For `continue`: whose run goes on, and which journal the new task begins with. */
  continues: { originId: string; journalOf: string; withoutLastAnswer: boolean } | undefined
}

type Row = {
  id: string
  agent_id: string
  revision: number
  origin: string
  state: TaskState
  deleted: boolean
  latest: number
  writes: ReplayWrites | null
  continues: string | null
  config: AgentConfig | null
}

/** Errors about an answer that the journal holds: a run that continues has to get another one. */
const ABOUT_ANSWER = ['output_invalid', 'output_too_large', 'answer_cut', 'answer_empty', 'content_refused']

const ENDED: readonly TaskState[] = ['SUCCESS', 'FAILURE', 'CANCELLED']

/**
 * Decides how a task is replayed, and locks its row: repeated requests for it come one after the other.
 *
 * @throws BellwireError `task_not_found`; `agent_not_found` when the agent was deleted; `conflict` for a task that has
 *   not ended, or that another task continues at present
 */
export async function planReplay(
  tx: pg.PoolClient,
  taskId: string,
  { revision: wanted, writes: written }: ReplayOptions,
): Promise<ReplayPlan> {
  const { rows } = await tx.query<Row>({
    name: 'replay_plan',
    text: `select t.id, t.agent_id, t.revision, t.origin, t.state, a.deleted_at is not null as deleted, a.revision as latest,
        r.writes, r.continues, r.config
      from bellwire.tasks t
      join bellwire.agents a on a.id = t.agent_id
      left join bellwire.replays r on r.task_id = t.id
      where t.id = $1 for no key update of t`,
    values: [taskId],
  })
  const [task] = rows
  if (!task) throw new BellwireError('task_not_found')
  if (!ENDED.includes(task.state)) {
    throw new BellwireError(
      'conflict',
      'This task has not ended. Wait for it to end, or cancel it, then replay it.',
    )
  }
  if (task.origin === 'rehearsal') {
    throw new BellwireError(
      'conflict',
      'This task is a rehearsal: its writes were simulated. Replay the task that it rehearses, or rehearse that again.',
    )
  }
  if (task.deleted) {
    throw new BellwireError(
      'agent_not_found',
      'The agent of this task was deleted: its tasks cannot be replayed.',
      { status: 409 },
    )
  }
  const { revision, config } = resolve(task, wanted)
  const isSame = revision === task.revision && config === task.config
  const goesOn = isSame && task.state !== 'SUCCESS'
  const writes = written ?? (goesOn ? 'continue' : 'recorded')
  return {
    replayOf: task.id,
    agentId: task.agent_id,
    revision,
    config,
    writes,
    continues: writes === 'continue' ? await planContinuation(tx, task) : undefined,
  }
}

function resolve(task: Row, wanted: ReplayRevision): { revision: number; config: AgentConfig | null } {
  if (wanted === 'same') return { revision: task.revision, config: task.config }
  return { revision: task.latest, config: wanted === 'latest' ? null : wanted.draft }
}

/**
 * A run is continued from where it was left last: another task may have continued it already, and what that one did
 * must not be done again. Only one task at a time continues a run.
 */
async function planContinuation(tx: pg.PoolClient, task: Row): Promise<NonNullable<ReplayPlan['continues']>> {
  const originId = (task.writes === 'continue' ? task.continues : null) ?? task.id
  await tx.query({
    name: 'replay_lock_origin',
    text: 'select 1 from bellwire.tasks where id = $1 for no key update',
    values: [originId],
  })
  const { rows } = await tx.query<{ id: string; state: TaskState; code: string | null }>({
    name: 'replay_newest',
    text: `select t.id, t.state, ${jsonText('t.error', 'code')} as code from bellwire.tasks t
      where t.id = $1 or t.id in (select task_id from bellwire.replays where continues = $1)
      order by t.created_at desc, t.id desc limit 1`,
    values: [originId],
  })
  const newest = rows[0] ?? { ...task, code: null }
  if (!ENDED.includes(newest.state)) {
    throw new BellwireError(
      'conflict',
      `Task ${newest.id} is continuing this run. Wait for it to end, or cancel it, then replay again.`,
      { extensions: { task_id: newest.id } },
    )
  }
  return {
    originId,
    journalOf: newest.id,
    withoutLastAnswer: newest.state === 'FAILURE' && ABOUT_ANSWER.includes(newest.code ?? ''),
  }
}
