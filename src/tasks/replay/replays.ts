import { isId } from '../../db/id.ts'
import { retryOnConflict } from '../../db/retryOnConflict.ts'
import type { Signals } from '../../db/signals.ts'
import { BellwireError } from '../../errors.ts'
import { WORK_CHANNEL } from '../follow/channels.ts'
import { replayMany, type ReplayedMany, type ReplaySelection } from './replayMany.ts'
import {
  createWriteReplay,
  type Replayed,
  type RequestOptions,
  type WriteReplayParts,
} from './writeReplay.ts'

/** Runs tasks again: each as a new task with the payload and the request of the old one. */
export type Replays = {
  /**
   * Replays one task.
   *
   * @throws BellwireError `task_not_found`, `agent_not_found`, `conflict` and `provider_not_configured`
   */
  replay(taskId: string, options: RequestOptions): Promise<Replayed>
  /** Replays the tasks that match a filter, oldest first. Those that have been replayed before are left out. */
  replayMany(selection: ReplaySelection, options: RequestOptions): Promise<ReplayedMany>
}

export function createReplays({ signals, ...parts }: WriteReplayParts & { signals: Signals }): Replays {
  const { db } = parts
  const write = createWriteReplay(parts)

  return {
    async replay(taskId, options) {
      if (!isId(taskId)) throw new BellwireError('task_not_found')
      const replayed = await retryOnConflict(() => db.transaction((tx) => write(tx, taskId, options)))
      signals.publish(WORK_CHANNEL, '')
      return replayed
    },

    async replayMany(selection, options) {
      const outcome = await replayMany({ db, write }, selection, options)
      if (outcome.taskIds.length > 0) signals.publish(WORK_CHANNEL, '')
      return outcome
    },
  }
}
