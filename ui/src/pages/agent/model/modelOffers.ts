import { queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import type * as modelOffer from '../../../../../src/contract/modelOffer.ts'
import { call } from '../../../api/client.ts'

export type ModelOffer = z.infer<typeof modelOffer.ModelOffer>
export type ModelOffers = z.infer<typeof modelOffer.ModelOffers>

const FRESH_MS = 60_000

/** The models that the configured providers offer, and what became of asking each. */
export const modelOffersQuery = queryOptions({
  queryKey: ['models'],
  queryFn: ({ signal }) => call<ModelOffers>('GET', 'api/models', { signal }),
  staleTime: FRESH_MS,
})

/** The same, asked of the providers now. */
export function askAgain(): Promise<ModelOffers> {
  return call('GET', 'api/models?refresh=true')
}
