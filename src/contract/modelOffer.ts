import { z } from 'zod'
import { Timestamp } from './name.ts'
import { ModelPrice } from './price.ts'
import { ProviderKind, ProviderSource } from './providerKind.ts'

const Known = (description: string) =>
  z
    .boolean()
    .nullable()
    .meta({ description: `${description}; null: unknown` })

/** A model that a configured provider offers. */
export const ModelOffer = z
  .object({
    model: z.string().meta({ description: 'provider/model, as an agent names it' }),
    provider: z.string(),
    name: z.string().nullable().meta({ description: 'The display name that the provider gives it' }),
    listed: z.boolean().nullable().meta({
      description:
        "true: the provider lists it; null: the provider's list could not be read, and the model is a well-known one",
    }),
    tools: Known('Whether it can call tools'),
    images: Known('Whether it takes images'),
    structured_output: Known('Whether the provider enforces an output schema'),
    context_length: z.int().nullable().meta({ description: 'Tokens; null: unknown' }),
    price: ModelPrice.nullable().meta({ description: 'null: unknown; PUT /api/prices/{model} sets it' }),
    provider_price: ModelPrice.nullable().meta({
      description:
        "The price in the provider's own list, or null. It applies only after it is set with PUT /api/prices/{model}",
    }),
  })
  .meta({ id: 'ModelOffer' })
export type ModelOffer = z.infer<typeof ModelOffer>

/** What became of asking a provider for its models. */
export const ModelListing = z
  .object({
    provider: z.string(),
    kind: z.union([ProviderKind, z.literal('demo')]),
    source: z.union([ProviderSource, z.literal('built_in')]),
    models: z.int().meta({ description: 'How many of its models are in data' }),
    error: z.string().nullable().meta({ description: 'Why its list could not be read' }),
    read_at: Timestamp.meta({ description: 'When its list was read, at most a minute ago' }),
  })
  .meta({ id: 'ModelListing' })
export type ModelListing = z.infer<typeof ModelListing>

export const ModelOffers = z
  .object({ data: z.array(ModelOffer), providers: z.array(ModelListing) })
  .meta({ id: 'ModelOffers' })
export type ModelOffers = z.infer<typeof ModelOffers>

export const ModelOffersQuery = z.strictObject({
  provider: z.string().max(100).optional().meta({ description: 'Only models of this provider' }),
  refresh: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'true: ask the providers now, instead of using lists of the last minute' }),
})
export type ModelOffersQuery = z.infer<typeof ModelOffersQuery>
