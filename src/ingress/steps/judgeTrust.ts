import { expressionInput } from '../expressionInput.ts'
import type { StepEntry } from './step.ts'

/**
 * Decides whether what a request says can be trusted: its sender is verified, and `trusted` is true of it where the
 * webhook has such an expression. An expression that cannot be evaluated is not true.
 */
export const judgeTrust: StepEntry = {
  applies: ({ source }) => source.verify !== undefined,
  async run(arrival) {
    const { senderVerified, webhook } = arrival
    if (!senderVerified) return
    const evaluation = await webhook.trusted?.evaluate(expressionInput(arrival))
    arrival.senderTrusted = evaluation === undefined || (evaluation.ok && evaluation.value)
  },
}
