import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import type { Webhook } from '../../api/types.ts'
import { Notice, Problem } from '../../components/Notice.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import classes from './FirstRing.module.css'

/** The tasks that a webhook holds: how many, since when, and what to do with all of them. */
export function HeldTasks({ webhook, onChange }: { webhook: Webhook; onChange: () => Promise<void> }) {
  const settle = useMutation({
    mutationFn: (verb: 'release' | 'discard') =>
      call('POST', `api/webhooks/${webhook.id}/held/${verb}`, { body: {} }),
    onSuccess: onChange,
  })
  const { count, oldest_at: oldestAt } = webhook.held
  if (count === 0 && !settle.isError) return null
  return (
    <>
      <Notice title={count === 1 ? '1 held task' : `${count} held tasks`}>
        {oldestAt !== null && (
          <p>
            Oldest: <RelativeTime at={oldestAt} />
          </p>
        )}
        <div className={classes.actions}>
          <Button size="compact-sm" loading={settle.isPending} onClick={() => settle.mutate('release')}>
            Release all
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            disabled={settle.isPending}
            onClick={() => settle.mutate('discard')}
          >
            Discard all
          </Button>
        </div>
      </Notice>
      {settle.isError && <Problem error={settle.error} />}
    </>
  )
}
