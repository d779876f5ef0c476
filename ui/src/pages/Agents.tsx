import { Allowed } from '../components/Allowed.tsx'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { agentsQuery } from '../api/queries.ts'
import type { AgentListItem } from '../api/types.ts'
import { EmptyState } from '../components/EmptyState.tsx'
import { LinkButton } from '../components/LinkButton.tsx'
import { LoadMore } from '../components/LoadMore.tsx'
import { Problem } from '../components/Notice.tsx'
import { PageHeader } from '../components/PageHeader.tsx'
import { RelativeTime } from '../components/RelativeTime.tsx'
import { rowClass, Rows, RowSkeletons } from '../components/Rows.tsx'
import { StateBadge } from '../components/StateBadge.tsx'
import { counted } from '../lib/amounts.ts'
import { useTitle } from '../lib/useTitle.ts'
import { ImportAgent, ImportProblem } from './agent/ImportAgent.tsx'
import { useImportAgent } from './agent/useImportAgent.ts'
import classes from './Agents.module.css'

/** All agents, each with the state of its webhooks and its last task. */
export function Agents() {
  useTitle('Agents')
  const query = useInfiniteQuery(agentsQuery)
  const agents = query.data?.pages.flatMap((page) => page.data)
  const importFile = useImportAgent()
  const header = (
    <>
      <PageHeader
        title="Agents"
        under="Every agent has a URL. Any HTTP request to it starts a run."
        actions={
          <Allowed least="editor">
            <ImportAgent run={importFile} />
            <LinkButton to="/agents/new" icon="plus">
              New agent
            </LinkButton>
          </Allowed>
        }
      />
      {importFile.isError && <ImportProblem error={importFile.error} />}
    </>
  )

  if (query.isError && !agents) {
    return (
      <>
        {header}
        <Problem error={query.error} />
      </>
    )
  }
  if (agents?.length === 0) {
    return (
      <>
        {header}
        <EmptyState
          title="No agents yet"
          action={
            <Allowed least="editor">
              <LinkButton to="/agents/new" icon="plus">
                Create agent
              </LinkButton>
            </Allowed>
          }
        >
          <p>
            An agent has instructions, a model and optional tools. It gets its own URL, and every request to
            that URL becomes a task.
          </p>
        </EmptyState>
      </>
    )
  }
  return (
    <>
      {header}
      <Rows
        label="Agents"
        heads={['Agent', 'Model', 'Webhook', 'Last 24 hours', 'Last task']}
        columns="minmax(0, 1fr) minmax(0, 14rem) 5rem 8rem 11.5rem"
      >
        {agents?.map((agent) => <Row key={agent.id} agent={agent} />) ?? <RowSkeletons count={4} lines={2} />}
      </Rows>
      <LoadMore query={query} />
    </>
  )
}

function Row({ agent }: { agent: AgentListItem }) {
  const { enabled, disabled } = agent.webhooks
  return (
    <li>
      <Link to="/agents/$agentId" params={{ agentId: agent.id }} className={`${rowClass} ${classes.row}`}>
        <span className={classes.agent}>
          <span className={classes.name}>{agent.name}</span>
          <span className={classes.description}>{agent.description ?? firstLine(agent.instructions)}</span>
        </span>
        <span className={classes.model}>{agent.model}</span>
        <span className={classes.webhook}>
          {enabled > 0 ? (enabled === 1 ? 'On' : `${enabled} on`) : disabled > 0 ? 'Off' : 'None yet'}
        </span>
        <LastDay day={agent.last_day} />
        <span className={classes.last}>
          {agent.last_task ? (
            <>
              <StateBadge state={agent.last_task.state} />
              <RelativeTime at={agent.last_task.created_at} />
            </>
          ) : (
            'Never'
          )}
        </span>
      </Link>
    </li>
  )
}

/** How many tasks came in the last day, and how many of those that have ended failed. */
function LastDay({
  day: { tasks, succeeded, failed, is_complete: isAll },
}: {
  day: AgentListItem['last_day']
}) {
  const ended = succeeded + failed
  return (
    <span className={classes.day}>
      <span>
        {isAll
          ? tasks === 0
            ? 'No tasks'
            : counted(tasks, 'task')
          : `${tasks.toLocaleString('en-GB')}+ tasks`}
      </span>
      {failed > 0 && <span className={classes.failed}>{percent(failed / ended)} failed</span>}
    </span>
  )
}

/** Never 0 % where something failed. */
function percent(share: number): string {
  return `${Math.max(1, Math.round(share * 100))} %`
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? ''
}
