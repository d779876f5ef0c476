import { useEffect, useState } from 'react'
import type { TaskDetail } from '../../api/types.ts'
import { between, duration } from '../../lib/time.ts'
import classes from './TaskPage.module.css'

/** How long a running task has been running, updated every second; nothing for other tasks. */
export function Elapsed({ task }: { task: TaskDetail }) {
  const { state, started_at: started, waited_ms: waited } = task
  const isRunning = state === 'STARTED' && started !== null
  const [, setTick] = useState(0)
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => setTick((tick) => tick + 1), 1_000)
    return () => clearInterval(timer)
  }, [isRunning])
  if (!isRunning) return null
  const ms = Math.max(0, between(started, null) - waited)
  return (
    <span className={classes.elapsed} role="timer">
      Running for {ms < 60_000 ? `${Math.floor(ms / 1_000)} s` : duration(ms)}
    </span>
  )
}
