import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { wrapLanguageModel } from 'ai'
import { isStrictSchema } from '../strictSchema.ts'
import { createBaseFinder } from './findBase.ts'
import { createRepairFetch } from './repairFetch.ts'
import { thoughtStream } from './thoughtStream.ts'

type Settings = {
  baseUrl: string
  apiKey?: string
  headers?: Readonly<Record<string, string>>
  fetch: typeof globalThis.fetch
}

/**
 * Models of a server that speaks the OpenAI chat-completions format, such as Ollama, vLLM, llama.cpp, LM Studio and
 * LiteLLM. Their deviations are repaired: docs/local-models.md describes what is known of each.
 */
export function createLocalModels({
  baseUrl,
  apiKey,
  headers = {},
  fetch,
}: Settings): (id: string) => LanguageModelV4 {
  const provider = createOpenAICompatible({
    name: 'local',
    baseURL: baseUrl,
    headers,
    fetch: createBaseFinder(baseUrl, createRepairFetch(fetch)),
    includeUsage: true,
    // Without it an output schema never reaches the model.
    supportsStructuredOutputs: true,
    ...(apiKey ? { apiKey } : {}),
  })
  return (id) =>
    wrapLanguageModel({
      model: provider(id),
      middleware: {
        specificationVersion: 'v4',
        transformParams: ({ params }) => Promise.resolve(withStrictness(params)),
        wrapStream: async ({ doStream }) => {
          const { stream, ...rest } = await doStream()
          return { ...rest, stream: stream.pipeThrough(thoughtStream()) }
        },
      },
    })
}

/** Strict decoding is requested only if the schema allows it; strict servers reject any other. */
function withStrictness(params: LanguageModelV4CallOptions): LanguageModelV4CallOptions {
  const schema = params.responseFormat?.type === 'json' ? params.responseFormat.schema : undefined
  if (!schema) return params
  const local = { strictJsonSchema: isStrictSchema(schema), ...params.providerOptions?.['local'] }
  return { ...params, providerOptions: { ...params.providerOptions, local } }
}
