import { createAnswerHandshake } from './answerHandshake.ts'
import { checkMethod } from './checkMethod.ts'
import { describeEvent } from './describeEvent.ts'
import { readPayload } from './readPayload.ts'
import type { StepEntry } from './step.ts'
import { createVerifySender } from './verifySender.ts'

/**
 * The way of a request, cheapest first: whoever may not come in costs little, and what changes nothing for a webhook
 * is not done for it. What is left at the end becomes a task.
 */
export function createSteps(parts: {
  /** The base of our URLs, without a slash at its end. */
  publicUrl: string
}): StepEntry[] {
  return [
    checkMethod,
    // rate limit
    // body
    createVerifySender(parts),
    createAnswerHandshake(parts),
    readPayload,
    describeEvent,
    // schema, filter, own echo, breaker, trust
  ]
}
