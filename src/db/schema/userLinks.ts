import { sql } from 'drizzle-orm'
import { index, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { Role } from '../../contract/role.ts'
import { apiKeys } from './access.ts'
import { at, bellwire, bytea } from './base.ts'
import { users } from './people.ts'

/** Links that work once: invitations, and resets of passwords. */
export const userLinks = bellwire.table(
  'user_links',
  {
    id: uuid().primaryKey(),
    kind: text().$type<'invitation' | 'password_reset'>().notNull(),
    /** SHA-256 of its token. */
    hash: bytea().notNull().unique(),
    email: text().notNull(),
    role: text().$type<Role>().notNull(),
    /** Of a reset. */
    userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
    createdBy: text('created_by').notNull(),
    /** Who created it: the link ends when they lose the permission to create it. Both are null for a sign-in link. */
    creatorUserId: uuid('creator_user_id').references(() => users.id, { onDelete: 'cascade' }),
    creatorKeyId: uuid('creator_key_id').references(() => apiKeys.id, { onDelete: 'cascade' }),
    createdAt: at('created_at').notNull().defaultNow(),
    expiresAt: at('expires_at').notNull(),
  },
  (table) => [
    // A new link replaces the one before.
    uniqueIndex('user_links_email_idx').on(table.kind, sql`lower(${table.email})`),
    index('user_links_user_idx').on(table.userId),
    index('user_links_creator_user_idx').on(table.creatorUserId),
    index('user_links_creator_key_idx').on(table.creatorKeyId),
  ],
)
