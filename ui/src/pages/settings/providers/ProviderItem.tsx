import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { call } from '../../../api/client.ts'
import type { ModelListing, ModelOffer, Provider, ProviderTestResult } from '../../../api/types.ts'
import { Allowed } from '../../../components/Allowed.tsx'
import { Problem } from '../../../components/Notice.tsx'
import { RelativeTime } from '../../../components/RelativeTime.tsx'
import { counted } from '../../../lib/amounts.ts'
import classes from '../Settings.module.css'
import { UsedBy } from '../UsedBy.tsx'
import { useDisclosure } from '../useDisclosure.ts'
import { DeleteProvider } from './DeleteProvider.tsx'
import { ModelTable } from './ModelTable.tsx'
import { KINDS } from './presets.ts'
import { ProviderForm } from './ProviderForm.tsx'
import { formOf } from './providerForm.ts'
import { TestOutcome } from './TestOutcome.tsx'

/** One provider: its state, its models, and what can be done with it. */
export function ProviderItem({
  provider,
  listing,
  models,
}: {
  provider: Provider
  /** Absent while the providers are asked. */
  listing: ModelListing | undefined
  models: ModelOffer[]
}) {
  const { name, kind, source, variables, base_url: baseUrl, api_key: key, used_by: users } = provider
  const form = useDisclosure()
  const test = useMutation({
    mutationFn: () => call<ProviderTestResult>('POST', `api/providers/${encodeURIComponent(name)}/test`),
  })
  const isSaved = source === 'saved'
  return (
    <li className={classes.item}>
      <div className={classes.names}>
        <p className={classes.name}>
          <code>{name}</code>
        </p>
        <p className={classes.more}>
          {KINDS[kind]}
          {baseUrl !== null && (
            <>
              {' · '}
              <code>{baseUrl}</code>
            </>
          )}
          {' · '}
          {key.set ? 'key set' : 'no key'}
          {key.updated_at !== null && (
            <>
              {' '}
              <RelativeTime at={key.updated_at} />
            </>
          )}
        </p>
        {!isSaved && (
          <p className={classes.more}>
            Set in the environment, read-only: <code>{variables[0]}</code>
          </p>
        )}
        {users.length > 0 && (
          <p className={classes.more}>
            <UsedBy agents={users} />
          </p>
        )}
        <ListingState listing={listing} />
      </div>
      <Allowed least="owner">
        <div className={classes.actions}>
          <Button
            variant="default"
            size="xs"
            aria-label={`Test ${name}`}
            loading={test.isPending}
            onClick={() => test.mutate()}
          >
            Test
          </Button>
          {isSaved && (
            <>
              <Button variant="default" size="xs" aria-label={`Edit ${name}`} {...form.button}>
                Edit
              </Button>
              <DeleteProvider provider={provider} />
            </>
          )}
        </div>
      </Allowed>
      {form.isOpen && <ProviderForm initial={formOf(provider)} saved={provider} onDone={form.close} />}
      {!form.isOpen && (test.data ?? test.error) && (
        <div className={classes.form}>
          {test.data && <TestOutcome result={test.data} />}
          {test.error && <Problem error={test.error} />}
        </div>
      )}
      {!form.isOpen && !test.data && models.length > 0 && (
        <details className={classes.listed}>
          <summary>{counted(models.length, 'model')}</summary>
          <ModelTable models={models} label={`Models of ${name}`} total={models.length} />
        </details>
      )}
    </li>
  )
}

function ListingState({ listing }: { listing: ModelListing | undefined }) {
  if (!listing) return <p className={classes.more}>Loading its models…</p>
  if (listing.error === null) return null
  return (
    <p className={classes.bad} role="status">
      The provider {listing.error}.
    </p>
  )
}
