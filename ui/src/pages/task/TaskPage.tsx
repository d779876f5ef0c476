import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { ApiError } from '../../api/apiError.ts'
import { hasEnded, taskQuery } from '../../api/queries.ts'
import type { TaskDetail } from '../../api/types.ts'
import { useTaskEvents, type Writing } from '../../api/useTaskEvents.ts'
import { Json } from '../../components/Code.tsx'
import { CopyIcon } from '../../components/CopyButton.tsx'
import { Notice, Problem } from '../../components/Notice.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { Panel } from '../../components/Panel.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { StateBadge } from '../../components/StateBadge.tsx'
import { between, duration } from '../../lib/time.ts'
import { useTitle } from '../../lib/useTitle.ts'
import { Missing } from '../../shell/Broken.tsx'
import { Approvals } from './Approvals.tsx'
import { Attempts } from './Attempts.tsx'
import { CancelTask } from './CancelTask.tsx'
import { Facts } from './Facts.tsx'
import { Outcome } from './Outcome.tsx'
import { ReplayTask } from './ReplayTask.tsx'
import { Steps } from './Steps.tsx'
import classes from './TaskPage.module.css'
import { whyHeld } from './whyHeld.ts'

const route = getRouteApi('/inside/tasks/$taskId')

/** Everything about one task. */
export function TaskPage() {
  const { taskId } = route.useParams()
  const { data: task, error } = useQuery(taskQuery(taskId))
  const live = task && !hasEnded(task.state)
  const writing = useTaskEvents(live ? taskId : undefined)
  useTitle(task ? `${task.state.toLowerCase()}: ${task.agent_name}` : 'Task')

  if (error && !task) {
    return error instanceof ApiError && error.status === 404 ? <Missing /> : <Problem error={error} />
  }
  return (
    <>
      <PageHeader
        title={task ? `Task for ${task.agent_name}` : 'Task'}
        under={
          <span className={classes.under}>
            <code>{taskId}</code>
            <CopyIcon text={taskId} what="task ID" />
          </span>
        }
        actions={
          // A page of its own for each task: what was chosen for one says nothing about the next.
          live ? <CancelTask taskId={taskId} /> : task && <ReplayTask key={taskId} task={task} />
        }
      />
      {task ? <Parts task={task} writing={writing} /> : <Skeleton height="28rem" />}
    </>
  )
}

function Parts({ task, writing }: { task: TaskDetail; writing: Writing }) {
  const hasQuery = Object.keys(task.request.query).length > 0
  return (
    <div className={classes.layout}>
      <div className={classes.column}>
        <Panel
          title="Result"
          aside={
            <span role="status">
              <StateBadge state={task.state} />
            </span>
          }
        >
          <Outcome task={task} writing={writing} />
          {!hasEnded(task.state) && writing.answer === '' && writing.thought === '' && (
            <p className={classes.wait}>{waitingFor(task)}</p>
          )}
        </Panel>
        {task.approvals.length > 0 && (
          <Panel title="Approvals">
            <Approvals approvals={task.approvals} />
          </Panel>
        )}
        <Panel title="Steps">
          <Steps taskId={task.id} steps={task.steps} ended={hasEnded(task.state)} />
        </Panel>
        <Panel title="Payload">
          {task.warnings.length > 0 && <Warnings warnings={task.warnings} />}
          <Json label="Payload" value={task.payload} />
        </Panel>
        <Panel title="Request">
          <Json
            label="Request"
            value={{
              method: task.request.method,
              ...(hasQuery ? { query: task.request.query } : {}),
              headers: task.request.headers,
            }}
          />
        </Panel>
      </div>
      <div className={classes.column}>
        <Panel title="Details">
          <Facts
            facts={[
              [
                'Agent',
                <Link to="/agents/$agentId" params={{ agentId: task.agent_id }}>
                  {task.agent_name}
                </Link>,
              ],
              ['Revision', task.revision],
              ['Source', task.origin],
              ['Sender', describeSender(task)],
              ...replayFacts(task),
              ['Received', <RelativeTime at={task.created_at} />],
              ...timeFacts(task),
              ...usageFacts(task),
            ]}
          />
        </Panel>
        <Panel title="Attempts">
          <Attempts attempts={task.attempts} />
        </Panel>
      </div>
    </div>
  )
}

/** The task that it replays, and those that replay it. */
function replayFacts({ replay_of: old, replay, replays }: TaskDetail): [string, ReactNode][] {
  return [
    ...(old === null ? [] : [['Replay of', <TaskLink taskId={old} />] satisfies [string, ReactNode]]),
    ...(replay?.draft ? [['Agent draft', 'not saved'] satisfies [string, ReactNode]] : []),
    ...(replays.length === 0
      ? []
      : [
          [
            replays.length === 1 ? 'Replay' : 'Replays',
            <>
              {replays.map((id) => (
                <div key={id}>
                  <TaskLink taskId={id} />
                </div>
              ))}
            </>,
          ] satisfies [string, ReactNode],
        ]),
  ]
}

function TaskLink({ taskId }: { taskId: string }) {
  return (
    <Link to="/tasks/$taskId" params={{ taskId }} title={taskId}>
      <code>…{taskId.slice(-12)}</code>
    </Link>
  )
}

/** Paths that a template names and the payload does not have; keys that could not be evaluated. */
function Warnings({ warnings }: Pick<TaskDetail, 'warnings'>) {
  const missing = warnings.flatMap((one) => (one.code === 'payload_path_missing' ? one : []))
  const failed = warnings.flatMap((one) => (one.code === 'payload_path_missing' ? [] : one))
  return (
    <>
      {missing.length > 0 && (
        <Notice title="The payload lacks fields that the templates use">
          <ul className={classes.warnings}>
            {missing.map(({ template, path }) => (
              <li key={`${template} ${path}`}>
                <code>{path}</code> in {template === 'message' ? 'the message' : 'the instructions'}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {failed.map(({ code, detail }) => (
        <Notice
          key={code}
          title={
            code === 'conversation_key_failed'
              ? 'Not part of a conversation: its key could not be evaluated'
              : 'Not coalesced: the key could not be evaluated'
          }
        >
          {detail}
        </Notice>
      ))}
    </>
  )
}

function timeFacts(task: TaskDetail): [string, ReactNode][] {
  const { created_at: created, started_at: started, finished_at: finished, waited_ms: waited } = task
  if (started === null) return []
  return [
    ['Queued for', duration(between(created, started))],
    ...(waited > 0 ? [['Waited for approval', duration(waited)] satisfies [string, ReactNode]] : []),
    ...(finished === null
      ? []
      : [['Duration', duration(between(started, finished) - waited)] satisfies [string, ReactNode]]),
  ]
}

function usageFacts({ usage }: TaskDetail): [string, ReactNode][] {
  if (!usage) return []
  const { input_tokens: input, output_tokens: output, reasoning_tokens: reasoning } = usage
  return [
    ['Model calls', usage.model_calls],
    ['Input tokens', input.toLocaleString('en-GB')],
    [
      'Output tokens',
      reasoning > 0
        ? `${output.toLocaleString('en-GB')} (${reasoning.toLocaleString('en-GB')} reasoning)`
        : output.toLocaleString('en-GB'),
    ],
    ['Cost', usage.cost_usd == null ? 'unknown' : `$${usage.cost_usd}`],
  ]
}

function waitingFor({ state, held, attempts }: TaskDetail): ReactNode {
  const next = attempts.at(-1)?.next_attempt_at
  if (state === 'WAITING') return 'Waiting for approval.'
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
        {held.reason === 'delayed' && (
          <>
            {' '}
            It starts <RelativeTime at={held.until} />.
          </>
        )}
      </>
    )
  return 'Queued. It starts when a worker is free.'
}

/** Who sent the request, and whether what it says is trusted. */
function describeSender({ sender_verified: verified, sender_trusted: trusted }: TaskDetail): string {
  if (!verified) return 'not verified'
  return trusted ? 'verified, trusted' : 'verified, not trusted'
}
