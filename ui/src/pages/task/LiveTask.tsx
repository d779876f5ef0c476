import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { hasEnded, taskQuery } from '../../api/queries.ts'
import type { TaskDetail } from '../../api/types.ts'
import { useTaskEvents } from '../../api/useTaskEvents.ts'
import { Problem } from '../../components/Notice.tsx'
import { StateBadge } from '../../components/StateBadge.tsx'
import { between, duration } from '../../lib/time.ts'
import { Outcome } from './Outcome.tsx'
import classes from './LiveTask.module.css'
import { whyHeld } from './whyHeld.ts'

/** Follows a task from its start to its result, in a few lines. */
export function LiveTask({ taskId }: { taskId: string }) {
  const { data: task, error } = useQuery(taskQuery(taskId))
  const writing = useTaskEvents(taskId)

  if (error && !task) return <Problem error={error} />
  return (
    <div className={classes.live}>
      <div className={classes.head}>
        <span role="status">
          <StateBadge state={task?.state ?? 'PENDING'} />
        </span>
        <span className={classes.facts}>
          {task && hasEnded(task.state) && task.started_at !== null
            ? `in ${duration(between(task.created_at, task.finished_at))}`
            : standing(task)}
        </span>
        <Link to="/tasks/$taskId" params={{ taskId }}>
          Open task
        </Link>
      </div>
      {task && <Outcome task={task} writing={writing} />}
    </div>
  )
}

function standing(task: TaskDetail | undefined): string {
  if (task?.state === 'WAITING') return 'waiting for a person to decide'
  if (task?.held) return whyHeld(task.held)
  const steps = task?.steps.length ?? 0
  return steps === 0 ? 'waiting for the first step' : `${steps} ${steps === 1 ? 'step' : 'steps'} so far`
}
