import type { ImagesSetting, Providers, SchemaWithTools } from '../config/config.ts'
import type { ProviderKind, ProviderSource } from '../contract/providerKind.ts'
import { withoutTrailing } from '../contract/withoutTrailing.ts'

/** How one model provider is reached. Models are named `name/model`. */
export type ProviderSettings = Readonly<{
  name: string
  kind: ProviderKind
  source: ProviderSource
  /** Absent: the provider's own. A server that speaks OpenAI's format has none of its own. */
  baseUrl?: string
  apiKey?: string
  headers?: Readonly<Record<string, string>>
  schemaWithTools?: SchemaWithTools
  images?: ImagesSetting
}>

/** The base URLs of the providers' own APIs. */
export const OWN_BASE_URLS: Readonly<Record<Exclude<ProviderKind, 'openai_compatible'>, string>> = {
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
  google: 'https://generativelanguage.googleapis.com/v1beta',
}

/** The base URL of a provider, without a slash at its end. */
export function baseUrlOf({ kind, baseUrl }: Pick<ProviderSettings, 'kind' | 'baseUrl'>): string {
  const url = baseUrl ?? (kind === 'openai_compatible' ? '' : OWN_BASE_URLS[kind])
  return withoutTrailing(url, '/')
}

/** The providers that the environment configures. */
export function environmentProviders({ openai, anthropic, google, local }: Providers): ProviderSettings[] {
  const source = 'environment'
  return [
    ...(openai ? [{ name: 'openai', kind: 'openai' as const, source, ...openai } as const] : []),
    ...(anthropic ? [{ name: 'anthropic', kind: 'anthropic' as const, source, ...anthropic } as const] : []),
    ...(google ? [{ name: 'google', kind: 'google' as const, source, ...google } as const] : []),
    ...(local ? [{ name: 'local', kind: 'openai_compatible' as const, source, ...local } as const] : []),
  ]
}

/** The environment variables of each provider. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  openai: ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'OPENAI_SCHEMA_WITH_TOOLS'],
  anthropic: ['ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL', 'ANTHROPIC_SCHEMA_WITH_TOOLS'],
  google: ['GOOGLE_GENERATIVE_AI_API_KEY', 'GOOGLE_GENERATIVE_AI_BASE_URL', 'GOOGLE_SCHEMA_WITH_TOOLS'],
  local: [
    'LOCAL_MODEL_BASE_URL',
    'LOCAL_MODEL_API_KEY',
    'LOCAL_MODEL_SCHEMA_WITH_TOOLS',
    'LOCAL_MODEL_IMAGES',
  ],
}

/** The environment variables that configure the provider of this name. */
export function variablesOf(name: string): readonly string[] {
  return VARIABLES[name] ?? []
}
