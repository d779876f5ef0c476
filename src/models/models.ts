import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogle } from '@ai-sdk/google'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { Providers } from '../config/config.ts'
import { BellwireError } from '../errors.ts'
import { createDemoModel } from './demo.ts'
import { createModelFetch } from './modelFetch.ts'
import { createOpenAIModels } from './openai.ts'

/** The models that this installation can reach, by reference: `provider/model`. */
export type Models = {
  /**
   * Gives the model of a reference. It makes no request: whether the provider knows the model shows on the
   * first call.
   *
   * @throws BellwireError `provider_not_configured`
   */
  resolve(ref: string): LanguageModelV4
  /** Whether a reference can be resolved; the detail says what to set. */
  check(ref: string): { ok: true } | { ok: false; detail: string }
  /** Names of the providers that are configured. */
  available(): string[]
  /** All providers, and the environment variable that configures each; null for one that needs none. */
  providers(): { name: string; configured: boolean; set: string | null }[]
  /** Takes the providers' keys out of a text that came from outside. */
  redact(text: string): string
  /** Ends calls that are under way and closes the connections. */
  close(): Promise<void>
}

/** What to set for each provider; also the list of all providers. */
const NEEDS = new Map([
  ['openai', 'OPENAI_API_KEY'],
  ['anthropic', 'ANTHROPIC_API_KEY'],
  ['google', 'GOOGLE_GENERATIVE_AI_API_KEY'],
  ['local', 'LOCAL_MODEL_BASE_URL'],
])

const DEMO = 'demo/assistant'

/** A provider's model carries schemas of its own, some 100 kB: runs share it. Names may come and go, so not for ever. */
const MAX_MODELS = 200

/**
 * Knows the model providers that the environment configures, and `demo/assistant`, which needs none.
 *
 * @example
 * const models = createModels({ local: { baseUrl: 'http://localhost:11434/v1' } })
 * models.resolve('local/qwen3')
 */
export function createModels(providers: Providers): Models {
  const http = createModelFetch()
  const factories = createFactories(providers, http.fetch)
  const demo = createDemoModel()
  const made = new Map<string, LanguageModelV4>()
  const keys = Object.values(providers).flatMap((provider) => (provider.apiKey ? [provider.apiKey] : []))

  function find(ref: string): { model: () => LanguageModelV4 } | { detail: string } {
    const { provider, id } = parseRef(ref)
    if (provider === 'demo') {
      return ref === DEMO ? { model: () => demo } : { detail: `the only model of demo is ${DEMO}` }
    }
    const needs = NEEDS.get(provider)
    if (needs === undefined) {
      const names = ['demo', ...NEEDS.keys()].join(', ')
      return { detail: `there is no provider ${JSON.stringify(provider)}; choose one of ${names}` }
    }
    const factory = factories.get(provider)
    if (!factory) return { detail: `the provider ${provider} is not configured; set ${needs} and restart` }
    if (id === '') return { detail: `name a model after ${provider}/` }
    return { model: () => made.get(ref) ?? remember(ref, factory(id)) }
  }

  function remember(ref: string, model: LanguageModelV4): LanguageModelV4 {
    if (made.size >= MAX_MODELS) made.clear()
    made.set(ref, model)
    return model
  }

  return {
    resolve(ref) {
      const found = find(ref)
      if ('model' in found) return found.model()
      throw new BellwireError('provider_not_configured', `${ref}: ${found.detail}.`)
    },
    check(ref) {
      const found = find(ref)
      return 'model' in found ? { ok: true } : { ok: false, detail: found.detail }
    },
    available: () => ['demo', ...factories.keys()],
    providers: () => [
      { name: 'demo', configured: true, set: null },
      ...[...NEEDS].map(([name, set]) => ({ name, configured: factories.has(name), set })),
    ],
    redact: (text) => keys.reduce((clean, key) => clean.replaceAll(key, '[redacted]'), text),
    close: () => http.close(),
  }
}

/** Splits a reference at its first slash; the name of a model may hold more of them. */
export function parseRef(ref: string): { provider: string; id: string } {
  const slash = ref.indexOf('/')
  return slash < 0 ? { provider: ref, id: '' } : { provider: ref.slice(0, slash), id: ref.slice(slash + 1) }
}

type Factory = (id: string) => LanguageModelV4

function createFactories(providers: Providers, fetch: typeof globalThis.fetch): Map<string, Factory> {
  const { openai, anthropic, google, local } = providers
  const factories = new Map<string, Factory>()
  if (openai) factories.set('openai', createOpenAIModels({ ...openai, fetch }))
  if (anthropic) factories.set('anthropic', createAnthropic({ ...settings(anthropic), fetch }))
  if (google) factories.set('google', createGoogle({ ...settings(google), fetch }))
  if (local) {
    const provider = createOpenAICompatible({
      name: 'local',
      baseURL: local.baseUrl,
      fetch,
      includeUsage: true,
      // Without it an output schema never reaches the model.
      supportsStructuredOutputs: true,
      ...(local.apiKey ? { apiKey: local.apiKey } : {}),
    })
    factories.set('local', (id) => provider(id))
  }
  return factories
}

function settings({ apiKey, baseUrl }: { apiKey: string; baseUrl?: string }): {
  apiKey: string
  baseURL?: string
} {
  return { apiKey, ...(baseUrl ? { baseURL: baseUrl } : {}) }
}
