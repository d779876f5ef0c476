import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { User as StoredUser } from '../../auth/users/userRow.ts'
import type { UserLinks } from '../../auth/users/userLinks.ts'
import type { Users } from '../../auth/users/users.ts'
import { PasswordResetLink } from '../../contract/invitation.ts'
import { Id } from '../../contract/name.ts'
import { PageQuery, pageOf } from '../../contract/page.ts'
import { NewUser, User, UserPatch } from '../../contract/user.ts'
import { empty, json } from '../openapi/responses.ts'
import { clientAddress } from '../plumbing/clientAddress.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import type { MailUserLink } from '../plumbing/mailUserLink.ts'
import { operatorOf } from '../plumbing/operators.ts'
import { resetUrl } from '../plumbing/userLinkUrls.ts'
import { problems } from '../problems/problem.ts'

const UserParams = z.object({ id: Id })

/** `/api/users`: the people who sign in by name, and their roles. */
export function userRoutes({
  users,
  userLinks,
  mailUserLink,
  publicUrl,
}: {
  users: Users
  userLinks: Pick<UserLinks, 'resetPassword'>
  mailUserLink: MailUserLink
  publicUrl: string
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.post(
      '/api/users',
      {
        schema: {
          operationId: 'createUser',
          tags: ['People'],
          summary: 'Create a user',
          description:
            'To let people choose their own password, send them an invitation instead: POST /api/invitations.',
          body: NewUser,
          response: { 201: json('The new user', User), ...problems(400, 409, 413, 415, 422) },
        },
      },
      async ({ body, ip }, reply) => {
        const user = await users.create(body, clientAddress(ip))
        return reply.code(201).header('location', `/api/users/${user.id}`).send(showUser(user))
      },
    )

    app.get(
      '/api/users',
      {
        schema: {
          operationId: 'listUsers',
          tags: ['People'],
          summary: 'List users, newest first',
          querystring: PageQuery,
          response: { 200: json('A page of users', pageOf(User)), ...problems(422) },
        },
      },
      async ({ query }) => showPage(await users.list(pageRequest(query)), showUser),
    )

    app.get(
      '/api/users/:id',
      {
        schema: {
          operationId: 'getUser',
          tags: ['People'],
          summary: 'Get a user',
          params: UserParams,
          response: { 200: json('The user', User), ...problems(404) },
        },
      },
      async ({ params }) => showUser(await users.get(params.id)),
    )

    app.patch(
      '/api/users/:id',
      {
        schema: {
          operationId: 'updateUser',
          tags: ['People'],
          summary: 'Change the name or the role of a user, or disable the user',
          description:
            'A role applies from the next request on. Disabling a user ends their sessions. Invitations and password links ' +
            'that the user has created stop working, unless the user is still an owner. The last owner cannot be ' +
            'demoted or disabled.',
          params: UserParams,
          body: UserPatch,
          response: { 200: json('The user', User), ...problems(400, 404, 409, 413, 415, 422) },
        },
      },
      async ({ params, body }) => showUser(await users.update(params.id, body)),
    )

    app.delete(
      '/api/users/:id',
      {
        schema: {
          operationId: 'deleteUser',
          tags: ['People'],
          summary: 'Delete a user',
          description:
            'Ends the sessions of the user. Invitations and password links that the user has created stop working. The ' +
            'last owner cannot be deleted.',
          params: UserParams,
          response: { 204: empty('Deleted'), ...problems(404, 409) },
        },
      },
      async ({ params }, reply) => {
        await users.delete(params.id)
        return reply.code(204).send()
      },
    )

    app.post(
      '/api/users/:id/password_reset',
      {
        schema: {
          operationId: 'resetPassword',
          tags: ['People'],
          summary: 'Create a link for a user to set a new password',
          description:
            'The current password works until the link is used. A new link replaces the previous one. If a mail server is ' +
            'configured, the link is also sent to the user: `mail` says whether it was.',
          params: UserParams,
          response: { 201: json('The link', PasswordResetLink), ...problems(404) },
        },
      },
      async (request, reply) => {
        const { token, ...link } = await userLinks.resetPassword(request.params.id, operatorOf(request))
        const url = resetUrl(publicUrl, token)
        const mail = await mailUserLink(link, url)
        return reply.code(201).send({ url, expires_at: link.expiresAt.toISOString(), mail })
      },
    )
    done()
  }
}

function showUser({ hasPassword, hasSingleSignOn, createdAt, lastSignInAt, ...user }: StoredUser): User {
  return {
    ...user,
    has_password: hasPassword,
    has_single_sign_on: hasSingleSignOn,
    created_at: createdAt.toISOString(),
    last_sign_in_at: lastSignInAt?.toISOString() ?? null,
  }
}
