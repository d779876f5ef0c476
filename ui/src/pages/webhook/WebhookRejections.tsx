import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { rejectionsQuery } from '../../api/rejectionQueries.ts'
import type { RejectionSummary, Webhook } from '../../api/types.ts'
import { Allowed } from '../../components/Allowed.tsx'
import { FormSection } from '../../components/FormSection.tsx'
import { Problem } from '../../components/Notice.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { differenceOf, REASONS } from '../../lib/reasons.ts'
import classes from './WebhookRejections.module.css'
import { useAcceptRejection } from '../rejection/useAcceptRejection.ts'

const MOST_SHOWN = 10

/** The latest requests of a webhook that started no task, and why; once the cause is mended, they can be accepted. */
export function WebhookRejections({ webhook }: { webhook: Webhook }) {
  const { data, error } = useInfiniteQuery(rejectionsQuery({ webhookId: webhook.id }))
  const found = data?.pages.flatMap((page) => page.data)
  return (
    <FormSection
      title="Rejections"
      about={
        <>
          Requests to this webhook that started no task. Fix the cause, then accept them: checks are not
          repeated.{' '}
          <Link to="/rejections" search={{ agent: webhook.agent_id, webhook: webhook.id }}>
            All rejections
          </Link>
        </>
      }
    >
      {error && !found && <Problem error={error} />}
      {found?.length === 0 && <p className={classes.none}>None.</p>}
      {found && found.length > 0 && (
        <ul className={classes.list} aria-label="Rejections of this webhook">
          {found.slice(0, MOST_SHOWN).map((rejection) => (
            <Rejected key={rejection.id} rejection={rejection} />
          ))}
        </ul>
      )}
    </FormSection>
  )
}

function Rejected({ rejection }: { rejection: RejectionSummary }) {
  const { accept, taskId } = useAcceptRejection(rejection)
  return (
    <li>
      <span className={classes.what}>
        <Link to="/rejections/$rejectionId" params={{ rejectionId: rejection.id }} className={classes.reason}>
          {REASONS[rejection.reason]}
          {rejection.repeats > 0 && ` ×${rejection.repeats + 1}`}
        </Link>
        <span className={classes.dim}>{differenceOf(rejection)}</span>
        <span className={classes.dim}>
          <RelativeTime at={rejection.created_at} />
        </span>
      </span>
      {taskId === undefined ? (
        <Allowed least="editor">
          <Button
            size="compact-sm"
            variant="default"
            loading={accept.isPending}
            onClick={() => accept.mutate()}
          >
            Accept
          </Button>
        </Allowed>
      ) : (
        <Link to="/tasks/$taskId" params={{ taskId }}>
          Accepted
        </Link>
      )}
      {accept.isError && (
        <div className={classes.problem}>
          <Problem error={accept.error} />
        </div>
      )}
    </li>
  )
}
