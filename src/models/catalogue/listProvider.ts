import type { ProviderKind } from '../../contract/providerKind.ts'
import { baseUrlOf, type ProviderSettings } from '../providerSettings.ts'
import { seesImages } from '../vision.ts'
import { listAnthropic } from './anthropic.ts'
import { listCompatible, listOpenAI } from './compatible.ts'
import { ListError, type JsonRequest } from './getJson.ts'
import { listGoogle } from './google.ts'
import type { ListedModel } from './listedModel.ts'
import { describeHosted, wellKnownModels } from './wellKnown.ts'

type Fetch = typeof globalThis.fetch

/** What of a provider matters for its list. */
type Listed = Pick<ProviderSettings, 'kind' | 'baseUrl' | 'apiKey' | 'headers' | 'images'>

/** Models of a provider; with an error, those that are well known, or none. */
export type ProviderModels = { models: ListedModel[]; error: ListError | undefined }

/** How long a provider may take to list its models, with all their details. */
const LIST_WITHIN_MS = 4_000

/**
 * Asks a provider for its models, and adds what is known of them. It never throws: a provider that does not answer as
 * expected has an error, without its key.
 */
export async function listProvider(
  provider: Listed,
  { fetch, withinMs = LIST_WITHIN_MS }: { fetch: Fetch; withinMs?: number },
): Promise<ProviderModels> {
  try {
    const models = await readList(provider, { fetch, withinMs })
    return { models: models.map((model) => complete(model, provider)), error: undefined }
  } catch (error) {
    const known = provider.baseUrl === undefined ? wellKnownModels(provider.kind) : []
    return {
      models: known.map((model) => complete(model, provider)),
      error:
        error instanceof ListError ? error : new ListError('unreadable', 'sent a list that cannot be read'),
    }
  }
}

/**
 * The models in a provider's own list, and nothing else.
 *
 * @throws ListError
 */
export async function readList(
  provider: Omit<Listed, 'images'>,
  { fetch, withinMs = LIST_WITHIN_MS }: { fetch: Fetch; withinMs?: number },
): Promise<ListedModel[]> {
  const { apiKey, headers } = provider
  const request: JsonRequest = {
    fetch,
    headers: {
      ...(apiKey === undefined ? {} : keyHeaders(provider.kind, apiKey)),
      ...versionHeaders(provider.kind),
      ...headers,
    },
    signal: AbortSignal.timeout(withinMs),
  }
  const list = await LISTS[provider.kind](baseUrlOf(provider), request)
  return [...new Map(list.map((model) => [model.id, model])).values()]
}

const LISTS: Record<ProviderKind, (baseUrl: string, request: JsonRequest) => Promise<ListedModel[]>> = {
  openai: listOpenAI,
  anthropic: listAnthropic,
  google: listGoogle,
  openai_compatible: listCompatible,
}

function keyHeaders(kind: ProviderKind, apiKey: string): Record<string, string> {
  switch (kind) {
    case 'anthropic':
      return { 'x-api-key': apiKey }
    case 'google':
      return { 'x-goog-api-key': apiKey }
    case 'openai':
    case 'openai_compatible':
      return { authorization: `Bearer ${apiKey}` }
  }
}

function versionHeaders(kind: ProviderKind): Record<string, string> {
  return kind === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}
}

/** A listed model with what is known of it. What the list says takes precedence over what the name says. */
export function complete(model: ListedModel, { kind, images }: Listed): ListedModel {
  const byName = kind === 'openai_compatible' && seesImages(`compatible/${model.id}`) ? { images: true } : {}
  const set = images === undefined ? {} : { images: images === 'always' }
  return { ...describeHosted(kind, model.id), ...byName, ...model, ...set }
}
