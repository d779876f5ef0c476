import { addUsage, noUsage } from '../../contract/addUsage.ts'
import type { AgentConfig } from '../../contract/agent.ts'
import { isSameJson } from '../../contract/exactJson.ts'
import type { RehearsedTask } from '../../contract/rehearsal.ts'
import { fromStored } from '../../contract/storedConfig.ts'
import type { RunError, RunResult, TaskState, Usage } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import { EXACT_JSON } from '../../db/exactTypes.ts'
import { member } from '../follow/stepTexts.ts'
import { readUsage } from '../steps.ts'
import { DURATION_MS } from '../views/taskFilter.ts'
import { findRehearsal, type RehearsalRow } from './rehearsals.ts'
import { writeToolNames } from './writeToolNames.ts'

/** A rehearsal with what its tasks would have done. */
export type RehearsalReport = RehearsalRow & { costUsd: string | null; writes: number; data: RehearsedTask[] }

type Side = {
  id: string
  revision: number
  state: TaskState
  result: RunResult | null
  error: RunError | null
  usage: Usage | null
  duration: number | null
}

type CallRow = { task_id: string; name: string; state: string; input: unknown; output: unknown }

const SIDE = `t.id, t.revision, t.state, t.result, t.error, t.usage, greatest(0, round(${DURATION_MS}))::float8 as duration`

/**
 * Reads what the tasks of a rehearsal would have done, beside what their originals did.
 *
 * @throws BellwireError `rehearsal_not_found`
 */
export async function readReport(db: Database, id: string): Promise<RehearsalReport> {
  const rehearsal = await findRehearsal(db, id)
  const { rows: pairs } = await db.pool.query<{ task_id: string; rehearses: string | null }>(
    'select task_id, rehearses from bellwire.rehearsed_tasks where rehearsal_id = $1 order by rehearses desc',
    [id],
  )
  const ids = pairs.flatMap((pair) => [pair.task_id, pair.rehearses ?? []].flat())
  const [sides, calls] = await Promise.all([readSides(db, ids), readCalls(db, ids)])
  const revisions = await readWriteToolsOf(db, rehearsal.agentId, [...sides.values()])
  const rehearsed = await readWriteTools(db, rehearsal)
  const data = pairs.flatMap(({ task_id: taskId, rehearses }): RehearsedTask[] => {
    const task = sides.get(taskId)
    const original = sides.get(rehearses ?? '')
    if (!task) return []
    const writeTools = original && revisions.get(original.revision)
    return [
      compare(task, original, {
        writes: (calls.get(taskId) ?? []).filter(({ name }) => rehearsed.has(name)).flatMap(rehearsedWrite),
        originalWrites: (calls.get(rehearses ?? '') ?? [])
          .filter(({ name }) => writeTools?.has(name))
          .map(writeOf),
      }),
    ]
  })
  const usage = data.reduce((sum, { usage: one }) => (one ? addUsage(sum, one) : sum), noUsage())
  return {
    ...rehearsal,
    costUsd: usage.cost_usd,
    writes: data.reduce((sum, { writes }) => sum + writes.length, 0),
    data,
  }
}

function compare(
  task: Side,
  original: Side | undefined,
  { writes, originalWrites }: { writes: RehearsedTask['writes']; originalWrites: Write[] },
): RehearsedTask {
  const [one, other] = [outcomeOf(task), original && outcomeOf(original)]
  const same = other && {
    state: one.state === other.state,
    answer: one.answer === other.answer,
    output: isSameJson(one.output, other.output),
    error: one.error?.code === other.error?.code,
    writes: isSameJson(
      writes.map(({ tool, arguments: args }) => ({ tool, arguments: args })),
      originalWrites,
    ),
  }
  const haveEnded = original && [task, original].every(({ state }) => ENDED.includes(state))
  return {
    task_id: task.id,
    ...one,
    writes,
    original: original && other ? { task_id: original.id, ...other, writes: originalWrites } : null,
    differs: same && haveEnded ? NAMES.filter((name) => !same[name]) : null,
  }
}

const NAMES = ['state', 'answer', 'output', 'error', 'writes'] as const
const ENDED: readonly TaskState[] = ['SUCCESS', 'FAILURE', 'CANCELLED']

function outcomeOf({ state, result, error, usage, duration }: Side) {
  return {
    state,
    answer: result?.answer ?? null,
    output: result?.output ?? null,
    error,
    usage: readUsage(usage),
    duration_ms: duration,
  }
}

type Write = { tool: string; arguments: unknown }

function writeOf({ name, input }: CallRow): Write {
  return { tool: name, arguments: member(input, 'arguments') ?? null }
}

/** Writes are marked in the journal of a run that does not make them. */
function rehearsedWrite(call: CallRow): RehearsedTask['writes'] {
  const isSimulated = member(call.output, 'simulated') === true
  if (!isSimulated && member(call.output, 'recorded') !== true) return []
  const answered = isSimulated ? 'simulated' : 'recorded'
  return [{ ...writeOf(call), answered, needs_approval: member(call.output, 'approval') === true }]
}

async function readSides(db: Database, ids: string[]): Promise<Map<string, Side>> {
  const { rows } = await db.pool.query<Side>({
    text: `select ${SIDE} from bellwire.tasks t where t.id = any($1::uuid[])`,
    values: [ids],
    types: EXACT_JSON,
  })
  return new Map(rows.map((row) => [row.id, row]))
}

async function readCalls(db: Database, ids: string[]): Promise<Map<string, CallRow[]>> {
  const { rows } = await db.pool.query<CallRow>({
    text: `select task_id, name, state, input, output from bellwire.steps
      where task_id = any($1::uuid[]) and kind = 'tool' order by task_id, event`,
    values: [ids],
    types: EXACT_JSON,
  })
  return Map.groupBy(rows, (row) => row.task_id)
}

/** The names of the write tools of what is rehearsed: a draft or a revision. */
async function readWriteTools(db: Database, { id }: RehearsalRow): Promise<ReadonlySet<string>> {
  const { rows } = await db.pool.query<{ config: AgentConfig }>(
    `select coalesce(h.config, r.config) as config from bellwire.rehearsals h
      join bellwire.agent_revisions r on r.agent_id = h.agent_id and r.revision = h.revision where h.id = $1`,
    [id],
  )
  return writeToolNames(rows[0] ? fromStored(rows[0].config).tools : [])
}

/** The names of the write tools of each revision that the tasks ran on. */
async function readWriteToolsOf(
  db: Database,
  agentId: string,
  sides: readonly Side[],
): Promise<Map<number, ReadonlySet<string>>> {
  const { rows } = await db.pool.query<{ revision: number; config: AgentConfig }>(
    'select revision, config from bellwire.agent_revisions where agent_id = $1 and revision = any($2::int[])',
    [agentId, [...new Set(sides.map(({ revision }) => revision))]],
  )
  return new Map(rows.map(({ revision, config }) => [revision, writeToolNames(fromStored(config).tools)]))
}
