import { jsonPointer } from '../contract/fieldErrors.ts'
import type { ProviderInput } from '../contract/provider.ts'
import type { FieldError } from '../errors.ts'
import { baseUrlOf, OWN_BASE_URLS } from '../models/providerSettings.ts'
import type { ProviderRow, ProviderSecrets } from './providerRow.ts'
import { withoutTrailing } from '../contract/withoutTrailing.ts'

/** What is saved of a provider, apart from when. */
export type MergedProvider = Pick<ProviderRow, 'kind' | 'baseUrl' | 'schemaWithTools' | 'images'> & {
  secrets: ProviderSecrets
}

/** A provider that is saved already. */
type Saved = Pick<ProviderRow, 'kind' | 'baseUrl'> & { secrets: ProviderSecrets }

/** A name that says which kind it is: prices and defaults are found by it. */
const KIND_OF_NAME = new Map<string, ProviderRow['kind']>([
  ['openai', 'openai'],
  ['anthropic', 'anthropic'],
  ['google', 'google'],
  ['local', 'openai_compatible'],
])

/**
 * Completes settings with the secrets of what is saved, and finds what is wrong with them. A saved key goes only where
 * it was meant to go: with a base URL on another server it has to be entered again.
 *
 * @param checkUrl why a base URL may not be used; undefined when it may
 */
export function mergeProvider(
  name: string,
  input: ProviderInput,
  { saved, checkUrl }: { saved: Saved | undefined; checkUrl: (url: string) => string | undefined },
): { provider: MergedProvider; errors: FieldError[] } {
  const errors: FieldError[] = []
  const note = (pointer: string, detail: string | undefined): void => {
    if (detail !== undefined) errors.push({ pointer, detail })
  }
  const { kind } = input
  const baseUrl = readBaseUrl(input)
  note('/kind', kindFault(name, kind))
  if (kind === 'openai_compatible' && baseUrl === null) note('/base_url', 'is required for this kind')
  if (baseUrl !== null) note('/base_url', checkUrl(baseUrl))

  const isElsewhere = saved !== undefined && originOf(saved) !== originOf({ kind, baseUrl })
  const moved = 'enter it again: a saved value is not sent to a different server'
  const apiKey = input.api_key === undefined ? saved?.secrets.apiKey : (input.api_key ?? undefined)
  if (input.api_key === undefined && apiKey !== undefined && isElsewhere) note('/api_key', moved)
  if (apiKey === undefined && kind !== 'openai_compatible') note('/api_key', 'is required for this kind')

  const headers: Record<string, string> = {}
  const kept = saved?.secrets.headers ?? {}
  const wanted = input.headers ?? Object.fromEntries(Object.keys(kept).map((header) => [header, null]))
  for (const [header, value] of Object.entries(wanted)) {
    const known = Object.hasOwn(kept, header) ? kept[header] : undefined
    const pointer = jsonPointer(['headers', header])
    if (value === null && known === undefined) note(pointer, 'has no saved value; enter one')
    else if (value === null && isElsewhere) note(pointer, moved)
    headers[header] = value ?? known ?? ''
  }
  const provider: MergedProvider = {
    kind,
    baseUrl,
    schemaWithTools: input.schema_with_tools ?? null,
    images: input.images ?? null,
    secrets: { ...(apiKey === undefined ? {} : { apiKey }), headers },
  }
  return { provider, errors }
}

/** Null for the provider's own URL, also when it is given. */
function readBaseUrl({ kind, base_url: given }: ProviderInput): string | null {
  if (given === undefined || given === null) return null
  const url = withoutTrailing(given, '/')
  return kind !== 'openai_compatible' && url === OWN_BASE_URLS[kind] ? null : url
}

function originOf({ kind, baseUrl }: Pick<ProviderRow, 'kind' | 'baseUrl'>): string {
  const url = baseUrlOf({ kind, ...(baseUrl === null ? {} : { baseUrl }) })
  return URL.canParse(url) ? new URL(url).origin : ''
}

function kindFault(name: string, kind: ProviderRow['kind']): string | undefined {
  const own = KIND_OF_NAME.get(name)
  if (own === undefined || own === kind) return undefined
  return `the provider named ${name} is of the kind ${own}; use another name for this kind`
}
