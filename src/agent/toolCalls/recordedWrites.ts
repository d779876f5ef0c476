import type { Step } from '../../contract/step.ts'

/** A call of an earlier run, as its journal has it. */
export type RecordedCall = Pick<Step, 'name' | 'state' | 'input' | 'output'>

/** Answers the writes of a run from those of earlier runs: each recorded call answers one call. */
export type RecordedWrites = {
  /** The next recorded call of this tool with these arguments; undefined when there is none (left). */
  take(tool: string, args: unknown): RecordedCall | undefined
  /** A write without a result in the record is simulated, and nobody is asked for anything. */
  simulates: boolean
}

/**
 * Creates the record of one run.
 *
 * @param runs the tool calls of earlier runs, in order, the run that is replayed first. A call that it does not have
 *   is looked up in the next: it may itself have been a replay
 * @param journal the tool calls that this run has made before it was interrupted
 */
export function createRecordedWrites(
  runs: readonly (readonly RecordedCall[])[],
  journal: readonly RecordedCall[],
  { simulates = false }: { simulates?: boolean } = {},
): RecordedWrites {
  const isAnswer = simulates ? isResult : isOutcome
  const record = new Map<string, RecordedCall[]>()
  for (const run of runs) {
    for (const [key, calls] of Map.groupBy(run.filter(isAnswer), keyOf)) {
      if (!record.has(key)) record.set(key, calls)
    }
  }
  for (const call of journal) if (hasMember(call.output, 'recorded')) take(keyOf(call))

  function take(key: string): RecordedCall | undefined {
    return record.get(key)?.shift()
  }
  return { take: (tool, args) => take(callKey(tool, args)), simulates }
}

/** Whether an output of the journal has a member. */
export function hasMember(
  output: unknown,
  name: 'denied' | 'recorded' | 'unrecorded' | 'simulated',
): boolean {
  return typeof output === 'object' && output !== null && name in output
}

/** A call for which an earlier replay had no answer is no answer either. */
function isOutcome({ output }: RecordedCall): boolean {
  return !hasMember(output, 'unrecorded')
}

/** For a rehearsal, only a result is: an error would keep it from showing what follows. */
function isResult({ state, output }: RecordedCall): boolean {
  return state === 'done' && !hasMember(output, 'simulated')
}

function keyOf({ name, input }: RecordedCall): string {
  const args: unknown =
    typeof input === 'object' && input !== null && 'arguments' in input ? input.arguments : undefined
  return callKey(name, args)
}

function callKey(tool: string, args: unknown): string {
  return `${tool}\n${JSON.stringify(args, sortMembers)}`
}

/** The order of members has no meaning. Numbers with more digits than a JavaScript number has are left as they are. */
function sortMembers(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return value
  }
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
