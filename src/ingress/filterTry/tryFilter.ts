import type { FilterTryAnswer, RunEffect, TriedRequest } from '../../contract/filterTry.ts'
import { parseExact, toPlainNumbers } from '../../contract/exactJson.ts'
import type { Database } from '../../db/database.ts'
import { BellwireError, type ErrorCode } from '../../errors.ts'
import { readPayload, readRevision } from '../../tasks/claim.ts'
import { readKeptTasks, type KeptTask } from '../../tasks/views/keptRequests.ts'
import { toolAccess } from '../../tools/toolAccess.ts'
import { MAX_BYTES_IN_PLACE, type Expression } from '../cel/compileCel.ts'
import type { Evaluation } from '../cel/evaluateCel.ts'
import { compileExpression } from '../webhook/compileExpression.ts'
import { expressionInput } from '../webhook/expressionInput.ts'
import { listFilteredOut, readRejection } from '../rejections/queries.ts'
import type { Restore } from '../rejections/restore.ts'
import { summarize } from './summarize.ts'

/** Requests are evaluated one after the other for this long; the rest is listed without a result. */
const MAX_MS = 15_000

export type FilterTryOptions = {
  webhook: { id: string; agentId: string; source: string }
  filter: string
  limit: number
}

/**
 * Evaluates a filter on the latest requests of a webhook: those that became tasks, compared with what their runs did
 * and cost, and those that its filter kept out.
 *
 * @throws BellwireError `schema_invalid` with the place in the expression, `overloaded`
 */
export async function tryFilter(
  { db, restore }: { db: Database; restore: Restore },
  { webhook, filter, limit }: FilterTryOptions,
): Promise<FilterTryAnswer> {
  const expression = compileExpression(filter, '/filter')
  if (!expression) throw new Error('there is no filter')
  const [tasks, rejections] = await Promise.all([
    readKeptTasks(db, { agentId: webhook.agentId, webhookId: webhook.id, limit }),
    listFilteredOut(db, { webhookId: webhook.id, limit }),
  ])
  const effectOf = createEffectOf(db, webhook.agentId)
  const tries = mergeNewest(
    tasks.map((task) => ({
      at: task.createdAt,
      run: async (isLate: boolean): Promise<TriedRequest> => ({
        ...NOTHING_KNOWN,
        ...(isLate ? undefined : shown(await evaluateTask(db, expression, { task, source: webhook.source }))),
        task_id: task.id,
        created_at: task.createdAt.toISOString(),
        state: task.state,
        effect: await effectOf(task),
        cost_usd: task.usage?.cost_usd ?? null,
      }),
    })),
    rejections.map(({ id, created_at: at }) => ({
      at,
      run: (isLate: boolean) => tryRejection({ db, restore }, expression, { id, at, isLate }),
    })),
  )

  const until = performance.now() + MAX_MS
  const data: TriedRequest[] = []
  for (const { run } of tries.slice(0, limit)) {
    const tried = await run(performance.now() > until)
    if (tried) data.push(tried)
  }
  return { data, summary: summarize(data) }
}

type Try = { at: Date; run: (isLate: boolean) => Promise<TriedRequest | undefined> }

/**
 * Two lists as one, newest first. Each keeps its own order: rejections are written some time after they happened, and
 * of two that happened in the same moment the times may be the wrong way round.
 */
function mergeNewest(one: Try[], other: Try[]): Try[] {
  const merged: Try[] = []
  const [left, right] = [[...one], [...other]]
  for (;;) {
    const [a, b] = [left[0], right[0]]
    if (!a || !b) return [...merged, ...left, ...right]
    merged.push(a.at >= b.at ? a : b)
    if (a.at >= b.at) left.shift()
    else right.shift()
  }
}

const NOTHING_KNOWN = {
  task_id: null,
  rejection_id: null,
  would_start: null,
  error: null,
  reason: null,
  state: null,
  effect: null,
  cost_usd: null,
} as const

function shown(evaluation: Evaluation): Pick<TriedRequest, 'would_start' | 'error'> {
  return evaluation.ok
    ? { would_start: evaluation.value, error: null }
    : { would_start: false, error: evaluation.error }
}

/** Undefined for a rejection that was deleted in the meantime. */
async function tryRejection(
  { db, restore }: { db: Database; restore: Restore },
  expression: Expression,
  { id, at, isLate }: { id: string; at: Date; isLate: boolean },
): Promise<TriedRequest | undefined> {
  const rejection = await readRejection(db, id).catch(undefinedIf('rejection_not_found'))
  if (!rejection) return undefined
  const base = {
    ...NOTHING_KNOWN,
    rejection_id: id,
    created_at: at.toISOString(),
    reason: rejection.reason,
  }
  if (isLate) return base
  if (!rejection.body_complete) {
    const { body, size } = rejection
    return { ...base, error: `Only the first ${body.length} of ${size} bytes of this request were kept.` }
  }
  try {
    const { arrival } = await restore(rejection)
    return { ...base, ...shown(await expression.evaluate(expressionInput(arrival))) }
  } catch (error) {
    // The settings of the webhook have changed, and its body is read differently now.
    if (error instanceof BellwireError && error.status < 500 && error.code !== 'webhook_not_found') {
      return { ...base, error: error.message }
    }
    throw error
  }
}

function undefinedIf(code: ErrorCode): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof BellwireError && error.code === code) return undefined
    throw error
  }
}

/** Evaluates the filter on what is stored with a task. */
async function evaluateTask(
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
