import type { StepKind } from '../../contract/step.ts'

/** What two runs are aligned by. */
export type Alignable = {
  kind: StepKind
  /** The tool, or the kind of input; for a model call its model, which does not matter here. */
  name: string
  failedCall: boolean
  /** Arguments of a tool call, as text. */
  args: string
}

/** A step of one run beside that of the other; undefined where a run has none. */
export type Pair<Step> = [left: Step | undefined, right: Step | undefined]

/** Above this many comparisons steps are paired by their place. */
const MAX_CELLS = 4_000_000

/**
 * Aligns the steps of two runs: as many calls of the same kind and tool as possible are paired, in order, preferring
 * those with the same arguments. The longest common subsequence, weighted.
 */
export function alignSteps<Step extends Alignable>(
  left: readonly Step[],
  right: readonly Step[],
): Pair<Step>[] {
  if (left.length * right.length > MAX_CELLS) return pairByPlace(left, right)
  const width = right.length + 1
  // best[i][j]: the weight of the best alignment of what follows left[i] and right[j].
  const best = new Uint32Array((left.length + 1) * width)
  const at = (i: number, j: number): number => best[i * width + j] ?? 0
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const weight = weightOf(left[i], right[j])
      const paired = weight === 0 ? 0 : weight + at(i + 1, j + 1)
      best[i * width + j] = Math.max(paired, at(i + 1, j), at(i, j + 1))
    }
  }
  const pairs: Pair<Step>[] = []
  let [i, j] = [0, 0]
  while (i < left.length && j < right.length) {
    const weight = weightOf(left[i], right[j])
    if (weight > 0 && at(i, j) === weight + at(i + 1, j + 1)) pairs.push([left[i++], right[j++]])
    else if (at(i, j) === at(i + 1, j)) pairs.push([left[i++], undefined])
    else pairs.push([undefined, right[j++]])
  }
  return [...pairs, ...pairByPlace(left.slice(i), []), ...pairByPlace([], right.slice(j))]
}

/** The same arguments count more than a call of the same tool more. */
function weightOf(one: Alignable | undefined, other: Alignable | undefined): number {
  if (!one || !other || one.kind !== other.kind || one.failedCall !== other.failedCall) return 0
  if (one.kind === 'model') return 3
  if (one.name !== other.name) return 0
  return one.args === other.args ? 3 : 2
}

function pairByPlace<Step>(left: readonly Step[], right: readonly Step[]): Pair<Step>[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => [left[at], right[at]])
}
