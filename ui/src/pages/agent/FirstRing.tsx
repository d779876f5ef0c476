import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useId } from 'react'
import { call } from '../../api/client.ts'
import { firstRingQuery } from '../../api/queries.ts'
import type { FirstRing as FirstRingView, Ring, Webhook } from '../../api/types.ts'
import { Allowed } from '../../components/Allowed.tsx'
import { Json } from '../../components/Code.tsx'
import { Problem } from '../../components/Notice.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { REASONS } from '../../lib/reasons.ts'
import { AcceptFirstRing } from './AcceptFirstRing.tsx'
import classes from './FirstRing.module.css'

/** The first requests of a webhook that has no source, as they arrive, and what can be made of them. */
export function FirstRing({ webhook, onChange }: { webhook: Webhook; onChange: () => Promise<void> }) {
  const id = useId()
  const client = useQueryClient()
  const query = firstRingQuery(webhook)
  const { data, error } = useQuery(query)
  const forget = useMutation({
    mutationFn: () => call('DELETE', `api/agents/${webhook.agent_id}/webhooks/${webhook.id}/first_ring`),
    onSuccess: () => client.invalidateQueries({ queryKey: query.queryKey }),
  })

  if (!data) return error ? <Problem error={error} /> : null
  const newest = data.requests.at(-1)
  return (
    <section className={classes.ring} aria-labelledby={id}>
      <h3 id={id}>{data.requests.length > 1 ? 'Latest request' : 'First request'}</h3>
      {newest ? (
        <>
          <Arrived ring={newest} suggestions={data.suggestions} />
          <Allowed least="editor">
            <AcceptFirstRing
              key={data.suggestions.source?.name}
              webhook={webhook}
              suggestions={data.suggestions}
              onChange={onChange}
            >
              <Button variant="subtle" c="dimmed" loading={forget.isPending} onClick={() => forget.mutate()}>
                Wait for another
              </Button>
            </AcceptFirstRing>
          </Allowed>
          {forget.isError && <Problem error={forget.error} />}
        </>
      ) : (
        <p className={classes.hint} role="status">
          Waiting for the first request. It appears here, with suggestions for the source, a payload schema
          and a message.
        </p>
      )}
    </section>
  )
}

function Arrived({ ring, suggestions }: { ring: Ring; suggestions: FirstRingView['suggestions'] }) {
  const { source } = suggestions
  return (
    <>
      <p>
        {ring.method} <RelativeTime at={ring.received_at} />
        {ring.reason !== null && <>, rejected: {REASONS[ring.reason]}</>}
      </p>
      <p className={classes.hint}>
        {source
          ? `Looks like ${source.title} (${source.confidence} confidence). ${source.evidence.join(' ')}`
          : 'The sender was not recognized.'}
      </p>
      {ring.payload !== null && <Json label="Received payload" value={ring.payload} />}
    </>
  )
}
