import type { Evaluation } from '../cel/evaluateCel.ts'
import { expressionInput } from '../webhook/expressionInput.ts'
import type { StepEntry } from './step.ts'

/**
 * Decides whether what a request says can be trusted: its sender is verified, and `trusted` is true of it where the
 * webhook has such an expression. An expression that cannot be evaluated is not true.
 */
export const judgeTrust: StepEntry = {
  run(arrival) {
    if (!arrival.senderVerified) return undefined
    const evaluation = arrival.webhook.trusted?.evaluate(expressionInput(arrival))
    const note = (result: Evaluation | undefined): undefined => {
      arrival.senderTrusted = result === undefined || (result.ok && result.value)
    }
    return evaluation instanceof Promise ? evaluation.then(note) : note(evaluation)
  },
}
