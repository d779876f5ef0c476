import type { Actor, AuditChange } from '../../contract/audit.ts'
import type { Database } from '../../db/database.ts'
import { isId, newId } from '../../db/id.ts'
import { toPage, type Page, type PageRequest } from '../../db/page.ts'

/** What a change is about. */
export type AuditObject = {
  kind: string
  /** An id, or the name of a secret or a model; null when it has none. */
  id: string | null
  name: string | null
}

/** A change that somebody is about to make. */
export type AuditIntent = {
  actor: Actor
  /** As in the OpenAPI document: `PATCH /api/agents/{id}`. */
  route: string
  operation: string
  object: AuditObject
  address: string
}

export type AuditEntry = AuditIntent & {
  id: string
  at: Date
  changes: AuditChange[]
  outcome: 'done' | 'unknown'
}

export type AuditFilter = {
  /** The id of a user or a key; `link` for holders of links. */
  actor?: string | undefined
  object?: string | undefined
  kind?: string | undefined
  from?: string | undefined
  to?: string | undefined
}

/**
 * Who changed what. An entry is written before the change, in a transaction of its own, and completed after it: so a
 * change without an entry cannot be made, and one whose outcome could not be recorded shows as `unknown`. Completed entries
 * are not changed any more.
 */
export type AuditLog = {
  /** Writes the entry of a change that is about to be made. Nothing may be changed if this fails. */
  begin(intent: AuditIntent): Promise<string>
  /** Completes it. The object may have got its id and name by the change. */
  complete(id: string, done: { object: AuditObject; changes: AuditChange[] }): Promise<void>
  /** Removes it: nothing was changed. */
  discard(id: string): Promise<void>
  /** Newest first; `after` is the id of an entry. */
  list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEntry>>
}

/** Entries without an outcome are under way for this long, and appear as `unknown` afterwards. */
const UNDER_WAY = '5 minutes'

export function createAuditLog(db: Database): AuditLog {
  return {
    async begin({ actor, route, operation, object, address }) {
      const id = newId()
      await db.pool.query({
        name: 'audit_begin',
        text: `insert into bellwire.audit_log
            (id, actor, actor_id, route, operation, object_kind, object_id, object_name, changes, address)
          values ($1, $2, $3, $4, $5, $6, $7, $8, '[]', $9)`,
        values: [
          id,
          JSON.stringify(actor),
          actor.id,
          route,
          operation,
          object.kind,
          object.id,
          object.name,
          address,
        ],
      })
      return id
    },

    async complete(id, { object, changes }) {
      await db.pool.query({
        name: 'audit_complete',
        text: `update bellwire.audit_log set object_id = $2, object_name = $3, changes = $4, done_at = now()
          where id = $1 and done_at is null`,
        values: [id, object.id, object.name, JSON.stringify(changes)],
      })
    },

    async discard(id) {
      await db.pool.query({
        name: 'audit_discard',
        text: 'delete from bellwire.audit_log where id = $1 and done_at is null',
        values: [id],
      })
    },

    async list({ actor, object, kind, from, to }, { limit, after }) {
      const isLink = actor === 'link'
      // An id that is none has no entries.
      if (actor !== undefined && !isLink && !isId(actor)) return { items: [], next: null }
      const { rows } = await db.pool.query<AuditEntry>(
        `select id, created_at as at, actor, route, operation, changes, address,
            json_build_object('kind', object_kind, 'id', object_id, 'name', object_name) as object,
            case when done_at is null then 'unknown' else 'done' end as outcome
          from bellwire.audit_log
          where ($1::uuid is null or id < $1)
            and (done_at is not null or created_at < now() - interval '${UNDER_WAY}')
            and ($2::uuid is null or actor_id = $2) and (not $3::bool or actor_id is null)
            and ($4::text is null or object_id = $4) and ($5::text is null or object_kind = $5)
            and ($6::timestamptz is null or created_at >= $6) and ($7::timestamptz is null or created_at < $7)
          order by id desc limit $8`,
        [
          after ?? null,
          isLink ? null : (actor ?? null),
          isLink,
          object ?? null,
          kind ?? null,
          from ?? null,
          to ?? null,
          limit + 1,
        ],
      )
      return toPage(rows, { limit, name: (row) => row.id, show: (row) => row })
    },
  }
}
