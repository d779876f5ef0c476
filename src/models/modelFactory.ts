import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogle } from '@ai-sdk/google'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { wrapLanguageModel } from 'ai'
import { formOf } from './inputForm.ts'
import { inputMiddleware } from './inputMiddleware.ts'
import { createLocalModels } from './local/localModels.ts'
import { createOpenAIModels } from './openai.ts'
import type { ProviderSettings } from './providerSettings.ts'

/** Makes the models of one provider, by their names there. */
export type ModelFactory = (id: string) => LanguageModelV4

/** The client of a provider. */
export function createModelFactory(provider: ProviderSettings, fetch: typeof globalThis.fetch): ModelFactory {
  const make = createClient(provider, fetch)
  return (id) => wrapLanguageModel({ model: make(id), middleware: inputMiddleware(formOf(provider, id)) })
}

function createClient(provider: ProviderSettings, fetch: typeof globalThis.fetch): ModelFactory {
  const { kind, apiKey = '', baseUrl, headers = {} } = provider
  const hosted = { apiKey, headers, fetch, ...(baseUrl === undefined ? {} : { baseURL: baseUrl }) }
  switch (kind) {
    case 'openai':
      return createOpenAIModels({ apiKey, headers, fetch, ...(baseUrl === undefined ? {} : { baseUrl }) })
    case 'anthropic':
      return createAnthropic(hosted)
    case 'google':
      return createGoogle(hosted)
    case 'openai_compatible':
      return createLocalModels({
        baseUrl: baseUrl ?? '',
        headers,
        fetch,
        ...(apiKey === '' ? {} : { apiKey }),
      })
  }
}
