import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { UserLink, UserLinks } from '../../auth/users/userLinks.ts'
import { CreatedInvitation, Invitation, NewInvitation } from '../../contract/invitation.ts'
import { Id } from '../../contract/name.ts'
import { PageQuery, pageOf } from '../../contract/page.ts'
import { empty, json } from '../openapi/responses.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import type { MailUserLink } from '../plumbing/mailUserLink.ts'
import { operatorOf } from '../plumbing/operators.ts'
import { invitationUrl } from '../plumbing/userLinkUrls.ts'
import { problems } from '../problems/problem.ts'

/** `/api/invitations`: links with which people become users. */
export function invitationRoutes({
  userLinks,
  mailUserLink,
  publicUrl,
}: {
  userLinks: Pick<UserLinks, 'invite' | 'listInvitations' | 'deleteInvitation'>
  mailUserLink: MailUserLink
  publicUrl: string
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.post(
      '/api/invitations',
      {
        schema: {
          operationId: 'createInvitation',
          tags: ['People'],
          summary: 'Invite somebody',
          description:
            'Returns a link that works once, for seven days, and sends it to the person if a mail server is configured: ' +
            '`mail` says whether it was sent. Inviting the same address again replaces the link. The link stops working when the ' +
            'user or the key that created it is removed or is no longer an owner.',
          body: NewInvitation,
          response: { 201: json('The invitation', CreatedInvitation), ...problems(400, 409, 413, 415, 422) },
        },
      },
      async (request, reply) => {
        const { token, ...invitation } = await userLinks.invite(request.body, operatorOf(request))
        const url = invitationUrl(publicUrl, token)
        const mail = await mailUserLink(invitation, url)
        return reply.code(201).send({ ...show(invitation), url, mail })
      },
    )

    app.get(
      '/api/invitations',
      {
        schema: {
          operationId: 'listInvitations',
          tags: ['People'],
          summary: 'List invitations that nobody has accepted, newest first',
          querystring: PageQuery,
          response: { 200: json('A page of invitations', pageOf(Invitation)), ...problems(422) },
        },
      },
      async ({ query }) => showPage(await userLinks.listInvitations(pageRequest(query)), show),
    )

    app.delete(
      '/api/invitations/:id',
      {
        schema: {
          operationId: 'deleteInvitation',
          tags: ['People'],
          summary: 'Delete an invitation',
          description: 'Its link stops working.',
          params: z.object({ id: Id }),
          response: { 204: empty('Deleted'), ...problems(404) },
        },
      },
      async ({ params }, reply) => {
        await userLinks.deleteInvitation(params.id)
        return reply.code(204).send()
      },
    )
    done()
  }
}

function show({ id, email, role, createdBy, createdAt, expiresAt }: UserLink): Invitation {
  return {
    id,
    email,
    role,
    created_by: createdBy,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  }
}
