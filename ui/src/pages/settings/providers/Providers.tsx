import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { modelOffersQuery, modelProvidersQuery } from '../../../api/settingsQueries.ts'
import { Allowed } from '../../../components/Allowed.tsx'
import { Problem } from '../../../components/Notice.tsx'
import { Panel } from '../../../components/Panel.tsx'
import classes from '../Settings.module.css'
import { useDisclosure } from '../useDisclosure.ts'
import { AddProvider } from './AddProvider.tsx'
import { ProviderItem } from './ProviderItem.tsx'

/** The model providers that agents can use, with what each offers. */
export function Providers() {
  const { data: providers, error, isPending } = useQuery(modelProvidersQuery)
  const { data: offers } = useQuery(modelOffersQuery)
  const form = useDisclosure()
  return (
    <Panel
      title="Providers"
      aside={
        <Allowed least="owner">
          <Button variant="default" size="xs" {...form.button}>
            Add provider
          </Button>
        </Allowed>
      }
    >
      <p className={classes.about}>
        Agents use their models as <code>provider/model</code>. Keys are encrypted and never shown.
      </p>
      {form.isOpen && <AddProvider names={(providers ?? []).map(({ name }) => name)} onDone={form.close} />}
      {error && !providers && <Problem error={error} />}
      {isPending && <Skeleton height="8rem" />}
      {providers && providers.length === 0 && (
        <p className={classes.none}>
          No providers yet. Until you add one, agents can only use <code>demo/assistant</code>, which gives
          canned answers.
        </p>
      )}
      {providers && providers.length > 0 && (
        <ul className={classes.list} aria-label="Providers">
          {providers.map((provider) => (
            <ProviderItem
              key={provider.name}
              provider={provider}
              listing={offers?.providers.find((one) => one.provider === provider.name)}
              models={offers?.data.filter((one) => one.provider === provider.name) ?? []}
            />
          ))}
        </ul>
      )}
    </Panel>
  )
}
