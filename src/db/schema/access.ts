import { index, integer, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { Role } from '../../contract/role.ts'
import type { SessionVia } from '../../contract/session.ts'
import { agents } from './agents.ts'
import { at, bellwire, bytea } from './base.ts'
import { users } from './people.ts'

/** Named values for tools. Only the ciphertext is stored. */
export const secrets = bellwire.table('secrets', {
  name: text().primaryKey(),
  ciphertext: bytea().notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
  updatedAt: at('updated_at').notNull().defaultNow(),
})

export const apiKeys = bellwire.table('api_keys', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  scope: text().$type<'admin' | 'agent'>().notNull(),
  /** Of an admin key; null is owner. */
  role: text().$type<Role>(),
  agentId: uuid('agent_id').references(() => agents.id),
  hash: bytea().notNull().unique(),
  /** The last four characters, to identify the key. */
  hint: text().notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
})

/** Codes of sign-in links to the console: each works once, for ten minutes. */
export const signInCodes = bellwire.table('sign_in_codes', {
  hash: bytea().primaryKey(),
  expiresAt: at('expires_at').notNull(),
})

/** Console sessions. A session ends with the key or the user that opened it. */
export const sessions = bellwire.table(
  'sessions',
  {
    /** SHA-256 of the cookie's value. */
    hash: bytea().primaryKey(),
    id: uuid().notNull().unique().defaultRandom(),
    /** Null when it was opened by a link or by a user. */
    keyId: uuid('key_id').references(() => apiKeys.id, { onDelete: 'cascade' }),
    userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /** Null in rows of earlier versions: a key or a link. */
    via: text().$type<SessionVia>(),
    /** Where it was opened. */
    address: text(),
    userAgent: text('user_agent'),
    createdAt: at('created_at').notNull().defaultNow(),
    /** Written every few minutes at most. */
    lastSeenAt: at('last_seen_at').notNull().defaultNow(),
    expiresAt: at('expires_at').notNull(),
  },
  (table) => [index('sessions_key_idx').on(table.keyId), index('sessions_user_idx').on(table.userId)],
)

/** Wrong tokens, keys and sign-ins of each client address. */
export const failedAttempts = bellwire.table(
  'failed_attempts',
  {
    kind: text().notNull(),
    address: text().notNull(),
    failures: integer().notNull(),
    resetsAt: at('resets_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.kind, table.address] }),
    index('failed_attempts_reset_idx').on(table.resetsAt),
  ],
)

/** Passwords that were tried: see src/auth/users/passwordAttempts.ts. */
export const passwordAttempts = bellwire.table(
  'password_attempts',
  {
    /** SHA-256 of the subject, so that no email address is stored. */
    subject: bytea().primaryKey(),
    failures: integer().notNull(),
    /** When it may try again, once it has failed too often. */
    retryAt: at('retry_at').notNull(),
    /** From then on, earlier failures do not count. */
    resetsAt: at('resets_at').notNull(),
  },
  (table) => [index('password_attempts_reset_idx').on(table.resetsAt)],
)
