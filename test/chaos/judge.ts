import type { Evidence } from './evidence.ts'
import type { Violation } from './violation.ts'
import { callOf } from './caller.ts'
import { judgeBeats } from './judgeBeats.ts'
import { judgeCallbacks } from './judgeCallbacks.ts'
import { judgeCalls } from './judgeCalls.ts'
import { judgeReplays } from './judgeReplays.ts'
import { judgeTurns } from './judgeTurns.ts'
import type { TaskRecord } from './ledger.ts'
import type { Acknowledgement } from './load.ts'
import { readPlan } from './plan.ts'

export type Judgement = {
  violations: Violation[]
  /**
   * Calls that a frozen worker made when it resumed, after others had taken over its tasks: nothing can prevent them.
   */
  lateCalls: number
}

const ENDS = new Set(['succeeded', 'failed', 'cancelled'])

/** Compares what was seen from outside with the database, and both with the promises. */
export function judge(evidence: Evidence): Judgement {
  const { ledger } = evidence
  const calls = judgeCalls(evidence)
  return {
    violations: [
      ...judgeAcceptance(evidence),
      ...[...ledger.tasks, ...ledger.replays].flatMap((task) =>
        judgeCourse(task, evidence.plans.get(task.marker) ?? ''),
      ),
      ...calls.violations,
      ...judgeCallbacks(evidence),
      ...judgeWaits(evidence),
      ...judgeBeats(evidence),
      ...judgeReplays(evidence),
      ...judgeTurns(evidence),
      ...(ledger.jobs > 0
        ? [{ rule: 'job left over' as const, detail: `${ledger.jobs} jobs in the queue` }]
        : []),
      ...evidence.strikes.flatMap(({ kind, fault }) =>
        fault === undefined ? [] : [{ rule: 'bad stop' as const, detail: `${kind}: ${fault}` }],
      ),
    ],
    lateCalls: calls.lateCalls,
  }
}

/** Acknowledged calls to a task's URL must match what the task received, and must have been made. */
function judgeWaits({ ledger, called }: Evidence): Violation[] {
  return ledger.tasks.flatMap(({ marker, state, steps }) => {
    const wait = steps.find(({ name }) => name === 'wait_for_callback')
    if (!wait || state !== 'SUCCESS' || wait.said === callOf(marker).said) return []
    const detail = called.has(marker) ? `it was told: ${wait.said}` : 'it went on without a call'
    return [{ rule: 'call lost' as const, marker, detail }]
  })
}

/** Every acknowledged task exists, one for each trigger. */
function judgeAcceptance({ acknowledgements, ledger }: Evidence): Violation[] {
  const violations: Violation[] = []
  const byId = new Map(ledger.tasks.map((task) => [task.id, task]))
  for (const { marker, taskId } of acknowledgements) {
    const task = byId.get(taskId)
    if (!task) violations.push({ rule: 'task lost', marker, detail: `task ${taskId} was acknowledged` })
    else if (task.marker !== marker)
      violations.push({ rule: 'accepted twice', marker, detail: `was given the task of ${task.marker}` })
  }
  for (const [marker, tasks] of Map.groupBy(ledger.tasks, (task) => task.marker)) {
    if (tasks.length > 1) violations.push({ rule: 'accepted twice', marker, detail: `${tasks.length} tasks` })
  }
  for (const [marker, answers] of Map.groupBy(acknowledgements, (one) => one.marker)) {
    violations.push(...judgeAnswers(marker, answers))
  }
  return violations
}

/** However often a trigger was sent, its responses contain one task, and at most one of them says that it is new. */
function judgeAnswers(marker: string, answers: readonly Acknowledgement[]): Violation[] {
  const violations: Violation[] = []
  const ids = new Set(answers.map(({ taskId }) => taskId))
  if (ids.size > 1) violations.push({ rule: 'accepted twice', marker, detail: `${ids.size} ids for one key` })
  const fresh = answers.filter(({ replayed }) => !replayed).length
  if (fresh > 1)
    violations.push({ rule: 'accepted twice', marker, detail: `${fresh} answers without replay` })
  return violations
}

/** A task's attempts are numbered without a gap; it has one end, the right one, and nothing after it. */
function judgeCourse(task: TaskRecord, letters: string): Violation[] {
  const { marker, transitions } = task
  const violations: Violation[] = []
  const found = (rule: Violation['rule'], detail: string): void =>
    void violations.push({ rule, marker, detail })

  const claims = transitions.filter(({ reason }) => reason === 'claimed').map(({ attempt }) => attempt)
  if (claims.some((attempt, index) => attempt !== index + 1) || claims.length !== task.attempt)
    found('attempts wrong', `claims ${claims.join()}, attempt ${task.attempt}`)

  const ends = transitions.filter(({ reason }) => ENDS.has(reason))
  if (ends.length > 1) found('settled twice', `${ends.length} ends: ${ends.map((end) => end.reason).join()}`)
  const last = transitions.at(-1)
  if (ends.length > 0 && last && !ENDS.has(last.reason))
    found('settled twice', `${last.reason} after its end`)
  if (ends.length === 0) found('wrong end', `has not ended, and is ${task.state}`)

  const expected = readPlan(letters).refuses ? 'FAILURE provider_bad_request' : 'SUCCESS'
  const actual = task.errorCode === null ? task.state : `${task.state} ${task.errorCode}`
  if (ends.length > 0 && actual !== expected) found('wrong end', `${actual}, not ${expected}`)
  return violations
}
