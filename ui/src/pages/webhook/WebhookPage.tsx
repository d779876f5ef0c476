import { Skeleton } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { agentsQuery, webhooksQuery } from '../../api/queries.ts'
import { sourcesQuery } from '../../api/webhookQueries.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { InlineMarkdown } from '../../components/InlineMarkdown.tsx'
import { Notice, Problem } from '../../components/Notice.tsx'
import { maskUrl } from '../../lib/maskUrl.ts'
import { Missing } from '../../shell/Broken.tsx'
import { HeldTasks } from '../agent/HeldTasks.tsx'
import { CallbackSection } from './CallbackSection.tsx'
import { Deliveries } from './Deliveries.tsx'
import { WebhookRejections } from './WebhookRejections.tsx'
import { WebhookSettings } from './WebhookSettings.tsx'
import classes from './WebhookPage.module.css'
import { Allowed } from '../../components/Allowed.tsx'

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
          <Allowed least="editor">
            <CopyButton text={webhook.url} label="Copy URL" />
          </Allowed>
        </div>
      </div>
      {webhook.warnings.length > 0 && (
        <div className={classes.warnings}>
          {webhook.warnings.map((warning) => (
            <Notice key={warning} title="Copied requests could be sent again">
              <InlineMarkdown text={warning} />
            </Notice>
          ))}
        </div>
      )}
      {webhook.held.count > 0 && (
        <div className={classes.warnings}>
          <Allowed least="editor">
            <HeldTasks webhook={webhook} onChange={refresh} />
          </Allowed>
        </div>
      )}
      <WebhookSettings key={webhook.id} webhook={webhook} sources={sources.data} onChange={refresh} />
      <div className={classes.apart}>
        <CallbackSection key={webhook.id} webhook={webhook} onChange={refresh} />
        <Deliveries webhook={webhook} />
        <WebhookRejections webhook={webhook} />
      </div>
    </>
  )
}
