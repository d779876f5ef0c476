import type { Providers } from '../config/config.ts'

/** Which providers this installation can use. Knows their names, not how to speak with them. */
export type KnownProviders = {
  /** Whether a reference leads to a model; the detail says what to set. The provider is not asked. */
  check(ref: string): { ok: true } | { ok: false; detail: string }
  /** All providers, and the environment variable that configures each; null for one that needs none. */
  all(): { name: string; configured: boolean; set: string | null }[]
}

/** The built-in model, which needs no provider. */
export const DEMO = 'demo/assistant'

/** What to set for each provider; also the list of all providers. */
const NEEDS = new Map<keyof Providers, string>([
  ['openai', 'OPENAI_API_KEY'],
  ['anthropic', 'ANTHROPIC_API_KEY'],
  ['google', 'GOOGLE_GENERATIVE_AI_API_KEY'],
  ['local', 'LOCAL_MODEL_BASE_URL'],
])

/** Knows the model providers that the environment configures, and `demo`, which needs none. */
export function knowProviders(configured: Providers): KnownProviders {
  const names = [...NEEDS].map(([name, set]) => ({ name, configured: configured[name] !== undefined, set }))

  function fault(ref: string): string | undefined {
    const { provider, id } = parseRef(ref)
    if (provider === 'demo') return ref === DEMO ? undefined : `the only model of demo is ${DEMO}`
    const found = names.find(({ name }) => name === provider)
    if (!found) {
      const choice = ['demo', ...NEEDS.keys()].join(', ')
      return `there is no provider ${JSON.stringify(provider)}; choose one of ${choice}`
    }
    if (!found.configured) return `the provider ${provider} is not configured; set ${found.set} and restart`
    return id === '' ? `name a model after ${provider}/` : undefined
  }

  return {
    check(ref) {
      const detail = fault(ref)
      return detail === undefined ? { ok: true } : { ok: false, detail }
    },
    all: () => [{ name: 'demo', configured: true, set: null }, ...names],
  }
}

/** Splits a reference at its first slash; the name of a model may hold more of them. */
export function parseRef(ref: string): { provider: string; id: string } {
  const slash = ref.indexOf('/')
  return slash < 0 ? { provider: ref, id: '' } : { provider: ref.slice(0, slash), id: ref.slice(slash + 1) }
}
