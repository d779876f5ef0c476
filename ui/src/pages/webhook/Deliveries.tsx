import { Button, Skeleton } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import type { Delivery, DeliveryDetail, Webhook } from '../../api/types.ts'
import { deliveriesQuery, deliveryQuery } from '../../api/webhookQueries.ts'
import { Allowed } from '../../components/Allowed.tsx'
import { FormSection } from '../../components/FormSection.tsx'
import { Json } from '../../components/Code.tsx'
import { Problem } from '../../components/Notice.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { parseJson } from '../../lib/json.ts'
import { duration } from '../../lib/time.ts'
import classes from './Deliveries.module.css'

const STATES = { pending: 'Pending', delivered: 'Delivered', failed: 'Failed' }

/** What was sent to the callback last, and what came back. */
export function Deliveries({ webhook }: { webhook: Webhook }) {
  const { data, error } = useQuery(deliveriesQuery(webhook.id))
  return (
    <FormSection title="Deliveries" about="The last ten that were sent to the callback.">
      {error && !data ? (
        <Problem error={error} />
      ) : data === undefined ? (
        <Skeleton height="6rem" />
      ) : data.length === 0 ? (
        <p className={classes.none}>Nothing sent yet. Deliveries appear here when tasks end.</p>
      ) : (
        <ul className={classes.list} aria-label="Deliveries">
          {data.map((delivery) => (
            <DeliveryRow key={delivery.id} delivery={delivery} />
          ))}
        </ul>
      )}
    </FormSection>
  )
}

/** One delivery, with its attempts when it is opened. */
export function DeliveryRow({ delivery, withTask = true }: { delivery: Delivery; withTask?: boolean }) {
  const [open, setOpen] = useState(false)
  const client = useQueryClient()
  const resend = useMutation({
    mutationFn: () => call('POST', `api/deliveries/${encodeURIComponent(delivery.id)}/resend`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['deliveries'] }),
  })
  const { state, attempts } = delivery
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className={classes.summary}>
          <span className={classes.state} data-state={state}>
            {STATES[state]}
          </span>
          <span className={classes.event}>{delivery.event}</span>
          <span className={classes.dim}>
            {attempts === 1 ? '1 attempt' : `${attempts} attempts`} ·{' '}
            <RelativeTime at={delivery.created_at} />
          </span>
        </summary>
        {open && <Opened delivery={delivery} />}
        <div className={classes.actions}>
          <Allowed least="editor">
            <Button
              size="compact-sm"
              variant="default"
              loading={resend.isPending}
              disabled={state === 'pending'}
              onClick={() => resend.mutate()}
            >
              Resend
            </Button>
          </Allowed>
          {withTask && (
            <Link to="/tasks/$taskId" params={{ taskId: delivery.task_id }}>
              Open task
            </Link>
          )}
        </div>
        {resend.isError && <Problem error={resend.error} />}
      </details>
    </li>
  )
}

function Opened({ delivery }: { delivery: Delivery }) {
  const { data, error } = useQuery({
    ...deliveryQuery(delivery),
    // The attempts that were shown stay until the next ones are there.
    placeholderData: (before) => before,
  })
  if (!data) return error ? <Problem error={error} /> : <Skeleton height="4rem" />
  return (
    <div className={classes.detail}>
      <p className={classes.url}>{data.url ?? 'No URL'}</p>
      {data.error !== null && <p className={classes.bad}>{data.error}</p>}
      {data.next_attempt_at !== null && (
        <p className={classes.dim}>
          Next attempt: <RelativeTime at={data.next_attempt_at} />
        </p>
      )}
      <Attempts attempts={data.attempt_list} />
      {data.body !== null && <Body text={data.body} />}
    </div>
  )
}

function Attempts({ attempts }: { attempts: DeliveryDetail['attempt_list'] }) {
  if (attempts.length === 0) return <p className={classes.dim}>Not attempted yet.</p>
  return (
    <ol className={classes.attempts} aria-label="Attempts">
      {attempts.map(({ attempt, status, error, response, started_at: at, duration_ms: ms }) => (
        <li key={attempt}>
          <p>
            {status === null ? 'No response' : `HTTP ${status}`}{' '}
            <span className={classes.dim}>
              after {duration(ms)}, <RelativeTime at={at} />
            </span>
          </p>
          {error !== null && <p className={classes.dim}>{error}</p>}
          {response !== null && response !== '' && <p className={classes.response}>{response}</p>}
        </li>
      ))}
    </ol>
  )
}

function Body({ text }: { text: string }) {
  const parsed = parseJson(text)
  return <Json label="Body sent" value={parsed.ok ? parsed.value : text} />
}
