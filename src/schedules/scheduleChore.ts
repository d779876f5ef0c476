import { batchOf, type Chore } from '../upkeep/chore.ts'
import { RING_BATCH, ringSchedules } from './ringSchedules.ts'

/** Starts the agents whose schedules are due, every second. */
export function scheduleChore(parts: Parameters<typeof ringSchedules>[0]): Chore {
  return {
    name: 'schedules',
    everyMs: 1_000,
    run: async () => batchOf(await ringSchedules(parts), RING_BATCH),
  }
}
