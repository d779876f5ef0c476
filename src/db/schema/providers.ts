import { text, uuid } from 'drizzle-orm/pg-core'
import type { ProviderKind } from '../../contract/providerKind.ts'
import { at, bellwire, bytea } from './base.ts'

/** Model providers that were added at run time, beside those of the environment. */
export const modelProviders = bellwire.table('model_providers', {
  name: text().primaryKey(),
  kind: text().$type<ProviderKind>().notNull(),
  /** Null: the provider's own. */
  baseUrl: text('base_url'),
  schemaWithTools: text('schema_with_tools').$type<'response_format' | 'prompt'>(),
  images: text().$type<'always' | 'never'>(),
  /** A JSON object with the API key and the values of headers, encrypted. */
  sealed: bytea().notNull(),
  /** When the key was set; null: there is none. */
  keyUpdatedAt: at('key_updated_at'),
  /** A new one with each change. */
  version: uuid().notNull().defaultRandom(),
  createdAt: at('created_at').notNull().defaultNow(),
  updatedAt: at('updated_at').notNull().defaultNow(),
})
