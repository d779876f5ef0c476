import { Button, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { modelOffersQuery, pricesQuery } from '../../api/settingsQueries.ts'
import type { ModelOffer, ModelPrice } from '../../api/types.ts'
import { Problem } from '../../components/Notice.tsx'
import { NumberTable } from '../../components/NumberTable.tsx'
import { useMay } from '../../lib/useMay.ts'
import classes from './Settings.module.css'

/** Rows that are shown; the others can be found by name. */
const SHOWN = 50

type Offer = Pick<ModelOffer, 'model'> & { price: ModelPrice }

/** Prices in the lists of providers, for models without a price. None applies until it is chosen. */
export function ProviderPrices() {
  const { data } = useQuery(modelOffersQuery)
  const [search, setSearch] = useState('')
  const client = useQueryClient()
  const mayChange = useMay('owner')
  const use = useMutation({
    // A price that somebody else has set in the meantime is not replaced.
    mutationFn: ({ model, price }: Offer) =>
      call('PUT', `api/prices/${encodeURIComponent(model)}`, {
        body: price,
        headers: { 'if-none-match': '*' },
      }),
    onSettled: () =>
      Promise.all(
        [pricesQuery, modelOffersQuery].map(({ queryKey }) => client.invalidateQueries({ queryKey })),
      ),
  })
  const offers = (data?.data ?? []).flatMap(({ model, price, provider_price: offered }): Offer[] =>
    price === null && offered !== null ? [{ model, price: offered }] : [],
  )
  if (offers.length === 0 && !use.isError) return null
  const found = offers.filter(({ model }) => model.toLowerCase().includes(search.trim().toLowerCase()))
  return (
    <details className={classes.listed}>
      <summary>
        Provider prices for {offers.length} {offers.length === 1 ? 'model' : 'models'} without a price
      </summary>
      {use.isError && <Problem error={use.error} />}
      {offers.length > SHOWN && (
        <TextInput
          label="Find a model"
          mt="sm"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <NumberTable
        label="Provider prices"
        columns={['Model', 'Input', 'Cached input', 'Output', ...(mayChange ? ['Actions'] : [])]}
      >
        {found.slice(0, SHOWN).map(({ model, price }) => (
          <tr key={model}>
            <th scope="row">
              <code>{model}</code>
            </th>
            <td>{price.input}</td>
            <td>{price.cached_input ?? price.input}</td>
            <td>{price.output}</td>
            {mayChange && (
              <td>
                <Button
                  variant="default"
                  size="xs"
                  loading={use.isPending && use.variables.model === model}
                  aria-label={`Use the price of ${model}`}
                  onClick={() => use.mutate({ model, price })}
                >
                  Use
                </Button>
              </td>
            )}
          </tr>
        ))}
      </NumberTable>
      {found.length > SHOWN && <p className={classes.about}>and {found.length - SHOWN} more</p>}
      {found.length === 0 && offers.length > 0 && <p className={classes.about}>No models match.</p>}
    </details>
  )
}
