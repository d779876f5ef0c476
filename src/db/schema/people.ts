import { sql } from 'drizzle-orm'
import { index, json, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { Actor, AuditChange } from '../../contract/audit.ts'
import type { Role } from '../../contract/role.ts'
import { at, bellwire, bytea } from './base.ts'

/** People who sign in by name. Without a row here nobody is asked for one. */
export const users = bellwire.table(
  'users',
  {
    id: uuid().primaryKey(),
    /** As it was entered; compared in lower case. */
    email: text().notNull(),
    name: text().notNull(),
    role: text().$type<Role>().notNull(),
    /** See src/auth/users/passwords.ts. Null: signs in with single sign-on, or not at all. */
    passwordHash: text('password_hash'),
    /** The account at the OIDC provider: its issuer and subject. Set at the first sign-in there. */
    oidcIssuer: text('oidc_issuer'),
    oidcSubject: text('oidc_subject'),
    disabledAt: at('disabled_at'),
    lastSignInAt: at('last_sign_in_at'),
    createdAt: at('created_at').notNull().defaultNow(),
    updatedAt: at('updated_at').notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('users_email_idx').on(sql`lower(${table.email})`),
    uniqueIndex('users_oidc_idx').on(table.oidcIssuer, table.oidcSubject),
  ],
)

/** Sign-ins at the OIDC provider that have begun: each is finished once, within ten minutes. */
export const oidcSignIns = bellwire.table(
  'oidc_sign_ins',
  {
    /** SHA-256 of the state. */
    hash: bytea().primaryKey(),
    /** SHA-256 of the cookie of the browser that began it. */
    browser: bytea().notNull(),
    nonce: text().notNull(),
    codeVerifier: text('code_verifier').notNull(),
    /** The client that began it. Null in rows of earlier versions. */
    address: text(),
    /** When the browser came back. A row whose sign-in was then refused is kept, and counts, until it expires. */
    usedAt: at('used_at'),
    expiresAt: at('expires_at').notNull(),
  },
  (table) => [
    index('oidc_sign_ins_expiry_idx').on(table.expiresAt),
    index('oidc_sign_ins_address_idx').on(table.address),
  ],
)

/** Who changed what. Rows are written before the change, and completed or removed after it. */
export const auditLog = bellwire.table(
  'audit_log',
  {
    id: uuid().primaryKey(),
    createdAt: at('created_at').notNull().defaultNow(),
    actor: json().$type<Actor>().notNull(),
    /** The id of the user or the key; null for a link. */
    actorId: uuid('actor_id'),
    /** As in the OpenAPI document: `PATCH /api/agents/{id}`. */
    route: text().notNull(),
    operation: text().notNull(),
    objectKind: text('object_kind').notNull(),
    /** An id, or the name of a secret or a model. */
    objectId: text('object_id'),
    objectName: text('object_name'),
    changes: json().$type<AuditChange[]>().notNull(),
    /** Null while the change is under way. What stays null was interrupted: see src/auth/audit/auditLog.ts. */
    doneAt: at('done_at'),
    address: text().notNull(),
  },
  (table) => [
    index('audit_log_created_idx').on(table.createdAt),
    index('audit_log_actor_idx').on(table.actorId, table.id),
    index('audit_log_object_idx').on(table.objectId, table.id),
  ],
)
