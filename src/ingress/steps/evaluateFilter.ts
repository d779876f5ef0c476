import type { Arrival } from '../arrival.ts'
import type { Evaluation } from '../cel/evaluateCel.ts'
import { expressionInput } from '../webhook/expressionInput.ts'
import { ignore, type Stop } from '../outcome.ts'
import type { StepEntry } from './step.ts'

/** Ignores requests for which the filter is not true. One that cannot be evaluated is recorded as such. */
export const evaluateFilter: StepEntry = {
  applies: ({ filter }) => filter !== undefined,
  run(arrival: Arrival) {
    const evaluation = arrival.webhook.filter?.evaluate(expressionInput(arrival))
    return evaluation instanceof Promise ? evaluation.then(stopOf) : stopOf(evaluation)
  },
}

function stopOf(evaluation: Evaluation | undefined): Stop | undefined {
  if (!evaluation || (evaluation.ok && evaluation.value)) return undefined
  return evaluation.ok
    ? ignore('filtered')
    : ignore('filter_failed', { finding: { detail: evaluation.error } })
}
