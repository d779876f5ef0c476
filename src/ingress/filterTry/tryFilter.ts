import type { FilterTryAnswer, RunEffect, TriedRequest } from '../../contract/filterTry.ts'
import { parseExact, toPlainNumbers } from '../../contract/exactJson.ts'
import type { Database } from '../../db/database.ts'
import { readPayload, readRevision } from '../../tasks/claim.ts'
import { readKeptTasks, type KeptTask } from '../../tasks/views/keptRequests.ts'
import { toolAccess } from '../../tools/toolAccess.ts'
import { MAX_BYTES_IN_PLACE, type Expression } from '../cel/compileCel.ts'
import type { Evaluation } from '../cel/evaluateCel.ts'
import { compileExpression } from '../compileExpression.ts'
import { summarize } from './summarize.ts'

/** Requests are evaluated one after the other for so long; the rest is left out. */
const MAX_MS = 15_000

export type FilterTryOptions = {
  webhook: { id: string; agentId: string; source: string }
  filter: string
  limit: number
}

/**
 * Plays a filter on the latest requests of a webhook, and compares with what their runs have done and cost.
 *
 * @throws BellwireError `schema_invalid` with the place in the expression, `overloaded`
 */
export async function tryFilter(
  db: Database,
  { webhook, filter, limit }: FilterTryOptions,
): Promise<FilterTryAnswer> {
  const expression = compileExpression(filter, '/filter')
  if (!expression) throw new Error('there is no filter')
  const tasks = await readKeptTasks(db, { agentId: webhook.agentId, webhookId: webhook.id, limit })
  const effectOf = createEffectOf(db, webhook.agentId)
  const until = performance.now() + MAX_MS
  const data: TriedRequest[] = []
  for (const task of tasks) {
    const isLate = performance.now() > until
    const evaluation = isLate ? undefined : await evaluate(db, expression, { task, source: webhook.source })
    data.push({
      task_id: task.id,
      rejection_id: null,
      created_at: task.createdAt.toISOString(),
      would_start: evaluation ? evaluation.ok && evaluation.value : null,
      error: evaluation?.ok === false ? evaluation.error : null,
      reason: null,
      state: task.state,
      effect: await effectOf(task),
      cost_usd: task.usage?.cost_usd ?? null,
    })
  }
  return { data, summary: summarize(data) }
}

/** Evaluates the filter on what is kept of a request. */
async function evaluate(
  db: Database,
  expression: Expression,
  { task: { id, request }, source }: { task: KeptTask; source: string },
): Promise<Evaluation> {
  const json = await readPayload(db, id)
  const exact = json.length > MAX_BYTES_IN_PLACE ? undefined : parseExact(json.toString('utf8'))
  const { method, headers, query, event = '' } = request
  const payload = { json, exact, value: toPlainNumbers(exact) }
  return expression.evaluate({ payload, headers, query, event, method, source })
}

/** Makes the function that says what a run has done: what a tool does to others is in the revision that it had. */
function createEffectOf(db: Database, agentId: string): (task: KeptTask) => Promise<RunEffect | null> {
  const revisions = new Map<number, Map<string, 'read' | 'write'>>()
  return async ({ state, revision, calls }) => {
    if (state === 'PENDING' || state === 'STARTED' || state === 'WAITING') return null
    if (calls.length === 0) return 'no_calls'
    let access = revisions.get(revision)
    if (!access) {
      access = toolAccess((await readRevision(db, agentId, revision)).tools)
      revisions.set(revision, access)
    }
    return calls.every((name) => access.get(name) === 'read') ? 'read' : 'write'
  }
}
