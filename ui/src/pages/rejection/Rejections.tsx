import { NativeSelect } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { agentsQuery, webhooksQuery } from '../../api/queries.ts'
import { rejectionsQuery } from '../../api/rejectionQueries.ts'
import type { RejectionSummary } from '../../api/types.ts'
import { EmptyState } from '../../components/EmptyState.tsx'
import { LoadMore } from '../../components/LoadMore.tsx'
import { Problem } from '../../components/Notice.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { rowClass, Rows, RowSkeletons } from '../../components/Rows.tsx'
import { formatBytes } from '../../../../src/contract/formatBytes.ts'
import { filterChoices } from '../../lib/filterChoices.ts'
import { differenceOf, isReason, REASONS } from '../../lib/reasons.ts'
import { useTitle } from '../../lib/useTitle.ts'
import classes from './Rejections.module.css'

const route = getRouteApi('/inside/rejections')

const REASON_CHOICES = Object.entries(REASONS).map(([value, label]) => ({ value, label }))

/** Requests that started no task, and why. */
export function Rejections() {
  useTitle('Rejections')
  const { reason, agent, webhook } = route.useSearch()
  const query = useInfiniteQuery(rejectionsQuery({ reason, agentId: agent, webhookId: webhook }))
  const rejections = query.data?.pages.flatMap((page) => page.data)
  const filtered = reason !== undefined || agent !== undefined || webhook !== undefined

  return (
    <>
      <PageHeader title="Rejections" under="Requests that started no task, and why. Newest first." />
      <Filters />
      {query.isError && <Problem error={query.error} />}
      {rejections?.length === 0 ? (
        <EmptyState title={filtered ? 'No rejections match' : 'No rejections'}>
          <p>
            {filtered
              ? 'Choose another reason or webhook.'
              : 'Requests that a webhook refuses, filters out or limits appear here with the reason.'}
          </p>
        </EmptyState>
      ) : (
        !(query.isError && !rejections) && (
          <Rows
            label="Rejections"
            heads={['Reason', 'Webhook', 'Size', 'Received']}
            columns="minmax(0, 1.5fr) minmax(0, 1fr) 5rem 7.5rem"
          >
            {rejections?.map((rejection) => <Row key={rejection.id} rejection={rejection} />) ?? (
              <RowSkeletons count={6} lines={2} />
            )}
          </Rows>
        )
      )}
      <LoadMore query={query} />
    </>
  )
}

function Filters() {
  const { reason, agent, webhook } = route.useSearch()
  const navigate = route.useNavigate()
  const agents = useInfiniteQuery(agentsQuery).data?.pages.flatMap((page) => page.data) ?? []
  const webhooks = useQuery({ ...webhooksQuery(agent ?? ''), enabled: agent !== undefined }).data ?? []

  const choose = (change: { reason?: string; agent?: string; webhook?: string }): void => {
    const next = { reason, agent, webhook, ...change }
    void navigate({
      search: {
        ...(isReason(next.reason) ? { reason: next.reason } : {}),
        ...(next.agent ? { agent: next.agent } : {}),
        ...(next.webhook ? { webhook: next.webhook } : {}),
      },
      replace: true,
    })
  }
  return (
    <div className={classes.filters}>
      <NativeSelect
        label="Reason"
        data={[{ value: '', label: 'All reasons' }, ...REASON_CHOICES]}
        value={reason ?? ''}
        onChange={(event) => choose({ reason: event.currentTarget.value })}
      />
      <NativeSelect
        label="Agent"
        data={filterChoices(agents, { all: 'All agents', other: 'Another agent', chosen: agent })}
        value={agent ?? ''}
        onChange={(event) => choose({ agent: event.currentTarget.value, webhook: '' })}
      />
      <NativeSelect
        label="Webhook"
        data={filterChoices(webhooks, {
          all: agent === undefined ? 'Choose an agent first' : 'All webhooks',
          other: 'Another webhook',
          chosen: webhook,
        })}
        disabled={agent === undefined && webhook === undefined}
        value={webhook ?? ''}
        onChange={(event) => choose({ webhook: event.currentTarget.value })}
      />
    </div>
  )
}

function Row({ rejection }: { rejection: RejectionSummary }) {
  return (
    <li>
      <Link
        to="/rejections/$rejectionId"
        params={{ rejectionId: rejection.id }}
        // The list moves under the pointer, so hovering over a row does not mean that it is wanted.
        preload={false}
        className={`${rowClass} ${classes.row}`}
      >
        <span className={classes.what}>
          <span className={classes.reason}>
            {REASONS[rejection.reason]}
            {rejection.repeats > 0 && <span className={classes.count}> ×{rejection.repeats + 1}</span>}
            {rejection.accepted_task_id !== null && <span className={classes.accepted}>Accepted</span>}
          </span>
          <span className={classes.dim}>{differenceOf(rejection)}</span>
        </span>
        <span className={classes.what}>
          <span className={classes.line}>{rejection.webhook_name ?? 'Deleted webhook'}</span>
          <span className={classes.dim}>{rejection.agent_name ?? 'Deleted agent'}</span>
        </span>
        <span className={classes.size}>{formatBytes(rejection.size)}</span>
        <span className={classes.size}>
          <RelativeTime at={rejection.created_at} />
        </span>
      </Link>
    </li>
  )
}
