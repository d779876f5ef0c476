import type { RateLimits } from '../rateLimit/rateLimits.ts'
import { createAnswerSigned, createAnswerUnsigned } from './answerHandshake.ts'
import type { ObjectEvent, ObjectVerdict } from '../../tasks/objectGuard.ts'
import type { Arrival } from '../arrival.ts'
import { checkSchema } from './checkSchema.ts'
import { createGuardObject } from './guardObject.ts'
import { evaluateFilter } from './evaluateFilter.ts'
import { judgeTrust } from './judgeTrust.ts'
import { createDecodeBody } from './decodeBody.ts'
import { checkMethod } from './checkMethod.ts'
import { createConfirmNavigation } from './confirmNavigation.ts'
import type { Answer } from '../outcome.ts'
import { describeEvent } from './describeEvent.ts'
import { createLimitRate } from './limitRate.ts'
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
  /** Bytes of a body at most, also when it is expanded. */
  maxBodyBytes: number
  rateLimits: RateLimits
  judgeObject: (event: ObjectEvent) => Promise<ObjectVerdict>
  /** Called for each request that is held because a loop is suspected. */
  onLoop: (arrival: Arrival) => void
  /** The page that asks before it starts an agent, with a button or without. */
  startPage: (canPost: boolean) => Answer
}): StepEntry[] {
  return [
    createLimitRate(parts),
    createDecodeBody(parts),
    // Before the method is looked at: a provider may ask with a GET where events come by POST.
    createAnswerUnsigned(parts),
    checkMethod,
    createConfirmNavigation(parts),
    createVerifySender(parts),
    createAnswerSigned(parts),
    readPayload,
    describeEvent,
    checkSchema,
    evaluateFilter,
    judgeTrust,
    createGuardObject(parts),
  ]
}
