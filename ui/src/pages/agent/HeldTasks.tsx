import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import type { TaskSummary, Webhook } from '../../api/types.ts'
import { heldTasksQuery } from '../../api/webhookQueries.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { Notice, Problem } from '../../components/Notice.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import classes from './HeldTasks.module.css'

type Settle = { verb: 'release' | 'discard'; taskIds?: string[] }

/** The tasks that a webhook holds: how many, since when, and what to do with each or all of them. */
export function HeldTasks({ webhook, onChange }: { webhook: Webhook; onChange: () => Promise<void> }) {
  const client = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const [discarding, setDiscarding] = useState(false)
  const settle = useMutation({
    mutationFn: ({ verb, taskIds }: Settle) =>
      call('POST', `api/webhooks/${webhook.id}/held/${verb}`, {
        body: taskIds === undefined ? {} : { task_ids: taskIds },
      }),
    onSuccess: async () => {
      setDiscarding(false)
      await Promise.all([
        client.invalidateQueries({ queryKey: heldTasksQuery(webhook.id).queryKey }),
        onChange(),
      ])
    },
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
          <Button
            size="compact-sm"
            loading={settle.isPending}
            onClick={() => settle.mutate({ verb: 'release' })}
          >
            Release all
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            disabled={settle.isPending}
            onClick={() => setDiscarding(true)}
          >
            Discard all
          </Button>
        </div>
        <details onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary className={classes.summary}>One by one</summary>
          {isOpen && (
            <HeldList
              webhook={webhook}
              busy={settle.isPending}
              onSettle={(change) => settle.mutate(change)}
            />
          )}
        </details>
      </Notice>
      {settle.isError && !discarding && <Problem error={settle.error} />}
      <ConfirmDialog
        opened={discarding}
        title={count === 1 ? 'Discard 1 held task?' : `Discard ${count} held tasks?`}
        confirm="Discard"
        danger
        busy={settle.isPending}
        error={settle.error}
        onConfirm={() => settle.mutate({ verb: 'discard' })}
        onClose={() => setDiscarding(false)}
      >
        They are cancelled. A cancelled task can be replayed.
      </ConfirmDialog>
    </>
  )
}

function HeldList({
  webhook,
  busy,
  onSettle,
}: {
  webhook: Webhook
  busy: boolean
  onSettle: (change: Settle) => void
}) {
  const { data, error } = useQuery(heldTasksQuery(webhook.id))
  if (!data) return error ? <Problem error={error} /> : <p>Loading…</p>
  return (
    <>
      <ul className={classes.list} aria-label="Held tasks">
        {data.map((task) => (
          <Held key={task.id} task={task} busy={busy} onSettle={onSettle} />
        ))}
      </ul>
      {data.length < webhook.held.count && <p>The newest {data.length} are shown.</p>}
    </>
  )
}

function Held({
  task,
  busy,
  onSettle,
}: {
  task: TaskSummary
  busy: boolean
  onSettle: (change: Settle) => void
}) {
  return (
    <li>
      <span className={classes.what}>
        <Link to="/tasks/$taskId" params={{ taskId: task.id }}>
          {task.title}
        </Link>
        <span className={classes.dim}>
          <RelativeTime at={task.created_at} />
          {task.held?.reason === 'loop_suspected' && ', may be a loop'}
        </span>
      </span>
      <span className={classes.actions}>
        {(['release', 'discard'] as const).map((verb) => (
          <Button
            key={verb}
            size="compact-xs"
            variant="default"
            disabled={busy}
            aria-label={`${VERBS[verb]} ${task.title}`}
            onClick={() => onSettle({ verb, taskIds: [task.id] })}
          >
            {VERBS[verb]}
          </Button>
        ))}
      </span>
    </li>
  )
}

const VERBS = { release: 'Release', discard: 'Discard' }
