import { createAuditLog } from '../../auth/audit/auditLog.ts'
import { createApprovalLinks } from '../../auth/approvalLinks.ts'
import { createAuthenticate } from '../../auth/authenticate.ts'
import { confirmAdminKey, ensureAdminKey } from '../../auth/ensureAdminKey.ts'
import { createFailures } from '../../auth/failures.ts'
import { createKeys } from '../../auth/keys.ts'
import { createLinks } from '../../auth/links.ts'
import { shareRevocations } from '../../auth/revocations.ts'
import { createSessionCookie } from '../../auth/sessionCookie.ts'
import { createSessions } from '../../auth/sessions.ts'
import { createRefuseFailure, limitKeyGuesses } from '../../http/plumbing/limitFailures.ts'
import { createTaskLinks } from '../../http/plumbing/taskLinks.ts'
import type { ApiBase } from './base.ts'

export type Access = Awaited<ReturnType<typeof openAccess>>

/** How requests are authenticated: keys, sessions, signed links, and a limit on wrong credentials. */
export async function openAccess({ db, signals, metrics, secretKey, config: { publicUrl } }: ApiBase) {
  const revocations = await shareRevocations(signals)
  const keys = createKeys({ db, revocations })
  const sessions = createSessions({ db, revocations })
  const cookie = createSessionCookie(publicUrl)
  const refuseFailure = createRefuseFailure(createFailures({ db, metrics }))
  const links = createLinks(secretKey)
  return {
    revocations,
    keys,
    sessions,
    cookie,
    refuseFailure,
    authenticate: limitKeyGuesses(createAuthenticate(keys, { sessions, cookie, publicUrl }), refuseFailure),
    links,
    taskLinks: createTaskLinks(publicUrl, links),
    approvalLinks: createApprovalLinks({ secret: secretKey, publicUrl }),
    auditLog: createAuditLog(db),
  }
}

/** Ensures that there is an admin key. `value` is set if it was generated and has not been displayed yet. */
export async function openAdminKey({ stack, db, vault, config }: ApiBase, { revocations }: Access) {
  const value = await ensureAdminKey({ db, vault }, config.adminKey)
  // Another key may have been configured before.
  if (config.adminKey !== undefined) revocations.announce()
  let confirming: Promise<void> | undefined
  stack.defer(() => confirming?.catch(() => {}))
  return { value, confirm: () => (confirming ??= confirmAdminKey(db)) }
}
