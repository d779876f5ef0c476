import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { rejectionsQuery } from '../../api/rejectionQueries.ts'
import type { Webhook } from '../../api/types.ts'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { REASONS } from '../../lib/reasons.ts'
import classes from './WebhookPanel.module.css'

/** The latest request of a webhook that started no task, if there is one. */
export function LatestRejection({ webhook }: { webhook: Webhook }) {
  const { data } = useInfiniteQuery(rejectionsQuery({ webhookId: webhook.id }))
  const latest = data?.pages[0]?.data[0]
  if (!latest) return null
  return (
    <p className={classes.hint}>
      Latest rejection: {REASONS[latest.reason].toLowerCase()}, <RelativeTime at={latest.created_at} />.{' '}
      <Link to="/rejections" search={{ agent: webhook.agent_id, webhook: webhook.id }}>
        Rejections of this webhook
      </Link>
    </p>
  )
}
