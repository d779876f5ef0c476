import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type { AuditEntry as StoredEntry, AuditLog } from '../../auth/audit/auditLog.ts'
import { AuditEntry, AuditQuery } from '../../contract/audit.ts'
import { pageOf } from '../../contract/page.ts'
import { json } from '../openapi/responses.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { problems } from '../problems/problem.ts'

/** `/api/audit`: who changed what. */
export function auditRoutes({ auditLog }: { auditLog: Pick<AuditLog, 'list'> }): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/audit',
      {
        schema: {
          operationId: 'listAuditEntries',
          tags: ['People'],
          summary: 'List who changed what, newest first',
          description:
            'Entries are kept for BELLWIRE_KEEP_AUDIT_DAYS days, and cannot be changed or deleted before then.',
          querystring: AuditQuery,
          response: { 200: json('A page of entries', pageOf(AuditEntry)), ...problems(422) },
        },
      },
      async ({ query: { limit, cursor, ...filter } }) =>
        showPage(await auditLog.list(filter, pageRequest({ limit, cursor })), show),
    )
    done()
  }
}

function show({ at, ...entry }: StoredEntry): AuditEntry {
  return { ...entry, at: at.toISOString() }
}
