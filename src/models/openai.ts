import { createOpenAI } from '@ai-sdk/openai'
import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { wrapLanguageModel } from 'ai'
import { isStrictSchema } from './strictSchema.ts'

type Settings = {
  apiKey: string
  baseUrl?: string
  headers?: Readonly<Record<string, string>>
  fetch: typeof globalThis.fetch
}

/**
 * OpenAI's models. Nothing is stored on their side: the reasoning is returned encrypted and stored in our own journal,
 * so that a run can be resumed whatever the organisation's data policy. Strict decoding is requested only if the schema
 * allows it; any other schema would be rejected.
 */
export function createOpenAIModels({
  apiKey,
  baseUrl,
  headers = {},
  fetch,
}: Settings): (id: string) => LanguageModelV4 {
  const provider = createOpenAI({ apiKey, headers, fetch, ...(baseUrl ? { baseURL: baseUrl } : {}) })
  return (id) =>
    wrapLanguageModel({
      model: provider(id),
      middleware: {
        specificationVersion: 'v4',
        transformParams: ({ params }) => Promise.resolve(withOptions(params)),
      },
    })
}

function withOptions(params: LanguageModelV4CallOptions): LanguageModelV4CallOptions {
  const schema = params.responseFormat?.type === 'json' ? params.responseFormat.schema : undefined
  const openai = {
    store: false,
    ...(schema ? { strictJsonSchema: isStrictSchema(schema) } : {}),
    ...params.providerOptions?.['openai'],
  }
  return { ...params, providerOptions: { ...params.providerOptions, openai } }
}
