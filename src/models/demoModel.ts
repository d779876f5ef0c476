import type { ProviderSettings } from './providerSettings.ts'
import { withoutTrailing } from '../contract/withoutTrailing.ts'

/** The model that the demo agent uses with each provider: fast and cheap ones. */
const FIRST_MODELS = {
  openai: 'openai/gpt-5-mini',
  anthropic: 'anthropic/claude-haiku-4-5',
  google: 'google/gemini-2.5-flash',
} as const

/**
 * Chooses the model of the demo agent: that of the first configured provider, on a local server the first model that it
 * lists. Without any, the built-in demo/assistant.
 */
export async function chooseDemoModel(providers: readonly ProviderSettings[]): Promise<string> {
  const find = (name: string) => providers.find((provider) => provider.name === name)
  for (const [name, model] of Object.entries(FIRST_MODELS)) if (find(name)) return model
  const { baseUrl, apiKey } = find('local') ?? {}
  const local =
    baseUrl === undefined
      ? undefined
      : await firstLocalModel({ baseUrl, ...(apiKey === undefined ? {} : { apiKey }) })
  return local === undefined ? 'demo/assistant' : `local/${local}`
}

/** The first model listed by an OpenAI-compatible server; undefined when it does not answer within two seconds. */
export async function firstLocalModel(
  { baseUrl, apiKey }: { baseUrl: string; apiKey?: string },
  timeoutMs = 2_000,
): Promise<string | undefined> {
  const base = withoutTrailing(baseUrl, '/')
  const request = {
    signal: AbortSignal.timeout(timeoutMs),
    headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
  }
  const first = await firstListed(`${base}/models`, request)
  // Model calls detect a base URL without its version in the same way.
  return first ?? (base.endsWith('/v1') ? undefined : firstListed(`${base}/v1/models`, request))
}

async function firstListed(url: string, request: RequestInit): Promise<string | undefined> {
  try {
    const response = await fetch(url, request)
    const list: unknown = await response.json()
    const data = typeof list === 'object' && list !== null && 'data' in list ? list.data : undefined
    const first: unknown = Array.isArray(data) ? data[0] : undefined
    return typeof first === 'object' && first !== null && 'id' in first && typeof first.id === 'string'
      ? first.id
      : undefined
  } catch {
    return undefined
  }
}
