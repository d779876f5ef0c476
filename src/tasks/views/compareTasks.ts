import { createHash } from 'node:crypto'
import { canonicalJson, isSameJson } from '../../contract/exactJson.ts'
import type { Comparison, ComparedStep } from '../../contract/comparison.ts'
import type { Database } from '../../db/database.ts'
import { member, textsOf } from '../follow/stepTexts.ts'
import type { Step } from '../../contract/step.ts'
import type { StoredStep } from '../steps.ts'
import { alignSteps, type Alignable } from './alignSteps.ts'
import { readTask } from './queries.ts'
import { haveSamePayload } from './showPayload.ts'
import { mapSteps } from './shownSteps.ts'
import { showValue } from './showStep.ts'

type Found = Awaited<ReturnType<typeof readTask>>
/** What is kept of a step: how it is shown, and hashes of what is compared. */
type Side = Alignable & { state: Step['state']; outcome: string; shown: ReturnType<typeof showStepOf> }

/**
 * Compares two tasks: their steps side by side, their answers, cost and time.
 *
 * @throws BellwireError `task_not_found`
 */
export async function compareTasks(db: Database, leftId: string, rightId: string): Promise<Comparison> {
  const [left, right] = await Promise.all([readTask(db, leftId), readTask(db, rightId)])
  const [leftSteps, rightSteps] = await Promise.all([
    mapSteps(db, leftId, toSide),
    mapSteps(db, rightId, toSide),
  ])
  const samePayload =
    left.hasWholePayload && right.hasWholePayload
      ? isSameJson(left.payload, right.payload)
      : await haveSamePayload(db, leftId, rightId)
  const pairs = alignSteps(leftSteps, rightSteps)
  return {
    left: showSide(left, leftSteps.length),
    right: showSide(right, rightSteps.length),
    differs: differences({
      payload: samePayload,
      state: left.task.state === right.task.state,
      error: left.task.error?.code === right.task.error?.code,
      answer: left.task.result?.answer === right.task.result?.answer,
      output: isSameJson(left.task.result?.output, right.task.result?.output),
      steps: pairs.every(([one, other]) => one && other && compareStep(one, other).length === 0),
    }),
    steps: pairs.map(([one, other]) => ({
      kind: (one ?? other)?.kind ?? 'tool',
      differs: one && other ? compareStep(one, other) : null,
      left: one?.shown ?? null,
      right: other?.shown ?? null,
    })),
  }
}

function toSide(row: StoredStep): Side {
  return {
    kind: row.kind,
    name: row.name,
    failedCall: row.kind === 'model' && row.state === 'failed',
    args: row.kind === 'tool' ? hashOf(member(row.input, 'arguments') ?? null) : '',
    state: row.state,
    outcome: hashOf(outcomeOf(row)),
    shown: showStepOf(row),
  }
}

/** Returns the same for equal values, whatever the order of their members. */
function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('base64')
}

/** What differs between two steps of the same kind: nothing that only the exchange with a provider has. */
function compareStep(one: Side, other: Side): NonNullable<ComparedStep['differs']> {
  return differences({
    name: one.name === other.name,
    state: one.state === other.state,
    input: one.kind !== 'tool' || one.args === other.args,
    output: one.outcome === other.outcome,
  })
}

function outcomeOf({ kind, state, output }: Step): unknown {
  if (kind === 'tool')
    return { result: member(output, 'result') ?? null, error: member(output, 'error') ?? null }
  if (kind === 'input') return output
  if (state === 'failed') return member(member(output, 'error'), 'code')
  const content = member(output, 'content')
  const parts: unknown[] = Array.isArray(content) ? content : []
  const calls = parts
    .filter((part) => member(part, 'type') === 'tool-call')
    .map((part) => ({ name: member(part, 'toolName'), input: member(part, 'input') }))
  return { answer: textsOf(output).answer, calls }
}

function differences<Name extends string>(same: Record<Name, boolean>): Name[] {
  return (Object.keys(same) as Name[]).filter((name) => !same[name])
}

function showSide({ task }: Found, steps: number) {
  const { started_at: started, finished_at: finished, waited_ms: waited } = task
  return {
    id: task.id,
    agent_id: task.agent_id,
    revision: task.revision,
    replay_of: task.replay_of,
    state: task.state,
    error: task.error,
    answer: task.result?.answer ?? null,
    output: task.result?.output ?? null,
    usage: task.usage,
    duration_ms:
      started && finished ? Math.max(0, Math.round(finished.getTime() - started.getTime() - waited)) : null,
    steps,
  }
}

function showStepOf({ key, name, step, state, attempt, usage, startedAt, finishedAt, ...row }: StoredStep) {
  return {
    key,
    name,
    step,
    state,
    attempt,
    input: showValue(row.input),
    output: showValue(row.output),
    usage: usage ?? null,
    duration_ms: finishedAt ? finishedAt.getTime() - startedAt.getTime() : null,
  }
}
