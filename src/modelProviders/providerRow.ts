import type { ProviderKind } from '../contract/providerKind.ts'
import type { ProviderSettings } from '../models/providerSettings.ts'
import type { Vault } from '../secrets/vault.ts'

/** A saved provider, as the database has it. */
export type ProviderRow = {
  name: string
  kind: ProviderKind
  baseUrl: string | null
  schemaWithTools: 'response_format' | 'prompt' | null
  images: 'always' | 'never' | null
  sealed: Buffer
  keyUpdatedAt: Date | null
  version: string
  createdAt: Date
  updatedAt: Date
}

/** What of a provider is encrypted. */
export type ProviderSecrets = { apiKey?: string; headers: Record<string, string> }

export const PROVIDER_COLUMNS = `name, kind, base_url as "baseUrl", schema_with_tools as "schemaWithTools", images, sealed,
  key_updated_at as "keyUpdatedAt", version, created_at as "createdAt", updated_at as "updatedAt"`

/** Encrypts the key and the headers of a provider. */
export function sealSecrets(vault: Vault, name: string, secrets: ProviderSecrets): Buffer {
  return vault.encrypt(JSON.stringify(secrets), context(name))
}

/** @throws VaultError */
export function openSecrets(
  vault: Vault,
  { name, sealed }: Pick<ProviderRow, 'name' | 'sealed'>,
): ProviderSecrets {
  return JSON.parse(vault.decrypt(sealed, context(name))) as ProviderSecrets
}

/** The settings that calls are made with. */
export function settingsOf(
  {
    name,
    kind,
    baseUrl,
    schemaWithTools,
    images,
  }: Omit<ProviderRow, 'sealed' | 'keyUpdatedAt' | 'version' | 'createdAt' | 'updatedAt'>,
  { apiKey, headers }: ProviderSecrets,
): ProviderSettings {
  return {
    name,
    kind,
    source: 'saved',
    ...(baseUrl === null ? {} : { baseUrl }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(schemaWithTools === null ? {} : { schemaWithTools }),
    ...(images === null ? {} : { images }),
  }
}

/** What the ciphertext is bound to. */
function context(name: string): string {
  return `model-provider:${name}`
}
