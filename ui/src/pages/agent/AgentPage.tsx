import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, Outlet, useMatchRoute } from '@tanstack/react-router'
import { ApiError } from '../../api/apiError.ts'
import { agentQuery } from '../../api/queries.ts'
import { Allowed } from '../../components/Allowed.tsx'
import { AddModelHint } from '../../components/AddModelHint.tsx'
import { LinkButton } from '../../components/LinkButton.tsx'
import { Problem } from '../../components/Notice.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { here } from '../../lib/base.ts'
import { useTitle } from '../../lib/useTitle.ts'
import { Missing } from '../../shell/Broken.tsx'
import classes from './AgentPage.module.css'

const route = getRouteApi('/inside/agents/$agentId')

/** One agent: its head stays, the tabs under it are addresses of their own. */
export function AgentPage() {
  const { agentId } = route.useParams()
  const { data: agent, error } = useQuery(agentQuery(agentId))
  useTitle(agent?.name)
  const isOneWebhook = useMatchRoute()({ to: '/agents/$agentId/webhooks/$webhookId' }) !== false

  if (error && !agent) {
    return error instanceof ApiError && error.status === 404 ? <Missing /> : <Problem error={error} />
  }
  return (
    <>
      <PageHeader
        title={agent?.name ?? <Skeleton height="1.95rem" width="14rem" />}
        under={
          <>
            {agent?.description !== undefined && <p>{agent.description}</p>}
            <p className={classes.facts}>
              <code>{agent?.model ?? '…'}</code>
              <span>
                <Link to="/agents/$agentId/revisions" params={{ agentId }}>
                  Revision {agent?.revision ?? '…'}
                </Link>
              </span>
            </p>
          </>
        }
        actions={
          <>
            <Allowed least="editor">
              <LinkButton to="/agents/new" search={{ from: agentId }} variant="default">
                Duplicate
              </LinkButton>
            </Allowed>
            <Button component="a" href={here(`api/agents/${agentId}/export`).href} download variant="default">
              Export
            </Button>
          </>
        }
      />
      {agent?.model === 'demo/assistant' && (
        <div className={classes.hint}>
          <AddModelHint />
        </div>
      )}
      <nav className={classes.tabs} aria-label="Parts of the agent">
        <Link
          to="/agents/$agentId"
          params={{ agentId }}
          activeOptions={{ exact: true }}
          {...(isOneWebhook ? { 'aria-current': 'true' as const } : {})}
        >
          Webhook
        </Link>
        <Link to="/agents/$agentId/schedules" params={{ agentId }}>
          Schedules
        </Link>
        <Link to="/agents/$agentId/configure" params={{ agentId }}>
          Configure
        </Link>
        <Link to="/agents/$agentId/revisions" params={{ agentId }}>
          Revisions
        </Link>
        <Link to="/agents/$agentId/tasks" params={{ agentId }}>
          Tasks
        </Link>
      </nav>
      <Outlet />
    </>
  )
}
