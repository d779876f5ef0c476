import { Allowed } from '../../components/Allowed.tsx'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { ApiError } from '../../api/apiError.ts'
import { hasEnded, taskQuery } from '../../api/queries.ts'
import type { TaskDetail } from '../../api/types.ts'
import { useTaskEvents, type Writing } from '../../api/useTaskEvents.ts'
import { CopyIcon } from '../../components/CopyButton.tsx'
import { Problem } from '../../components/Notice.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { Panel } from '../../components/Panel.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { StateBadge } from '../../components/StateBadge.tsx'
import { useTitle } from '../../lib/useTitle.ts'
import { Missing } from '../../shell/Broken.tsx'
import { Attempts } from './Attempts.tsx'
import { CancelTask } from './CancelTask.tsx'
import { Elapsed } from './Elapsed.tsx'
import { ErrorActions } from './ErrorActions.tsx'
import { Outcome } from './Outcome.tsx'
import { ReplayTask } from './ReplayTask.tsx'
import { RunPanel } from './RunPanel.tsx'
import { ShareTask } from './ShareTask.tsx'
import { EarlierDecisions, WaitingDecisions } from './TaskDecisions.tsx'
import { TaskDeliveries } from './TaskDeliveries.tsx'
import { TaskFacts } from './TaskFacts.tsx'
import classes from './TaskPage.module.css'
import { TaskTrail } from './TaskTrail.tsx'
import { Waits } from './Waits.tsx'
import { whyHeld } from './whyHeld.ts'

const route = getRouteApi('/inside/tasks/$taskId')

/** Everything about one task. */
export function TaskPage() {
  const { taskId } = route.useParams()
  const { data: task, error } = useQuery(taskQuery(taskId))
  const live = task && !hasEnded(task.state)
  const writing = useTaskEvents(live ? taskId : undefined)
  useTitle(task ? `${task.title} (${task.state.toLowerCase()})` : 'Task')

  if (error && !task) {
    return error instanceof ApiError && error.status === 404 ? <Missing /> : <Problem error={error} />
  }
  return (
    <>
      <TaskTrail taskId={taskId} />
      <PageHeader
        title={
          task ? (
            <span className={classes.title}>
              {task.title}{' '}
              <span role="status">
                <StateBadge state={task.state} />
              </span>
            </span>
          ) : (
            'Task'
          )
        }
        under={
          <span className={classes.under}>
            <code>{taskId}</code>
            <CopyIcon text={taskId} what="task ID" />
          </span>
        }
        actions={
          task && (
            <>
              <ShareTask task={task} />
              {/* Keyed by task: the selection does not carry over to another task. */}
              <Allowed least="editor">
                {live ? <CancelTask taskId={taskId} /> : <ReplayTask key={taskId} task={task} />}
              </Allowed>
            </>
          )
        }
      />
      {task ? <Parts key={taskId} task={task} writing={writing} /> : <Skeleton height="28rem" />}
    </>
  )
}

function Parts({ task, writing }: { task: TaskDetail; writing: Writing }) {
  const { step } = route.useSearch()
  const navigate = route.useNavigate()
  const ended = hasEnded(task.state)
  return (
    <div className={classes.column}>
      <WaitingDecisions task={task} />
      <TaskFacts task={task} />
      <Panel
        title={!ended ? 'Result so far' : task.error ? 'Error' : 'Result'}
        aside={<Elapsed task={task} />}
      >
        <Outcome
          task={task}
          writing={writing}
          {...(task.state === 'FAILURE' ? { actions: <ErrorActions task={task} /> } : {})}
        />
        {!ended && writing.answer === '' && writing.thought === '' && (
          <p className={classes.wait}>{waitingFor(task)}</p>
        )}
      </Panel>
      <RunPanel
        task={task}
        chosen={step}
        onChoose={(chosen) => void navigate({ search: { step: chosen }, replace: true, resetScroll: false })}
      />
      <EarlierDecisions approvals={task.approvals} />
      <TaskDeliveries taskId={task.id} ended={ended} />
      {task.attempts.length > 1 && (
        <Panel title="Attempts">
          <Attempts attempts={task.attempts} />
        </Panel>
      )}
    </div>
  )
}

function waitingFor({ state, held, attempts, waiting_for: waits }: TaskDetail): ReactNode {
  const next = attempts.at(-1)?.next_attempt_at
  if (state === 'WAITING') return <Waits waits={waits} />
  if (state === 'STARTED')
    return next == null ? 'The agent is working.' : 'The attempt failed and will be retried.'
  if (held)
    return (
      <>
        {whyHeld(held)}
        {held.reason === 'budget_exhausted' && (
          <>
            {' '}
            It starts <RelativeTime at={held.until} />, or when the budget is raised.
          </>
        )}
      </>
    )
  return 'Queued. It starts when a worker is free.'
}
