import { fork } from 'node:child_process'
import { ownEnvironment } from '../config/environment.ts'
import type { Log } from '../telemetry/log.ts'
import type { StartAlone } from '../runner/suspects.ts'

/** The exit code of a process that could not run its task for a reason of its own: EX_TEMPFAIL of sysexits.h. */
export const NOT_THE_TASK = 75

/**
 * Creates the function that runs one task in a process of its own. The process exits with the run, and by itself when
 * this one exits: it watches the channel between the two.
 *
 * @param program the file that node runs
 */
export function createStartAlone({ program, log }: { program: string; log: Log }): StartAlone {
  return ({ taskId, parentId }) =>
    new Promise((resolve, reject) => {
      const child = fork(program, ['run-alone', taskId, String(parentId)], {
        env: ownEnvironment({}),
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        detached: process.platform !== 'win32',
      })
      child.on('error', reject)
      child.on('exit', (code, signal) => {
        const died = code !== 0 && code !== NOT_THE_TASK
        if (died) log.warn({ task_id: taskId, code, signal }, 'the process running this task alone died')
        resolve({ died })
      })
    })
}
