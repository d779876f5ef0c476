import type { Evidence } from './evidence.ts'
import type { Violation } from './violation.ts'
import type { StepRecord, TaskRecord } from './ledger.ts'
import { BUILT_IN, readPlan, type Plan } from './plan.ts'
import type { ModelCall, ToolCall } from './witness.ts'

/** How long after a frozen worker has resumed it may still make the calls that it was about to make. */
const WAKING_MS = 5_000

/** One call of a run: its journal entry, and how often the outside world saw it. */
type Call = {
  name: string
  row: StepRecord | undefined
  seen: readonly { at: number }[]
  /** No outside server sees it. */
  isBuiltIn?: boolean
  /** The first attempt that could have made it: the one that wrote what it builds on. */
  from: number
}

/** The calls of one task, as the outside world saw them. */
type Seen = { model: ModelCall[]; tools: ToolCall[] }

/**
 * Compares the calls that the model and the tools received with the journal: no call is repeated once its row is
 * written, none is made more often than attempts could make it, none builds on an answer that is not in the journal.
 */
export function judgeCalls(evidence: Evidence): { violations: Violation[]; lateCalls: number } {
  const model = Map.groupBy(evidence.modelCalls, (call) => call.marker)
  const tools = Map.groupBy(evidence.toolCalls, (call) => call.marker)
  const wakings = findWakings(evidence)
  let lateCalls = 0
  // Calls of a task that has not ended may still be made while we look; an unfinished task is reported elsewhere.
  const ended = evidence.ledger.tasks.filter(({ state }) => state === 'SUCCESS' || state === 'FAILURE')
  const violations = ended.flatMap((task) => {
    const seen = { model: model.get(task.marker) ?? [], tools: tools.get(task.marker) ?? [] }
    const plan = readPlan(evidence.plans.get(task.marker) ?? '')
    // Replays that continue a refused run repeat the last call, and no other.
    const replays = evidence.ledger.replays.filter(({ marker }) => marker === task.marker)
    const replayed = replays.reduce((sum, { attempt }) => sum + attempt, 0)
    const report = judgeTask(task, plan, seen, { wakings, replayed })
    lateCalls += report.lateCalls
    return report.violations
  })
  return { violations: [...violations, ...judgeKeys(evidence.toolCalls)], lateCalls }
}

function judgeTask(
  task: TaskRecord,
  plan: Plan,
  seen: Seen,
  { wakings, replayed }: { wakings: ReadonlyMap<number, number>; replayed: number },
): { violations: Violation[]; lateCalls: number } {
  const violations: Violation[] = []
  const found = (rule: Violation['rule'], detail: string): void =>
    void violations.push({ rule, marker: task.marker, detail })
  const answers = answersOf(task)
  const wokeAt = task.transitions
    .filter(({ reason }) => reason === 'claimed')
    .flatMap(({ workerId }) => wakings.get(workerId ?? -1) ?? [])
  let lateCalls = 0

  for (const { name, row, seen: times, from, isBuiltIn } of callsOf(task, plan, seen)) {
    const isRefused = plan.refuses && name === `model ${plan.lastStep}`
    const possible = (row?.attempt ?? task.attempt) - from + 1 + (isRefused ? replayed : 0)
    if (times.length > possible)
      found('call repeated', `${name}: ${times.length} times in ${possible} attempts`)
    const end = row && row.state !== 'started' ? row.finishedAt : null
    const late = end === null ? [] : times.filter(({ at }) => at > end)
    const unpreventable = late.filter(({ at }) => wokeAt.some((woke) => at >= woke && at < woke + WAKING_MS))
    lateCalls += unpreventable.length
    if (late.length > unpreventable.length) found('call repeated', `${name}: after its row was written`)
    if (row?.state === 'done' && times.length === 0 && !isBuiltIn)
      found('journal wrong', `${name}: was never made`)
    if (row?.state === 'started' && task.state === 'SUCCESS') found('journal wrong', `${name}: left open`)
    if (!row && task.state === 'SUCCESS') found('journal wrong', `${name}: has no row`)
    if (name.endsWith('notify') && times.length > 1) found('write repeated', `${name}: ${times.length} times`)
  }

  for (const { step, history } of seen.model) {
    const isTrue = history.every((nonce, index) => nonce === answers.get(index))
    if (!isTrue) found('journal contradicted', `model call ${step} was told of other answers`)
  }
  for (const { step, tool, nonce } of seen.tools) {
    if (nonce !== answers.get(step)) found('journal contradicted', `${tool} of step ${step}: another answer`)
  }
  const given = new Set(seen.model.map(({ nonce }) => nonce))
  for (const [step, nonce] of answers) {
    if (!given.has(nonce)) found('journal wrong', `answer ${step} was never given`)
  }
  const rows = new Set(task.steps.map(nameOf))
  if (rows.size < task.steps.length) found('journal contradicted', 'two rows for one call')
  if (task.state === 'SUCCESS' && task.nonce !== answers.get(plan.lastStep))
    found('journal contradicted', 'the result is not the last answer')
  return { violations, lateCalls }
}

/** The nonce of each model answer in the journal, by step. */
function answersOf(task: TaskRecord): Map<number, string> {
  const rows = task.steps.filter(({ kind }) => kind === 'model')
  return new Map(rows.map(({ step, nonce }) => [step, nonce ?? '']))
}

/** Every call that the plan asks for, as far as the run got. */
function callsOf(task: TaskRecord, plan: Plan, seen: Seen): Call[] {
  const rows = new Map(task.steps.map((row) => [nameOf(row), row]))
  const calls: Call[] = []
  let from = 1
  for (let step = 0; step <= plan.lastStep; step += 1) {
    const name = `model ${step}`
    const row = rows.get(name)
    const times = seen.model.filter((call) => call.step === step)
    const isExpected = !(plan.refuses && step === plan.lastStep)
    if (row || times.length > 0 || isExpected) calls.push({ name, row, seen: times, from })
    if (!row) break
    from = row.attempt
    const tools = plan.toolsAt(step).map((tool, part): Call => {
      const name = `step ${step}, part ${part}, ${tool}`
      const times = seen.tools.filter((call) => call.step === step && call.part === part)
      return { name, row: rows.get(name), seen: times, from: row.attempt, isBuiltIn: BUILT_IN.has(tool) }
    })
    calls.push(...tools)
    from = Math.max(from, ...tools.map((call) => call.row?.attempt ?? 0))
  }
  return calls
}

function nameOf({ kind, step, part, name }: StepRecord): string {
  return kind === 'model' ? `model ${step}` : `step ${step}, part ${part}, ${name}`
}

/** A call always has the same key, and no other call has it. */
function judgeKeys(calls: readonly ToolCall[]): Violation[] {
  const violations: Violation[] = []
  const callOf = new Map<string, string>()
  const keyOf = new Map<string, string>()
  for (const { marker, step, part, key, nonce } of calls) {
    // Another answer of the model asks for another call; whether that is allowed is judged elsewhere.
    const call = `${marker} ${step} ${part} ${nonce}`
    if (key === '' || (keyOf.get(call) ?? key) !== key || (callOf.get(key) ?? call) !== call)
      violations.push({ rule: 'wrong idempotency key', marker, detail: `step ${step}, part ${part}` })
    keyOf.set(call, key)
    callOf.set(key, call)
  }
  return violations
}

/** When each frozen worker resumed, by its number. */
function findWakings({ strikes, ledger }: Evidence): Map<number, number> {
  const wakings = new Map<number, number>()
  for (const { kind, at, wokenAt, workers } of strikes) {
    if (kind !== 'freeze' || wokenAt === undefined) continue
    const frozen = ledger.workers.findLast(({ pid, startedAt }) => workers.includes(pid) && startedAt < at)
    if (frozen) wakings.set(frozen.id, wokenAt)
  }
  return wakings
}
