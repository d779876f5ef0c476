import { Link } from '@tanstack/react-router'
import { Fragment, type ReactNode } from 'react'
import { ERRORS, isErrorCode } from '../../../../src/errors.ts'
import type { Overview } from '../../../../src/contract/overview.ts'
import { Icon } from '../../components/Icon.tsx'
import { Allowed } from '../../components/Allowed.tsx'
import { LinkButton } from '../../components/LinkButton.tsx'
import { Panel } from '../../components/Panel.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { count, percent } from '../../lib/numbers.ts'
import { isReason, REASONS } from '../../lib/reasons.ts'
import { roughly } from '../../lib/time.ts'
import type { Range } from '../../lib/taskSearch.ts'
import classes from './Overview.module.css'

/** What somebody should look at, each with the one action that helps; one quiet line when there is nothing. */
export function Attention({ attention, period }: Pick<Overview, 'attention' | 'period'>) {
  const items = [
    ...waiting(attention),
    ...byCode(attention.failures).map((failures) => (
      <Failures key={failures[0].code} failures={failures} range={period === '6h' ? '24h' : period} />
    )),
    ...attention.budgets.map((budget) => <Budget key={budget.agent_id} {...budget} />),
    ...attention.deliveries.map((delivery) => <Delivery key={delivery.webhook_id} {...delivery} />),
    ...attention.silent.map((webhook) => <Silent key={webhook.webhook_id} {...webhook} />),
    ...attention.rejections.map((row) => <Rejected key={`${row.agent_id} ${row.reason}`} {...row} />),
  ]
  if (items.length === 0) return <p className={classes.clear}>Nothing needs you right now.</p>
  return (
    <div className={classes.attention}>
      <Panel title="Needs attention">
        <ul className={classes.items}>{items}</ul>
      </Panel>
    </div>
  )
}

function Item({
  kind = 'bad',
  title,
  children,
  action,
}: {
  kind?: 'bad' | 'waiting'
  title: ReactNode
  children?: ReactNode
  action: ReactNode
}) {
  return (
    <li data-kind={kind}>
      <div className={classes.what}>
        <p className={classes.title}>
          <Icon name={kind === 'waiting' ? 'approvals' : 'warning'} />
          {title}
        </p>
        {children !== undefined && <p className={classes.dim}>{children}</p>}
      </div>
      <div className={classes.actions}>{action}</div>
    </li>
  )
}

function waiting({ approvals, questions }: Overview['attention']): ReactNode[] {
  const parts = [
    ...(approvals > 0 ? [`${count(approvals)} ${approvals === 1 ? 'call' : 'calls'} to approve`] : []),
    ...(questions > 0 ? [`${count(questions)} ${questions === 1 ? 'question' : 'questions'} to answer`] : []),
  ]
  if (parts.length === 0) return []
  return [
    <Item
      key="waiting"
      kind="waiting"
      title={parts.join(' and ')}
      action={
        <LinkButton to="/approvals" size="xs">
          Decide
        </LinkButton>
      }
    >
      Their tasks wait until someone decides.
    </Item>,
  ]
}

/** Errors that a change of the agent mends, rather than one of the installation or a replay. */
const AGENT_MENDS: ReadonlySet<string> = new Set([
  'timed_out',
  'step_limit',
  'token_limit',
  'cost_limit',
  'output_too_large',
  'template_failed',
  'model_not_found',
  'provider_bad_request',
  'context_too_long',
  'content_refused',
  'output_invalid',
  'answer_cut',
  'answer_empty',
  'agent_invalid',
])

type AgentFailures = Overview['attention']['failures'][number]

/** The failures with the same error, most frequent first: what mends one of them mends all. */
function byCode(failures: AgentFailures[]): [AgentFailures, ...AgentFailures[]][] {
  const found = new Map<string, [AgentFailures, ...AgentFailures[]]>()
  for (const failure of failures) {
    const before = found.get(failure.code)
    if (before) before.push(failure)
    else found.set(failure.code, [failure])
  }
  return [...found.values()].toSorted((one, other) => total(other) - total(one))
}

function total(failures: AgentFailures[]): number {
  return failures.reduce((sum, { count: failed }) => sum + failed, 0)
}

function Failures({ failures, range }: { failures: [AgentFailures, ...AgentFailures[]]; range: Range }) {
  const [{ code, agent_id: agentId, message }] = failures
  const isOne = failures.length === 1
  const known = isErrorCode(code) ? ERRORS[code] : undefined
  const lastAt =
    failures
      .map(({ last_at: at }) => at)
      .toSorted()
      .at(-1) ?? ''
  return (
    <Item
      title={`${count(total(failures))} failed: ${known === undefined ? code : lowerFirst(known.title)}`}
      action={
        isOne && AGENT_MENDS.has(code) ? (
          <LinkButton to="/agents/$agentId/configure" params={{ agentId }} size="xs" variant="default">
            Edit agent
          </LinkButton>
        ) : (
          <>
            {code === 'provider_auth' && (
              <Allowed least="owner">
                <LinkButton to="/settings/$page" params={{ page: 'providers' }} size="xs" variant="default">
                  Open providers
                </LinkButton>
              </Allowed>
            )}
            <LinkButton
              to="/tasks"
              search={{ state: 'FAILURE', error: code, range, ...(isOne ? { agent: agentId } : {}) }}
              size="xs"
              variant="default"
            >
              Show tasks
            </LinkButton>
          </>
        )
      }
    >
      {known?.hint ?? message} Last <RelativeTime at={lastAt} />:{' '}
      {failures.map(({ agent_id: id, agent_name: name, count: failed }, index) => (
        <Fragment key={id}>
          {index > 0 && ', '}
          <Link to="/agents/$agentId" params={{ agentId: id }}>
            {name === '' ? 'deleted agent' : name}
          </Link>
          {!isOne && ` ${count(failed)}`}
        </Fragment>
      ))}
      .
    </Item>
  )
}

function Budget({ agent_id: agentId, agent_name: name, used }: Overview['attention']['budgets'][number]) {
  return (
    <Item
      title={`${name ?? 'All agents'}: ${percent(used)} of the daily budget used`}
      action={
        agentId !== null && (
          <LinkButton to="/agents/$agentId/configure" params={{ agentId }} size="xs" variant="default">
            Edit budget
          </LinkButton>
        )
      }
    >
      New runs wait when it is used up, until the day ends in UTC.
    </Item>
  )
}

function Delivery(delivery: Overview['attention']['deliveries'][number]) {
  const { agent_id: agentId, webhook_id: webhookId, webhook_name: webhook, count: failed, error } = delivery
  const isOff = delivery.disabled_at !== null
  const what = `${failed === 1 ? '1 delivery' : `${count(failed)} deliveries`} failed`
  return (
    <Item
      title={`${delivery.agent_name}: ${isOff ? 'callback switched off by its receiver' : what}`}
      action={
        <LinkButton
          to="/agents/$agentId/webhooks/$webhookId"
          params={{ agentId, webhookId }}
          hash="callback"
          size="xs"
          variant="default"
        >
          {isOff ? 'Switch on again' : 'Show deliveries'}
        </LinkButton>
      }
    >
      {webhook !== null && <>Webhook {webhook}. </>}
      {isOff && failed > 0 && <>{what}. </>}
      {error}
    </Item>
  )
}

function Silent(silent: Overview['attention']['silent'][number]) {
  const { agent_id: agentId, webhook_id: webhookId, last_at: lastAt } = silent
  return (
    <Item
      title={`${silent.agent_name}: no request to ${silent.webhook_name}; one is expected every ${roughly(silent.expected_seconds)}`}
      action={
        <LinkButton
          to="/agents/$agentId/webhooks/$webhookId"
          params={{ agentId, webhookId }}
          size="xs"
          variant="default"
        >
          Open webhook
        </LinkButton>
      }
    >
      {lastAt === null ? (
        `None since it was saved, ${roughly(silent.silent_seconds)} ago. Check that the sender has its URL.`
      ) : (
        <>
          The last one arrived <RelativeTime at={lastAt} />. Check the sender.
        </>
      )}
    </Item>
  )
}

function Rejected({
  agent_id,
  agent_name,
  reason,
  count: now,
  before,
}: Overview['attention']['rejections'][number]) {
  return (
    <Item
      title={`${agent_name}: ${count(now)} requests rejected, ${lowerFirst(isReason(reason) ? REASONS[reason] : reason)}`}
      action={
        <LinkButton
          to="/rejections"
          search={{ agent: agent_id, ...(isReason(reason) ? { reason } : {}) }}
          size="xs"
          variant="default"
        >
          Show rejections
        </LinkButton>
      }
    >
      {before === 0 ? 'None in the period before.' : `${count(before)} in the period before.`}
    </Item>
  )
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}
