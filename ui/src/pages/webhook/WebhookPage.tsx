import { Skeleton } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { agentsQuery, webhooksQuery } from '../../api/queries.ts'
import { sourcesQuery } from '../../api/webhookQueries.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { Problem } from '../../components/Notice.tsx'
import { maskUrl } from '../../lib/snippets.ts'
import { Missing } from '../../shell/Broken.tsx'
import { CallbackSection } from './CallbackSection.tsx'
import { Deliveries } from './Deliveries.tsx'
import { WebhookSettings } from './WebhookSettings.tsx'
import classes from './WebhookPage.module.css'

const route = getRouteApi('/inside/agents/$agentId/webhooks/$webhookId')

/** Everything that can be decided about one webhook. */
export function WebhookPage() {
  const { agentId, webhookId } = route.useParams()
  const client = useQueryClient()
  const webhooks = useQuery(webhooksQuery(agentId))
  const sources = useQuery(sourcesQuery)
  const webhook = webhooks.data?.find(({ id }) => id === webhookId)

  const refresh = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: webhooksQuery(agentId).queryKey })
    void client.invalidateQueries({ queryKey: agentsQuery.queryKey })
  }

  const error = webhooks.data ? sources.error : webhooks.error
  if (error) return <Problem error={error} />
  if (webhooks.data && !webhook) return <Missing />
  if (!webhook || !sources.data) return <Skeleton height="30rem" />
  return (
    <>
      <div className={classes.head}>
        <div className={classes.names}>
          <Link to="/agents/$agentId" params={{ agentId }} className={classes.back}>
            All webhooks
          </Link>
          <h2>{webhook.name}</h2>
          <p className={classes.url} aria-label="Webhook URL, token hidden" role="group">
            {maskUrl(webhook.url)}
          </p>
        </div>
        <div className={classes.actions}>
          <CopyButton text={webhook.url} label="Copy URL" />
          <Link to="/rejections" search={{ agent: agentId, webhook: webhookId }} className={classes.link}>
            Rejections of this webhook
          </Link>
        </div>
      </div>
      <WebhookSettings key={webhook.id} webhook={webhook} sources={sources.data} onChange={refresh} />
      <div className={classes.apart}>
        <CallbackSection webhook={webhook} />
        <Deliveries webhook={webhook} />
      </div>
    </>
  )
}
