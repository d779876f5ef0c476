import { Button, Skeleton } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { pricesQuery } from '../../api/settingsQueries.ts'
import type { PricedModel } from '../../api/types.ts'
import { Allowed } from '../../components/Allowed.tsx'
import { Problem } from '../../components/Notice.tsx'
import { NumberTable } from '../../components/NumberTable.tsx'
import { Panel } from '../../components/Panel.tsx'
import { useMay } from '../../lib/useMay.ts'
import { PriceForm } from './PriceForm.tsx'
import { ProviderPrices } from './ProviderPrices.tsx'
import classes from './Settings.module.css'
import { useDisclosure } from './useDisclosure.ts'

/** What the tokens of each model cost. */
export function Prices() {
  const { data, error, isPending } = useQuery(pricesQuery)
  const form = useDisclosure()
  const mayChange = useMay('owner')
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: (model: string) => call('DELETE', `api/prices/${encodeURIComponent(model)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: pricesQuery.queryKey }),
  })
  const custom = data?.filter(({ source }) => source === 'custom') ?? []
  const listed = data?.filter(({ source }) => source === 'built_in') ?? []
  return (
    <Panel
      title="Model prices"
      aside={
        <Allowed least="owner">
          <Button variant="default" size="xs" {...form.button}>
            Set price
          </Button>
        </Allowed>
      }
    >
      <p className={classes.about}>
        In US dollars per million tokens. A price that you set replaces the list price for future calls.
      </p>
      {form.isOpen && <PriceForm onDone={form.close} />}
      {error && !data && <Problem error={error} />}
      {remove.isError && <Problem error={remove.error} />}
      {isPending && <Skeleton height="4rem" />}
      {data && custom.length === 0 && <p className={classes.about}>No prices set.</p>}
      {custom.length > 0 && (
        <div className={classes.ownPrices}>
          <Table
            label="Prices that you set"
            prices={custom}
            onRemove={mayChange ? (model) => remove.mutate(model) : undefined}
            removing={remove.isPending ? remove.variables : undefined}
          />
        </div>
      )}
      <ProviderPrices />
      {listed.length > 0 && (
        <details className={classes.listed}>
          <summary>List prices of {listed.length} models</summary>
          <Table label="List prices" prices={listed} />
        </details>
      )}
    </Panel>
  )
}

function Table({
  label,
  prices,
  onRemove,
  removing,
}: {
  label: string
  prices: PricedModel[]
  onRemove?: ((model: string) => void) | undefined
  removing?: string | undefined
}) {
  return (
    <NumberTable
      label={label}
      columns={['Model', 'Input', 'Cached input', 'Output', ...(onRemove ? ['Actions'] : [])]}
    >
      {prices.map(({ model, input, cached_input: cached = input, output }) => (
        <tr key={model}>
          <th scope="row">
            <code>{model}</code>
          </th>
          <td>{input}</td>
          <td>{cached}</td>
          <td>{output}</td>
          {onRemove && (
            <td>
              <Button
                variant="default"
                size="xs"
                loading={removing === model}
                aria-label={`Remove the price of ${model}`}
                onClick={() => onRemove(model)}
              >
                Remove
              </Button>
            </td>
          )}
        </tr>
      ))}
    </NumberTable>
  )
}
