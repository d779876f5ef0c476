import type { ProviderSettings } from './providerSettings.ts'

/** The providers available to this installation: names only, without their clients. */
export type KnownProviders = {
  /** Whether a reference names an available model; the detail says what to set. The provider is not called. */
  check(ref: string): { ok: true } | { ok: false; detail: string }
  /** All providers, and the environment variable that configures each; null for one that needs none. */
  all(): { name: string; configured: boolean; set: string | null }[]
}

/** The built-in model, which needs no provider. */
export const DEMO = 'demo/assistant'

/** The variable that configures each provider that has one. */
const NEEDS = new Map<string, string>([
  ['openai', 'OPENAI_API_KEY'],
  ['anthropic', 'ANTHROPIC_API_KEY'],
  ['google', 'GOOGLE_GENERATIVE_AI_API_KEY'],
  ['local', 'LOCAL_MODEL_BASE_URL'],
])

/** Lists the configured model providers, and `demo`, which needs no configuration. */
export function knowProviders(configured: readonly Pick<ProviderSettings, 'name'>[]): KnownProviders {
  const isConfigured = new Set(configured.map(({ name }) => name))
  const names = [...new Set([...NEEDS.keys(), ...isConfigured])]

  function fault(ref: string): string | undefined {
    const { provider, id } = parseRef(ref)
    if (provider === 'demo') return ref === DEMO ? undefined : `the only model of demo is ${DEMO}`
    if (!names.includes(provider)) {
      const choice = ['demo', ...names].join(', ')
      return `there is no provider ${JSON.stringify(provider)}; choose one of ${choice}, or add it under Settings, Providers`
    }
    if (!isConfigured.has(provider)) {
      return (
        `the provider ${provider} is not configured; add it under Settings, Providers, ` +
        `or set ${NEEDS.get(provider)} and restart`
      )
    }
    return id === '' ? `add the name of a model after ${provider}/` : undefined
  }

  return {
    check(ref) {
      const detail = fault(ref)
      return detail === undefined ? { ok: true } : { ok: false, detail }
    },
    all: () => [
      { name: 'demo', configured: true, set: null },
      ...names.map((name) => ({ name, configured: isConfigured.has(name), set: NEEDS.get(name) ?? null })),
    ],
  }
}

/** Splits a reference at its first slash; a model name may contain more. */
export function parseRef(ref: string): { provider: string; id: string } {
  const slash = ref.indexOf('/')
  return slash < 0 ? { provider: ref, id: '' } : { provider: ref.slice(0, slash), id: ref.slice(slash + 1) }
}
