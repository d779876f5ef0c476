import type { ObjectEvent, ObjectVerdict } from '../../tasks/objectGuard.ts'
import type { Arrival } from '../arrival.ts'
import { objectNames } from '../objectNames.ts'
import { ignore, type Stop } from '../outcome.ts'
import type { StepEntry } from './step.ts'

/**
 * Ignores events about what the agent has made itself, and holds what rings too often about one object: two agents that
 * answer each other, or one that is not recognised in its own echo.
 */
export function createGuardObject({
  judgeObject,
  onLoop,
}: {
  judgeObject: (event: ObjectEvent) => Promise<ObjectVerdict>
  /** Called for each request that is held. */
  onLoop: (arrival: Arrival) => void
}): StepEntry {
  async function judge(arrival: Arrival, object: string): Promise<Stop | undefined> {
    const { agentId, options } = arrival.webhook
    const verdict = await judgeObject({
      agentId,
      own: options.ignore_own ? objectNames(arrival.part ?? object) : [],
      object: options.loop_limit > 0 ? object : undefined,
      maxRings: options.loop_limit,
    })
    if (verdict.kind === 'own') return ignore('own_echo', { taskId: verdict.taskId })
    if (verdict.kind === 'limited' && !arrival.hold) {
      arrival.hold = 'loop_suspected'
      onLoop(arrival)
    }
    return undefined
  }

  return {
    ofElements: true,
    applies: ({ options }) => options.ignore_own || options.loop_limit > 0,
    run: (arrival) => (arrival.object === undefined ? undefined : judge(arrival, arrival.object)),
  }
}
