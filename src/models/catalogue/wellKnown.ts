import type { ProviderKind } from '../../contract/providerKind.ts'
import { listedPrices, withoutBuild } from '../prices.ts'
import { seesImages } from '../vision.ts'
import type { ListedModel } from './listedModel.ts'

/**
 * Context lengths of well-known hosted models in tokens, as published by the providers: the first pattern that matches
 * counts. A model that is not here has the length that the provider lists, or an unknown one.
 */
const CONTEXT: [RegExp, number][] = [
  [/^openai\/gpt-5\.4$/, 1_050_000],
  [/^openai\/gpt-5(\.[124])?(-(mini|nano))?$/, 400_000],
  [/^openai\/gpt-4\.1/, 1_047_576],
  [/^openai\/gpt-4o/, 128_000],
  [/^openai\/(o3|o4-mini)$/, 200_000],
  [/^anthropic\/claude-(3-5-haiku|opus-4-1|opus-4-5|sonnet-4|sonnet-4-5|haiku-4-5)$/, 200_000],
  [/^google\/gemini-(2\.|3-)/, 1_048_576],
]

/** Hosted models that call tools and are not of another kind than these. */
const FAMILIES =
  /^(openai\/(gpt-4(o|\.1|-turbo)|gpt-[5-9]|chatgpt|o[1-9]|ft:gpt-4)|anthropic\/claude-|google\/gemini-)/

/** Hosted models that enforce no output schema. */
const WITHOUT_SCHEMAS = /^anthropic\/claude-(3|sonnet-4$|opus-4$)/

/** What is known of a hosted model, or of a dated build of it. */
export function describeHosted(kind: ProviderKind, id: string): Omit<ListedModel, 'id'> {
  const ref = withoutBuild(`${kind}/${id}`)
  if (!FAMILIES.test(ref)) return {}
  const contextLength = CONTEXT.find(([pattern]) => pattern.test(ref))?.[1]
  return {
    tools: true,
    images: seesImages(ref),
    structuredOutput: !WITHOUT_SCHEMAS.test(ref),
    ...(contextLength === undefined ? {} : { contextLength }),
  }
}

/** The well-known models of a kind: those with a list price. */
export function wellKnownModels(kind: ProviderKind): ListedModel[] {
  const prefix = `${kind}/`
  return listedPrices()
    .filter(({ model }) => model.startsWith(prefix))
    .map(({ model }) => ({ id: model.slice(prefix.length) }))
}
