import type { AuditLog } from '../../auth/audit/auditLog.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type { SessionCookie } from '../../auth/sessionCookie.ts'
import type { Sessions } from '../../auth/sessions.ts'
import type { KnownBrowsers } from '../../auth/users/knownBrowsers.ts'
import type { CheckedPassword } from '../../auth/users/passwordSignIn.ts'
import type { UserLinks } from '../../auth/users/userLinks.ts'
import { AcceptInvitation, AcceptPasswordReset, CheckUserLink, UserLink } from '../../contract/invitation.ts'
import { Session } from '../../contract/session.ts'
import { BellwireError } from '../../errors.ts'
import { json } from '../openapi/responses.ts'
import { recordedAs } from '../plumbing/audit/auditRequests.ts'
import { recordChange } from '../plumbing/audit/recordChange.ts'
import { clientAddress } from '../plumbing/clientAddress.ts'
import { limitFailures, type RefuseFailure } from '../plumbing/limitFailures.ts'
import { refuseOtherSites } from '../plumbing/refuseOtherSites.ts'
import { placeOf, type ShowSession } from '../plumbing/showSession.ts'
import { problems } from '../problems/problem.ts'

const NOT_SIGNED_IN =
  'The password was set, but you are not signed in: this user is disabled, or the password has been changed again.'

const COMMON = problems(400, 403, 413, 415, 422, 429, 503)

/** What the holders of an invitation or of a password reset can do with it. The link is the permission. */
export function userLinkRoutes({
  userLinks,
  auditLog,
  sessions,
  cookie,
  browsers,
  publicUrl,
  show,
  refuseFailure,
}: {
  userLinks: Pick<UserLinks, 'check' | 'acceptInvitation' | 'acceptReset'>
  auditLog: Pick<AuditLog, 'begin' | 'complete' | 'discard'>
  sessions: Pick<Sessions, 'open'>
  cookie: SessionCookie
  browsers: KnownBrowsers
  publicUrl: string
  show: ShowSession
  refuseFailure: RefuseFailure
}): FastifyPluginCallbackZod {
  /** Signs the user in with the password that was just set. */
  async function signIn(
    request: FastifyRequest,
    reply: FastifyReply,
    checked: CheckedPassword,
  ): Promise<Session> {
    const { user, hash } = checked
    const session = await sessions.open({ userId: user.id, via: 'password', hash }, placeOf(request))
    if (!session) throw new BellwireError('forbidden', NOT_SIGNED_IN)
    const known = browsers.give(checked, request.headers.cookie)
    void reply.header('set-cookie', [cookie.give(session.token), known])
    return show(session)
  }

  /** Makes a user, or gives one a password, and records it. A link that is not valid leaves no entry. */
  async function record(
    request: FastifyRequest,
    token: string,
    accept: () => Promise<CheckedPassword>,
  ): Promise<CheckedPassword> {
    const { kind, email } = await userLinks.check(token)
    const name = kind === 'invitation' ? 'Invitation' : 'Password reset'
    const intent = {
      ...recordedAs(request),
      actor: { type: 'link' as const, id: null, name },
      object: { kind: 'user', id: null, name: email },
    }
    return recordChange(auditLog, intent, async () => {
      const result = await accept()
      const { id, name: userName } = result.user
      return { result, object: { kind: 'user', id, name: userName } }
    })
  }

  return (app, _options, done) => {
    limitFailures(app, 'sign_in', refuseFailure)
    app.post(
      '/api/user_links/check',
      {
        schema: {
          operationId: 'checkUserLink',
          tags: ['People'],
          summary: 'Get the details of an invitation or a password reset',
          description: 'The link is not used up.',
          security: [],
          body: CheckUserLink,
          response: { 200: json('The link', UserLink), ...COMMON },
        },
      },
      async ({ body }) => {
        const { kind, email, role, expiresAt } = await userLinks.check(body.token)
        return { kind, email, role, expires_at: expiresAt.toISOString() }
      },
    )

    app.post(
      '/api/invitations/accept',
      {
        schema: {
          operationId: 'acceptInvitation',
          tags: ['People'],
          summary: 'Accept an invitation',
          description: 'Creates the user, and signs in: the response sets the session cookie.',
          security: [],
          body: AcceptInvitation,
          response: { 200: json('The session', Session), ...COMMON, ...problems(409) },
        },
      },
      async (request, reply) => {
        refuseOtherSites(request, publicUrl)
        const { token, name, password } = request.body
        const address = clientAddress(request.ip)
        const checked = await record(request, token, () =>
          userLinks.acceptInvitation(token, { name, password, address }),
        )
        return signIn(request, reply, checked)
      },
    )

    app.post(
      '/api/password_resets/accept',
      {
        schema: {
          operationId: 'acceptPasswordReset',
          tags: ['People'],
          summary: 'Set a new password with a link',
          description: 'Ends all sessions of the user, and signs in: the response sets the session cookie.',
          security: [],
          body: AcceptPasswordReset,
          response: { 200: json('The session', Session), ...COMMON },
        },
      },
      async (request, reply) => {
        refuseOtherSites(request, publicUrl)
        const { token, password } = request.body
        const address = clientAddress(request.ip)
        const accept = () => userLinks.acceptReset(token, { password, address })
        return signIn(request, reply, await record(request, token, accept))
      },
    )
    done()
  }
}
