import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { AuditLog } from '../../auth/audit/auditLog.ts'
import { createBrowserCookie } from '../../auth/oidc/browserCookie.ts'
import { findOrCreate, identify } from '../../auth/oidc/oidcUsers.ts'
import { PENDING_SECONDS, type PendingSignIns } from '../../auth/oidc/pendingSignIns.ts'
import type { OidcProvider } from '../../auth/oidc/provider.ts'
import type { SessionCookie } from '../../auth/sessionCookie.ts'
import type { Sessions } from '../../auth/sessions.ts'
import type { User } from '../../auth/users/userRow.ts'
import type { Users } from '../../auth/users/users.ts'
import type { Oidc } from '../../config/config.ts'
import type { Role } from '../../contract/role.ts'
import type { Database } from '../../db/database.ts'
import { BellwireError, ERRORS } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import { recordedAs } from '../plumbing/audit/auditRequests.ts'
import { recordChange } from '../plumbing/audit/recordChange.ts'
import { askPage } from '../pages/askPage.ts'
import { clientAddress } from '../plumbing/clientAddress.ts'
import { escapeHtml } from '../pages/escapeHtml.ts'
import type { RefuseFailure } from '../plumbing/limitFailures.ts'
import { sendVerbatim } from '../plumbing/sendVerbatim.ts'
import { placeOf } from '../plumbing/showSession.ts'
import { problems } from '../problems/problem.ts'

/** Single sign-on, where it is configured. */
export type SingleSignOn = { settings: Oidc; provider: OidcProvider; pending: PendingSignIns }

/** `/api/oidc`: a browser goes to the provider, and comes back signed in. Errors are pages. */
export function oidcRoutes({
  oidc,
  db,
  users,
  sessions,
  cookie,
  auditLog,
  publicUrl,
  refuseFailure,
  log,
}: {
  oidc: SingleSignOn | undefined
  db: Database
  users: Pick<Users, 'update'>
  sessions: Pick<Sessions, 'open'>
  cookie: SessionCookie
  auditLog: Pick<AuditLog, 'begin' | 'complete' | 'discard'>
  publicUrl: string
  refuseFailure: RefuseFailure
  log: Log
}): FastifyPluginCallbackZod {
  const browserCookie = createBrowserCookie(publicUrl, { path: '/api/oidc', seconds: PENDING_SECONDS })

  function configured(): SingleSignOn {
    if (!oidc) throw new BellwireError('oidc_not_configured')
    return oidc
  }

  /** Writes an entry of the audit log about a user whom the provider has changed. */
  function record(
    request: FastifyRequest,
    name: string,
    work: () => Promise<{ user: User; isChanged: boolean }>,
  ): Promise<User> {
    const actor = { type: 'link' as const, id: null, name: 'Single sign-on' }
    const intent = { ...recordedAs(request), actor, object: { kind: 'user', id: null, name } }
    return recordChange(auditLog, intent, async () => {
      const { user, isChanged } = await work()
      return { result: user, object: isChanged ? { kind: 'user', id: user.id, name: user.name } : undefined }
    })
  }

  /** The role that the provider decides. The last owner stays one: otherwise nobody could change that. */
  async function applyRole(request: FastifyRequest, user: User, role: Role | undefined): Promise<void> {
    if (role === undefined || role === user.role) return
    const change = async () => ({ user: await users.update(user.id, { role }), isChanged: true })
    await record(request, user.name, change).catch((error: unknown) => {
      if (!(error instanceof BellwireError) || error.code !== 'last_owner') throw error
      log.warn({ user: user.id }, 'the provider would demote the last owner; the role was kept')
    })
  }

  return (app, _options, done) => {
    app.setErrorHandler((error, request, reply) => sendRefusal(error, request, reply, { publicUrl, log }))

    app.get(
      '/api/oidc/start',
      {
        schema: {
          operationId: 'startSingleSignOn',
          tags: ['Console'],
          summary: 'Sign in with the OIDC provider: redirects the browser there',
          security: [],
          description:
            'A client address can start at most 50 sign-ins within ten minutes without completing them; then the response is 429.',
          response: { 302: z.null(), ...problems(404, 429, 502, 503) },
        },
      },
      async (request, reply) => {
        const { provider, pending } = configured()
        const { url, ...begun } = await provider.begin()
        const browser = await pending.keep(begun, clientAddress(request.ip))
        return reply
          .header('cache-control', 'no-store')
          .header('set-cookie', browserCookie.give(browser))
          .redirect(url.href)
      },
    )

    app.get(
      '/api/oidc/callback',
      {
        schema: {
          operationId: 'finishSingleSignOn',
          tags: ['Console'],
          summary: 'Where the OIDC provider sends the browser back: opens a session',
          security: [],
          querystring: z.looseObject({ state: z.string().optional() }),
          produces: ['text/html'],
          response: { 200: z.string(), ...problems(403, 404, 429, 502, 503) },
        },
      },
      async (request, reply) => {
        const { settings, provider, pending } = configured()
        const begun = await pending
          .take(request.query.state, browserCookie.read(request.headers.cookie))
          .catch((error) => refuseFailure('sign_in', request.ip, error))
        const query = request.url.slice(request.url.indexOf('?'))
        const identity = identify(await provider.finish(query, begun), settings)
        const user = await record(request, identity.email, () => findOrCreate(db, identity, settings))
        await applyRole(request, user, identity.role)
        const session = await sessions.open({ userId: user.id, via: 'oidc' }, placeOf(request))
        if (!session) throw new BellwireError('oidc_refused', 'This user is disabled.')
        await pending.complete(begun)
        const { headers, ...page } = askPage('signed in', forwardTo(publicUrl))
        void reply.header('set-cookie', [cookie.give(session.token), browserCookie.take()])
        return sendVerbatim(reply, { ...page, headers })
      },
    )
    done()
  }
}

/**
 * The browser was sent here by another site, so a redirect would not carry the session cookie, which is for this site
 * alone. A page that goes on by itself does.
 */
function forwardTo(publicUrl: string): string {
  const url = escapeHtml(`${publicUrl}/`)
  return `<meta http-equiv="refresh" content="0;url=${url}"><h1>Signed in</h1><p><a href="${url}">Continue to the console</a></p>`
}

function sendRefusal(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { publicUrl, log }: { publicUrl: string; log: Log },
): FastifyReply {
  if (!(error instanceof BellwireError)) throw error
  if (error.options.cause !== undefined) {
    log.warn({ err: error.options.cause, request_id: request.id }, 'single sign-on failed')
  }
  const { title, hint } = ERRORS[error.code]
  const { retryAfter } = error.options
  if (retryAfter !== undefined) void reply.header('retry-after', retryAfter)
  const content = `<h1>${escapeHtml(title)}</h1><p class="error">${escapeHtml(error.message)}</p>
<p>${escapeHtml(hint)} (<code>${error.code}</code>)</p><p><a href="${escapeHtml(`${publicUrl}/sign-in`)}">Back to the sign-in page</a></p>`
  return sendVerbatim(reply, askPage('sign-in failed', content, error.status))
}
