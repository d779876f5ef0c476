import { LRUCache } from 'lru-cache'
import type { ModelListing, ModelOffer, ModelOffers } from '../../contract/modelOffer.ts'
import type { ModelPrice } from '../../contract/price.ts'
import type { ProviderTestResult } from '../../contract/provider.ts'
import { DEMO } from '../providers.ts'
import type { ProviderSettings } from '../providerSettings.ts'
import type { ListedModel } from './listedModel.ts'
import { listProvider, type ProviderModels } from './listProvider.ts'
import { testProvider } from './testProvider.ts'

/** The models that the configured providers offer. */
export type ModelCatalogue = {
  /**
   * Asks all providers at the same time, each for a few seconds at most; their answers count for a minute, errors for
   * some seconds.
   *
   * @param query.refresh asks all of them now
   */
  read(query?: { provider?: string | undefined; refresh?: boolean }): Promise<ModelOffers>
  /** Tests a provider, whether it is saved or not: see {@link testProvider}. Nothing of it is cached. */
  test(provider: ProviderSettings, model: string | undefined): Promise<ProviderTestResult>
}

const FRESH_MS = 60_000
const ERROR_FRESH_MS = 5_000

/** Models of a test that are returned. */
const MAX_SHOWN = 200

/** More providers than anybody has. */
const MAX_CACHED = 200

type Answer = ProviderModels & { readAt: Date }

/** @param parts.readProviders the providers that are configured now */
export function createModelCatalogue({
  readProviders,
  priceOf,
  fetchFor,
}: {
  readProviders: () => Promise<readonly ProviderSettings[]>
  priceOf: (model: string) => Promise<ModelPrice | undefined>
  fetchFor: (provider: ProviderSettings) => typeof globalThis.fetch
}): ModelCatalogue {
  // Requests for the same provider share one answer. Changed settings are another entry.
  const answers = new LRUCache<string, Answer, ProviderSettings>({
    max: MAX_CACHED,
    ttl: FRESH_MS,
    ttlResolution: 0,
    fetchMethod: async (_key, _stale, { context: provider, options }) => {
      const answer = await listProvider(provider, { fetch: fetchFor(provider) })
      if (answer.error) options.ttl = ERROR_FRESH_MS
      return { ...answer, readAt: new Date() }
    },
  })

  async function ask(provider: ProviderSettings, refresh: boolean): Promise<Answer> {
    const answer = await answers.fetch(JSON.stringify(provider), { context: provider, forceRefresh: refresh })
    return answer ?? { models: [], error: undefined, readAt: new Date() }
  }

  async function offersOf(
    name: string,
    models: ListedModel[],
    listed: boolean | null,
  ): Promise<ModelOffer[]> {
    return Promise.all(
      models.map(async (model) => show(name, model, listed, await priceOf(`${name}/${model.id}`))),
    )
  }

  return {
    async test(provider, model) {
      const { models, error, ...result } = await testProvider(provider, { fetch: fetchFor(provider), model })
      return {
        ...result,
        error: error === null ? null : redact(error, provider),
        models: await offersOf(provider.name, models.slice(0, MAX_SHOWN), true),
      }
    },

    async read({ provider: only, refresh = false } = {}) {
      const providers = (await readProviders()).filter(({ name }) => only === undefined || name === only)
      const found = await Promise.all(
        providers.map(async (provider) => {
          const { models, error, readAt } = await ask(provider, refresh)
          const data = await offersOf(provider.name, models, error ? null : true)
          const { name, kind, source } = provider
          const listing: ModelListing = {
            provider: name,
            kind,
            source,
            models: data.length,
            error: error ? redact(error.message, provider) : null,
            read_at: readAt.toISOString(),
          }
          return { data, listing }
        }),
      )
      const withDemo = only === undefined || only === 'demo'
      return {
        data: [...found.flatMap(({ data }) => data), ...(withDemo ? [await demoOffer(priceOf)] : [])],
        providers: [...found.map(({ listing }) => listing), ...(withDemo ? [demoListing()] : [])],
      }
    },
  }
}

/** Some providers repeat the key that they refuse. */
function redact(words: string, { apiKey = '', headers = {} }: ProviderSettings): string {
  return [apiKey, ...Object.values(headers).flatMap((value) => value.split(' '))]
    .filter((secret) => secret.length >= 8)
    .reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), words)
}

function show(
  provider: string,
  { id, name, tools, images, structuredOutput, contextLength, price: providerPrice }: ListedModel,
  listed: boolean | null,
  price: ModelPrice | undefined,
): ModelOffer {
  return {
    model: `${provider}/${id}`,
    provider,
    name: name ?? null,
    listed,
    tools: tools ?? null,
    images: images ?? null,
    structured_output: structuredOutput ?? null,
    context_length: contextLength ?? null,
    price: price ?? null,
    provider_price: providerPrice ?? null,
  }
}

async function demoOffer(priceOf: (model: string) => Promise<ModelPrice | undefined>): Promise<ModelOffer> {
  const demo = {
    id: 'assistant',
    name: 'Demo, with canned answers',
    tools: false,
    images: false,
    structuredOutput: true,
  }
  return show('demo', demo, true, await priceOf(DEMO))
}

function demoListing(): ModelListing {
  return {
    provider: 'demo',
    kind: 'demo',
    source: 'built_in',
    models: 1,
    error: null,
    read_at: new Date().toISOString(),
  }
}
