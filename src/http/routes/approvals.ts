import type { FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { MakeApprovalLinks } from '../../auth/approvalLinks.ts'
import { Approval, ApprovalList, ApprovalListQuery } from '../../contract/approval.ts'
import type { Database } from '../../db/database.ts'
import { listApprovals, readApproval } from '../../tasks/approvals/approvals.ts'
import { checkAgentId } from '../plumbing/checkAgentId.ts'
import { mayAct } from '../plumbing/operators.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { problems } from '../problems/problem.ts'
import { json } from '../openapi/responses.ts'
import { showApproval } from '../plumbing/showApproval.ts'

const ApprovalParams = z.object({ id: z.string() })

/** `/api/approvals`: calls that wait for approval, and questions that wait for an answer. */
export function approvalRoutes({
  db,
  links,
}: {
  db: Database
  links: MakeApprovalLinks
}): FastifyPluginCallbackZod {
  const linksFor = (request: FastifyRequest) => (mayAct(request, 'approver') ? links : undefined)

  return (app, _options, done) => {
    app.get(
      '/api/approvals',
      {
        schema: {
          operationId: 'listApprovals',
          tags: ['Approvals'],
          summary: 'List approvals and questions, newest first',
          querystring: ApprovalListQuery,
          response: { 200: json('A page of approvals', ApprovalList), ...problems(404, 422) },
        },
      },
      async (request) => {
        const { query } = request
        checkAgentId(query)
        const filter = { state: query.state, agentId: query.agent_id }
        const page = await listApprovals(db, { ...filter, ...pageRequest(query) })
        return showPage(page, (approval) => showApproval(approval, linksFor(request)))
      },
    )

    app.get(
      '/api/approvals/:id',
      {
        schema: {
          operationId: 'getApproval',
          tags: ['Approvals'],
          summary: 'Get an approval or a question',
          params: ApprovalParams,
          response: { 200: json('The approval', Approval), ...problems(404) },
        },
      },
      async (request) => showApproval(await readApproval(db, request.params.id), linksFor(request)),
    )
    done()
  }
}
