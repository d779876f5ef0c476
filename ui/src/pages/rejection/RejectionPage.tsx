import { Allowed } from '../../components/Allowed.tsx'
import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ApiError } from '../../api/apiError.ts'
import { rejectionQuery } from '../../api/rejectionQueries.ts'
import type { Rejection } from '../../api/types.ts'
import { Code, Json } from '../../components/Code.tsx'
import { InlineMarkdown } from '../../components/InlineMarkdown.tsx'
import { LinkButton } from '../../components/LinkButton.tsx'
import { Notice, Problem } from '../../components/Notice.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { Panel } from '../../components/Panel.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { formatBytes } from '../../../../src/contract/formatBytes.ts'
import { parseJson } from '../../lib/json.ts'
import { ABOUT, REASONS } from '../../lib/reasons.ts'
import { useTitle } from '../../lib/useTitle.ts'
import { Missing } from '../../shell/Broken.tsx'
import { Facts } from '../task/Facts.tsx'
import classes from './RejectionPage.module.css'
import { useAcceptRejection } from './useAcceptRejection.ts'

const route = getRouteApi('/inside/rejections/$rejectionId')

/** One rejected request: the reason, what was received, and a button to run it anyway. */
export function RejectionPage() {
  const { rejectionId } = route.useParams()
  const { data, error } = useQuery(rejectionQuery(rejectionId))
  useTitle(data ? REASONS[data.reason] : 'Rejection')
  if (data) return <Found rejection={data} />
  if (!error) return <Skeleton height="24rem" />
  return error instanceof ApiError && error.status === 404 ? <Missing /> : <Problem error={error} />
}

function Found({ rejection }: { rejection: Rejection }) {
  return (
    <>
      <PageHeader
        title={REASONS[rejection.reason]}
        under={
          <p>
            {rejection.method} request to {rejection.webhook_name ?? 'a deleted webhook'},{' '}
            <RelativeTime at={rejection.created_at} />
          </p>
        }
        actions={
          <Allowed least="editor">
            <Accept rejection={rejection} />
          </Allowed>
        }
      />
      <div className={classes.layout}>
        <div className={classes.column}>
          <Panel title="Why">
            <Why rejection={rejection} />
          </Panel>
          <Panel title={rejection.body_complete ? 'Body' : 'Start of the body'}>
            <Body rejection={rejection} />
          </Panel>
          <Panel title="Headers">
            <Json label="Headers" value={rejection.headers} />
          </Panel>
        </div>
        <div className={classes.column}>
          <Panel title="Details">
            <Details rejection={rejection} />
          </Panel>
        </div>
      </div>
    </>
  )
}

function Why({ rejection: { reason, expected, received, detail, repeats } }: { rejection: Rejection }) {
  const known = [
    ['Expected', expected],
    ['Received', received],
    ['Details', detail ?? ABOUT[reason] ?? null],
  ].filter(([, value]) => value !== null)
  return (
    <dl className={classes.why}>
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <InlineMarkdown text={value ?? ''} />
          </dd>
        </div>
      ))}
      {repeats > 0 && (
        <div>
          <dt>Repeats</dt>
          <dd>
            {repeats === 1 ? 'One more request' : `${repeats} more requests`} with the same reason, counted
            only.
          </dd>
        </div>
      )}
    </dl>
  )
}

function Body({ rejection: { body, size, body_complete: isComplete } }: { rejection: Rejection }) {
  if (body === '') return <p className={classes.none}>The request has no body.</p>
  const parsed = parseJson(body)
  return (
    <>
      {parsed.ok ? <Json label="Body" value={parsed.value} /> : <Code label="Body" text={body} />}
      {!isComplete && (
        <p className={classes.none}>
          {formatBytes(size)} were received. Bodies above 256 KiB are not kept whole, so this request cannot
          be accepted.
        </p>
      )}
    </>
  )
}

function Details({ rejection }: { rejection: Rejection }) {
  const { agent_id: agentId, webhook_id: webhookId, task_id: taskId, query } = rejection
  const agent = rejection.agent_name ?? undefined
  const webhook = rejection.webhook_name ?? undefined
  return (
    <>
      <Facts
        facts={[
          [
            'Agent',
            agent === undefined ? (
              'Deleted'
            ) : (
              <Link to="/agents/$agentId" params={{ agentId }}>
                {agent}
              </Link>
            ),
          ],
          [
            'Webhook',
            webhook === undefined ? (
              'Deleted'
            ) : (
              <Link to="/agents/$agentId/webhooks/$webhookId" params={{ agentId, webhookId }}>
                {webhook}
              </Link>
            ),
          ],
          ['Reason code', rejection.reason],
          ['Sender', rejection.sender_verified ? 'Verified' : 'Not verified'],
          ['Content type', rejection.content_type ?? 'None'],
          ['Size', formatBytes(rejection.size)],
          ...(taskId === null
            ? []
            : [
                [
                  'Related task',
                  <Link key="task" to="/tasks/$taskId" params={{ taskId }}>
                    Open task
                  </Link>,
                ] satisfies [string, React.ReactNode],
              ]),
        ]}
      />
      {rejection.method !== 'GET' && Object.keys(query).length > 0 && (
        <div className={classes.query}>
          <Json label="Query" value={query} />
        </div>
      )}
    </>
  )
}

function Accept({ rejection }: { rejection: Rejection }) {
  const { accept, taskId } = useAcceptRejection(rejection)
  if (taskId !== undefined) {
    return (
      <Notice
        tone="good"
        title="Accepted as a task"
        action={
          <LinkButton to="/tasks/$taskId" params={{ taskId }} size="compact-sm">
            Open task
          </LinkButton>
        }
      />
    )
  }
  return (
    <div className={classes.accept}>
      <Button
        loading={accept.isPending}
        disabled={!rejection.body_complete || rejection.agent_name === null}
        onClick={() => accept.mutate()}
      >
        Accept
      </Button>
      <p className={classes.none}>Starts the agent with this request. No check is repeated.</p>
      {accept.isError && <Problem error={accept.error} />}
    </div>
  )
}
