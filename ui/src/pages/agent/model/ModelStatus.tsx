import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { call } from '../../../api/client.ts'
import { providersQuery } from '../../../api/queries.ts'
import { modelOffersQuery } from '../../../api/settingsQueries.ts'
import type { ModelOffer, ModelOffers } from '../../../api/types.ts'
import { here } from '../../../lib/base.ts'
import type { AgentForm } from '../agentForm.ts'
import { abilities, contextOf, modelNotes, priceOf } from './modelFacts.ts'
import classes from './ModelPicker.module.css'

/** Below the field: the chosen model, what it cannot do, and providers that do not answer or are not configured. */
export function ModelStatus({ form, offers }: { form: AgentForm; offers: UseQueryResult<ModelOffers> }) {
  const client = useQueryClient()
  const again = useMutation({
    mutationFn: () => call<ModelOffers>('GET', 'api/models?refresh=true'),
    onSuccess: (fresh) => client.setQueryData(modelOffersQuery.queryKey, fresh),
  })
  const { data } = offers
  const chosen = data?.data.find(({ model }) => model === form.model.trim())
  const away = data?.providers.filter(({ error }) => error !== null) ?? []

  return (
    <div className={classes.status}>
      {offers.isPending && <p>Loading models from the providers…</p>}
      {offers.isError && !data && (
        <p className={classes.bad} role="alert">
          The models cannot be listed: {offers.error.message}{' '}
          <Again again={offers.refetch} busy={offers.isFetching} />
        </p>
      )}
      {chosen && <Facts offer={chosen} />}
      {data &&
        modelNotes(form, data).map(({ tone, text }) => (
          <p key={text} className={tone === 'bad' ? classes.bad : undefined} role="status">
            {text}
          </p>
        ))}
      {away.map(({ provider, error }) => (
        <p key={provider} className={classes.bad} role="status">
          <strong>{provider}</strong> did not list its models: {error}{' '}
          <Again again={() => again.mutateAsync()} busy={again.isPending} />
        </p>
      ))}
      <Unconfigured />
    </div>
  )
}

function Again({ again, busy }: { again: () => Promise<unknown>; busy: boolean }) {
  return (
    <Button
      variant="subtle"
      size="compact-xs"
      loading={busy}
      // Its outcome is shown by the list itself.
      onClick={() => void again().catch(() => {})}
    >
      Ask again
    </Button>
  )
}

function Facts({ offer }: { offer: ModelOffer }) {
  const price = priceOf(offer)
  const able = abilities(offer)
  const facts = [
    able.length === 0 ? 'Abilities unknown' : able.join(', '),
    contextOf(offer),
    price === undefined ? 'price unknown' : `${price} per million tokens in / out`,
  ].filter(Boolean)
  return <p>{facts.join(' · ')}</p>
}

/** Providers without a key, and where to set one. */
function Unconfigured() {
  const { data: providers = [] } = useQuery({
    ...providersQuery,
    // Somebody sets one up in another tab, and comes back.
    refetchOnWindowFocus: 'always',
  })
  const missing = providers.filter(({ configured, set }) => !configured && set !== null)
  if (missing.length === 0) return null
  return (
    <p>
      Not configured: {missing.map(({ name }) => name).join(', ')}.{' '}
      <a href={here('settings/providers').href} target="_blank" rel="noreferrer">
        Set up providers
      </a>
    </p>
  )
}
