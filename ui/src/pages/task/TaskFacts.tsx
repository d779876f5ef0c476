import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { TaskDetail } from '../../api/types.ts'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { usd } from '../../lib/amounts.ts'
import { between, duration } from '../../lib/time.ts'
import { Facts } from './Facts.tsx'
import classes from './TaskFacts.module.css'

type Fact = [name: string, value: ReactNode]

/** The key facts of a task. */
export function TaskFacts({ task }: { task: TaskDetail }) {
  const facts: Fact[] = [
    [
      'Agent',
      <Link to="/agents/$agentId" params={{ agentId: task.agent_id }}>
        {task.agent_name}
      </Link>,
    ],
    [
      'Revision',
      <>
        <Link
          to="/agents/$agentId/revisions"
          params={{ agentId: task.agent_id }}
          search={{ to: task.revision }}
        >
          {task.revision}
        </Link>
        {task.replay?.draft && ', with a draft'}
      </>,
    ],
    ['Source', source(task)],
    ['Sender', sender(task)],
    ['Received', <RelativeTime at={task.created_at} />],
    ...timeFacts(task),
    ...usageFacts(task),
    ...replayFacts(task),
  ]
  return <Facts facts={facts} className={classes.facts} />
}

function source({ origin, webhook_id: id, webhook_name: name, agent_id: agentId }: TaskDetail): ReactNode {
  if (id === null || name === null) return origin
  return (
    <Link to="/agents/$agentId/webhooks/$webhookId" params={{ agentId, webhookId: id }}>
      {name}
    </Link>
  )
}

/** Whether the sender was verified, and whether its content is trusted. */
function sender({ sender_verified: verified, sender_trusted: trusted }: TaskDetail): string {
  if (!verified) return 'Not verified'
  return trusted ? 'Verified, trusted' : 'Verified, not trusted'
}

function timeFacts(task: TaskDetail): Fact[] {
  const { created_at: created, started_at: started, duration_ms: ms, waited_ms: waited } = task
  if (started === null) return []
  return [
    ['Queued for', duration(between(created, started))],
    ...(waited > 0 ? [['Waited for approval', duration(waited)] satisfies Fact] : []),
    ...(task.finished_at === null || ms === null ? [] : [['Duration', duration(ms)] satisfies Fact]),
  ]
}

function usageFacts({ usage }: TaskDetail): Fact[] {
  if (!usage || usage.input_tokens + usage.output_tokens === 0) return []
  const { input_tokens: input, output_tokens: output, reasoning_tokens: reasoning } = usage
  const out = output.toLocaleString('en-GB')
  return [
    [
      'Tokens',
      `${input.toLocaleString('en-GB')} in, ${out} out${reasoning > 0 ? ` (${reasoning.toLocaleString('en-GB')} reasoning)` : ''}`,
    ],
    ['Cost', usage.cost_usd == null ? 'Unknown' : usd(usage.cost_usd)],
  ]
}

/** The task that it replays, and those that replay it, each with a link to a comparison. */
function replayFacts({ id, replay_of: old, replays }: TaskDetail): Fact[] {
  return [
    ...(old === null ? [] : [['Replay of', <Related left={old} right={id} other={old} />] satisfies Fact]),
    ...(replays.length === 0
      ? []
      : [
          [
            replays.length === 1 ? 'Replay' : 'Replays',
            <>
              {replays.slice(0, 5).map((other) => (
                <Related key={other} left={id} right={other} other={other} />
              ))}
            </>,
          ] satisfies Fact,
        ]),
  ]
}

function Related({ left, right, other }: { left: string; right: string; other: string }) {
  return (
    <div>
      <Link to="/tasks/$taskId" params={{ taskId: other }} title={other}>
        <code>…{other.slice(-12)}</code>
      </Link>{' '}
      <Link to="/tasks/$taskId/compare/$otherId" params={{ taskId: left, otherId: right }}>
        Compare
      </Link>
    </div>
  )
}
