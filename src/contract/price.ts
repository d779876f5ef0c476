import { z } from 'zod'
import { Timestamp } from './name.ts'
import { pageOf } from './page.ts'

const PerMillion = z.number().min(0).max(1_000_000)

/** The price of a model's tokens, in US dollars per million. */
export const ModelPrice = z
  .strictObject({
    input: PerMillion.meta({ description: 'US dollars per million input tokens' }),
    cached_input: PerMillion.optional().meta({
      description: 'Price of cached input tokens; same as "input" by default',
    }),
    output: PerMillion.meta({ description: 'US dollars per million output tokens, including reasoning' }),
  })
  .meta({ id: 'ModelPrice' })
export type ModelPrice = z.infer<typeof ModelPrice>

/** A model with a known price. */
export const PricedModel = z
  .object({
    model: z.string().meta({ description: 'provider/model' }),
    ...ModelPrice.shape,
    source: z.enum(['built_in', 'custom']).meta({ description: 'custom: set by PUT' }),
    updated_at: Timestamp.nullable(),
  })
  .meta({ id: 'PricedModel' })
export type PricedModel = z.infer<typeof PricedModel>

export const PriceList = z.object({ data: pageOf(PricedModel).shape.data })
