import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogle } from '@ai-sdk/google'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { wrapLanguageModel } from 'ai'
import type { Providers } from '../config/config.ts'
import { BellwireError } from '../errors.ts'
import { createAnswerMemory, type AnswerMemory } from './answerMemory.ts'
import { createDemoModel } from './demo.ts'
import { inputFormOf } from './inputForm.ts'
import { inputMiddleware } from './inputMiddleware.ts'
import { createLocalModels } from './local/localModels.ts'
import { createModelFetch } from './modelFetch.ts'
import { createOpenAIModels } from './openai.ts'
import { DEMO, knowProviders, parseRef } from './providers.ts'

/** The models that this installation can reach, by reference: `provider/model`. */
export type Models = {
  /**
   * Returns the model of a reference. It makes no request: whether the provider has the model shows on the first call.
   *
   * @throws BellwireError `provider_not_configured`
   */
  resolve(ref: string): LanguageModelV4
  /** The memory for all answers in progress. */
  memory: AnswerMemory
  /** Removes the providers' keys from external text. */
  redact(text: string): string
  /** Ends calls in progress and closes the connections. */
  close(): Promise<void>
}

/**
 * Shorter keys are placeholders, such as `ollama`, for servers without authentication: not secret, and found in
 * ordinary words.
 */
const MIN_KEY_LENGTH = 12

/** A provider's model includes about 100 kB of schemas: runs share it. Names may come and go, so entries expire. */
const MAX_MODELS = 200

/**
 * Creates models of the configured providers, and `demo/assistant`, which needs none.
 *
 * @example
 * const models = createModels({ local: { baseUrl: 'http://localhost:11434/v1' } })
 * models.resolve('local/qwen3')
 */
export function createModels(
  providers: Providers,
  { answerMemoryBytes }: { answerMemoryBytes?: number } = {},
): Models {
  const http = createModelFetch()
  const known = knowProviders(providers)
  const factories = createFactories(providers, http.fetch)
  const demo = createDemoModel()
  const made = new Map<string, LanguageModelV4>()
  const keys = Object.values(providers)
    .map((provider) => provider.apiKey ?? '')
    .filter((key) => key.length >= MIN_KEY_LENGTH)

  function remember(ref: string, model: LanguageModelV4): LanguageModelV4 {
    if (made.size >= MAX_MODELS) made.clear()
    made.set(ref, model)
    return model
  }

  return {
    memory: createAnswerMemory(answerMemoryBytes),
    resolve(ref) {
      const check = known.check(ref)
      if (!check.ok) throw new BellwireError('provider_not_configured', `${ref}: ${check.detail}.`)
      if (ref === DEMO) return demo
      const { provider, id } = parseRef(ref)
      const factory = factories.get(provider)
      if (!factory) throw new Error(`there is no client for the provider ${provider}`)
      return made.get(ref) ?? remember(ref, factory(id))
    },
    redact: (text) => keys.reduce((clean, key) => clean.replaceAll(key, '[redacted]'), text),
    close: () => http.close(),
  }
}

type Factory = (id: string) => LanguageModelV4

function createFactories(providers: Providers, fetch: typeof globalThis.fetch): Map<string, Factory> {
  const { openai, anthropic, google, local } = providers
  const factories = new Map<string, Factory>()
  const add = (name: keyof Providers, factory: Factory): void => {
    factories.set(name, (id) =>
      wrapLanguageModel({
        model: factory(id),
        middleware: inputMiddleware(inputFormOf(`${name}/${id}`, providers)),
      }),
    )
  }
  if (openai) add('openai', createOpenAIModels({ ...openai, fetch }))
  if (anthropic) add('anthropic', createAnthropic({ ...settings(anthropic), fetch }))
  if (google) add('google', createGoogle({ ...settings(google), fetch }))
  if (local) add('local', createLocalModels({ ...local, fetch }))
  return factories
}

function settings({ apiKey, baseUrl }: { apiKey: string; baseUrl?: string }): {
  apiKey: string
  baseURL?: string
} {
  return { apiKey, ...(baseUrl ? { baseURL: baseUrl } : {}) }
}
