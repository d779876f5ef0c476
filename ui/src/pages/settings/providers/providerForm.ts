import type { Provider, ProviderInput } from '../../../api/types.ts'
import type { Preset } from './presets.ts'

/** A header as it is edited: an empty value keeps the saved one. */
export type HeaderRow = { name: string; value: string; saved: boolean }

export type ProviderFields = {
  name: string
  kind: Provider['kind']
  base_url: string
  api_key: string
  headers: HeaderRow[]
  schema_with_tools: '' | 'response_format' | 'prompt'
  images: '' | 'always' | 'never'
}

export const PROVIDER_FIELDS = [
  'name',
  'kind',
  'base_url',
  'api_key',
  'headers',
  'schema_with_tools',
  'images',
] as const

/** The form of a saved provider: its key and the values of its headers are not known here. */
export function formOf(provider: Provider): ProviderFields {
  return {
    name: provider.name,
    kind: provider.kind,
    base_url: provider.base_url ?? '',
    api_key: '',
    headers: provider.headers.map((name) => ({ name, value: '', saved: true })),
    schema_with_tools: provider.schema_with_tools ?? '',
    images: provider.images ?? '',
  }
}

/** The form of a new provider. */
export function formOfPreset({ name, kind, baseUrl = '' }: Preset): ProviderFields {
  return { name, kind, base_url: baseUrl, api_key: '', headers: [], schema_with_tools: '', images: '' }
}

/** What is sent: fields that are empty are left out, so that what is saved stays. */
export function inputOf(form: ProviderFields): ProviderInput {
  const headers = form.headers.filter(({ name }) => name.trim() !== '')
  return {
    kind: form.kind,
    base_url: form.base_url.trim() === '' ? null : form.base_url.trim(),
    ...(form.api_key.trim() === '' ? {} : { api_key: form.api_key.trim() }),
    headers: Object.fromEntries(
      headers.map(({ name, value, saved }) => [name.trim(), saved && value === '' ? null : value]),
    ),
    schema_with_tools: form.schema_with_tools === '' ? null : form.schema_with_tools,
    images: form.images === '' ? null : form.images,
  }
}
