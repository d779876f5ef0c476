import { Allowed } from '../../components/Allowed.tsx'
import { Button, Switch } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import type { SourceDescription, Webhook, WebhookPatch } from '../../api/types.ts'
import { sourcesQuery } from '../../api/webhookQueries.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { CopyButton } from '../../components/CopyButton.tsx'
import { Icon } from '../../components/Icon.tsx'
import { LinkButton } from '../../components/LinkButton.tsx'
import { Notice, Problem } from '../../components/Notice.tsx'
import { Panel } from '../../components/Panel.tsx'
import { maskUrl } from '../../lib/maskUrl.ts'
import { FirstRing } from './FirstRing.tsx'
import { HeldTasks } from './HeldTasks.tsx'
import { LatestRejection } from './LatestRejection.tsx'
import { RotateUrl } from './RotateUrl.tsx'
import classes from './WebhookPanel.module.css'
import { useMay } from '../../lib/useMay.ts'

/** One entrance. Its URL is never a link: a click on it would start the agent. */
export function WebhookPanel({ webhook, onChange }: { webhook: Webhook; onChange: () => Promise<void> }) {
  const path = `api/agents/${webhook.agent_id}/webhooks/${webhook.id}`
  const { data: sources } = useQuery(sourcesQuery)
  const [dialog, setDialog] = useState<'rotate' | 'delete'>()
  const [rotated, setRotated] = useState<string>()

  const update = useMutation({
    mutationFn: (patch: WebhookPatch) => call('PATCH', path, { body: patch }),
    onSuccess: onChange,
  })
  const mayEdit = useMay('editor')
  const remove = useMutation({
    mutationFn: () => call('DELETE', path),
    onSuccess: onChange,
  })

  return (
    <Panel
      title={webhook.name}
      aside={
        <Switch
          label={webhook.enabled ? 'On' : 'Off'}
          aria-label={`Webhook ${webhook.name} is on`}
          checked={webhook.enabled}
          disabled={update.isPending || !mayEdit}
          onChange={(event) => update.mutate({ enabled: event.currentTarget.checked })}
        />
      }
    >
      <div className={classes.url} data-off={!webhook.enabled || undefined}>
        <span className={classes.text} aria-label="Webhook URL, token hidden">
          {maskUrl(webhook.url)}
        </span>
      </div>
      <div className={classes.actions}>
        {mayEdit && <CopyButton text={webhook.url} label="Copy URL" variant="filled" />}
        <Allowed least="editor">
          <Button variant="default" leftSection={<Icon name="turn" />} onClick={() => setDialog('rotate')}>
            Rotate
          </Button>
        </Allowed>
        <LinkButton
          variant="default"
          to="/agents/$agentId/webhooks/$webhookId"
          params={{ agentId: webhook.agent_id, webhookId: webhook.id }}
        >
          Settings
        </LinkButton>
        <Allowed least="editor">
          {!webhook.is_default && (
            <Button variant="subtle" c="dimmed" onClick={() => setDialog('delete')}>
              Delete
            </Button>
          )}
        </Allowed>
      </div>
      <p className={classes.hint}>
        {webhook.enabled
          ? 'Anyone with this URL can start the agent. Keep it secret.'
          : 'This webhook is off. Requests to it get 404.'}
      </p>
      <p className={classes.hint}>{summaryOf(webhook, sources)}</p>
      <LatestRejection webhook={webhook} />
      {rotated !== undefined && (
        <Notice tone="good" title="URL rotated">
          {rotated}
        </Notice>
      )}
      {update.isError && <Problem error={update.error} />}
      <Allowed least="editor">
        <HeldTasks webhook={webhook} onChange={onChange} />
      </Allowed>
      {webhook.enabled && webhook.source === 'generic' && <FirstRing webhook={webhook} onChange={onChange} />}
      <RotateUrl
        opened={dialog === 'rotate'}
        path={path}
        onClose={() => setDialog(undefined)}
        onRotated={async (says) => {
          await onChange()
          setRotated(says)
          setDialog(undefined)
        }}
      />
      <ConfirmDialog
        opened={dialog === 'delete'}
        title={`Delete ${webhook.name}?`}
        confirm="Delete"
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => setDialog(undefined)}
      >
        Requests to this URL will get 404. This cannot be undone.
      </ConfirmDialog>
    </Panel>
  )
}

/** What was decided about a webhook, in a line. */
function summaryOf(webhook: Webhook, sources: SourceDescription[] | undefined): string {
  const title = sources?.find(({ name }) => name === webhook.source)?.title ?? webhook.source
  return [
    title,
    webhook.secrets.count === 0 ? 'no secret' : 'secret set',
    ...(webhook.filter === undefined ? [] : ['filtered']),
    ...(webhook.rate_limit === undefined ? [] : ['rate limited']),
    ...(webhook.hold ? ['tasks are held'] : []),
    ...(webhook.reply ? ['replies'] : []),
    ...(webhook.callback ? [webhook.callback.disabled_at === null ? 'callback' : 'callback is off'] : []),
  ].join(' · ')
}
