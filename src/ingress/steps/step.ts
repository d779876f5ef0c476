import type { Arrival } from '../arrival.ts'
import type { CompiledWebhook } from '../webhook/compileWebhook.ts'
import type { Stop } from '../outcome.ts'

/**
 * One step on the way of a request: it notes what it found out on the arrival, and may end the way there. An error
 * that it throws refuses the request.
 */
export type Step = (arrival: Arrival) => Stop | undefined | void | Promise<Stop | undefined | void>

/** A step, and the webhooks whose requests take it: all of them when it does not say. */
export type StepEntry = {
  run: Step
  applies?: (webhook: Omit<CompiledWebhook, 'steps' | 'elementSteps'>) => boolean
  /** Taken at the end, by requests that may become several tasks, and by each of their elements. */
  ofElements?: boolean
}
