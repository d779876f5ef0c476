import type { ObjectEvent, ObjectVerdict } from '../../tasks/objectGuard.ts'
import type { Arrival } from '../arrival.ts'
import { objectNames } from '../objectNames.ts'
import { ignore, type Stop } from '../outcome.ts'
import type { StepEntry } from './step.ts'

/** What is judged of a request before it starts its agent; undefined when it is about no object. */
export function objectEvent({ webhook, object, part, keys }: Arrival): ObjectEvent | undefined {
  const { agentId, options } = webhook
  if (object === undefined || !(options.ignore_own || options.loop_limit > 0)) return undefined
  return {
    agentId,
    own: options.ignore_own ? objectNames(part ?? object) : [],
    object: options.loop_limit > 0 ? object : undefined,
    maxRings: options.loop_limit,
    ...(keys && { keys }),
  }
}

/**
 * Ignores events about what the agent has made itself, and holds what rings too often about one object: two agents that
 * answer each other, or one that is not recognised in its own echo. A request that becomes one task is judged as that
 * is written, by the same statement.
 */
export function createGuardObject({
  judgeObject,
  onLoop,
}: {
  judgeObject: (event: ObjectEvent) => Promise<ObjectVerdict>
  /** Called for each request that is held. */
  onLoop: (arrival: Arrival) => void
}): StepEntry {
  async function judge(arrival: Arrival, event: ObjectEvent): Promise<Stop | undefined> {
    const verdict = await judgeObject(event)
    if (verdict.kind === 'own') return ignore('own_echo', { taskId: verdict.taskId })
    if (verdict.kind === 'limited' && !arrival.hold) {
      arrival.hold = 'loop_suspected'
      onLoop(arrival)
    }
    return undefined
  }

  return {
    ofElements: true,
    run(arrival) {
      const event = objectEvent(arrival)
      return event && judge(arrival, event)
    },
  }
}
