import type { LanguageModelV4 } from '@ai-sdk/provider'
import { LRUCache } from 'lru-cache'
import type { Providers } from '../config/config.ts'
import { BellwireError } from '../errors.ts'
import { createDemoModel } from './demo.ts'
import { createModelFactory, type ModelFactory } from './modelFactory.ts'
import { createModelFetch, type ModelGuard } from './modelFetch.ts'
import { DEMO, knowProviders, parseRef } from './providers.ts'
import { environmentProviders, type ProviderSettings } from './providerSettings.ts'

/** The models that this installation can reach, by reference: `provider/model`. */
export type Models = {
  /**
   * Returns the model of a reference, as its provider is configured now. It makes no request: whether the provider has
   * the model shows on the first call.
   *
   * @throws BellwireError `provider_not_configured`
   */
  resolve(ref: string): Promise<LanguageModelV4>
  /** Removes the providers' keys from external text. */
  redact(text: string): string
  /** Ends calls in progress and closes the connections. */
  close(): Promise<void>
}

/** Reads the providers that are configured now. */
export type ReadProviders = () => Promise<readonly ProviderSettings[]>

/**
 * Shorter keys are placeholders, such as `ollama`, for servers without authentication: not secret, and found in
 * ordinary words.
 */
const MIN_KEY_LENGTH = 12

/** A provider's model includes about 100 kB of schemas: runs share it. Names may come and go, so few are kept. */
const MAX_MODELS = 200

/** Bounded, because providers can be added and deleted indefinitely. */
const MAX_CLIENTS = 200

/** Keys that were replaced are still redacted: a call that was made with one may be in progress. */
const MAX_KEYS = 1_000

/**
 * Creates models of the configured providers, and `demo/assistant`, which needs none.
 *
 * @param source the providers of the environment, or what reads those that are configured at present
 * @param options.guard decides where providers may be that were added at run time
 * @example
 * const models = createModels({ local: { baseUrl: 'http://localhost:11434/v1' } })
 * await models.resolve('local/qwen3')
 */
export function createModels(
  source: Providers | ReadProviders,
  { guard }: { guard?: ModelGuard } = {},
): Models {
  const read = typeof source === 'function' ? source : fixed(environmentProviders(source))
  const http = { environment: createModelFetch(), saved: createModelFetch(guard) }
  // Not a lookup cache: nothing asynchronous is cached here. Reading the providers has its own.
  const clients = new LRUCache<string, { settings: string; factory: ModelFactory }>({ max: MAX_CLIENTS })
  const demo = createDemoModel()
  const made = new LRUCache<string, LanguageModelV4>({ max: MAX_MODELS })
  const keys = new Set<string>()
  if (typeof source !== 'function') rememberKeys(environmentProviders(source))

  function rememberKeys(providers: readonly ProviderSettings[]): void {
    if (keys.size > MAX_KEYS) keys.clear()
    for (const { apiKey = '', headers = {} } of providers)
      for (const key of [apiKey, ...Object.values(headers).flatMap((value) => value.split(' '))])
        if (key.length >= MIN_KEY_LENGTH) keys.add(key)
  }

  /** A client is kept for as long as the settings of its provider stay the same. */
  function clientOf(provider: ProviderSettings): ModelFactory {
    const settings = JSON.stringify(provider)
    const known = clients.get(provider.name)
    if (known?.settings === settings) return known.factory
    const outdated = [...made.keys()].filter((ref) => parseRef(ref).provider === provider.name)
    for (const ref of outdated) made.delete(ref)
    const factory = createModelFactory(provider, http[provider.source].fetch)
    clients.set(provider.name, { settings, factory })
    return factory
  }

  function remember(ref: string, model: LanguageModelV4): LanguageModelV4 {
    made.set(ref, model)
    return model
  }

  return {
    async resolve(ref) {
      const providers = await read()
      const check = knowProviders(providers).check(ref)
      if (!check.ok) throw new BellwireError('provider_not_configured', `${ref}: ${check.detail}.`)
      if (ref === DEMO) return demo
      const name = parseRef(ref)
      const provider = providers.find((one) => one.name === name.provider)
      if (!provider) throw new Error(`there is no client for the provider ${name.provider}`)
      rememberKeys([provider])
      const factory = clientOf(provider)
      return made.get(ref) ?? remember(ref, factory(name.id))
    },
    redact: (text) => [...keys].reduce((clean, key) => clean.replaceAll(key, '[redacted]'), text),
    close: async () => {
      await Promise.all([http.environment.close(), http.saved.close()])
    },
  }
}

function fixed(providers: readonly ProviderSettings[]): ReadProviders {
  return () => Promise.resolve(providers)
}
