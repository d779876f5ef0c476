import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Authenticate } from '../../auth/authenticate.ts'
import { Approval, ApprovalList, ApprovalListQuery, Approve, Deny } from '../../contract/approval.ts'
import { isSameJson, toPlainNumbers } from '../../contract/exactJson.ts'
import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { BellwireError, type FieldError } from '../../errors.ts'
import { listApprovals, readApproval, type Approval as Found } from '../../tasks/approvals/approvals.ts'
import { decideApproval, type PersonsDecision } from '../../tasks/approvals/decideApproval.ts'
import { checkAgentId } from '../plumbing/checkAgentId.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { problems } from '../problems/problem.ts'
import { json } from '../openapi/responses.ts'
import { showApproval } from '../plumbing/showApproval.ts'

const ApprovalParams = z.object({ id: z.string() })

/** The errors of a value against a JSON Schema, with pointers into the value. */
export type FindMismatches = (schema: Record<string, unknown>, value: unknown) => Promise<FieldError[]>

/** `/api/approvals`: calls that wait for approval, and decisions about them. */
export function approvalRoutes({
  db,
  signals,
  authenticate,
  findMismatches,
}: {
  db: Database
  signals: Signals
  authenticate: Authenticate
  findMismatches: FindMismatches
}): FastifyPluginCallbackZod {
  async function decide(id: string, decision: PersonsDecision) {
    const { approval, changed } = await decideApproval({ db, signals }, id, decision)
    if (!changed) throw alreadyDecided(approval)
    return showApproval(approval)
  }

  /** @throws BellwireError `schema_invalid`, pointing into the body */
  async function checkArguments(approval: Found, args: Record<string, unknown>): Promise<void> {
    const errors = (await findMismatches(approval.parameters, toPlainNumbers(args))).map(
      ({ pointer, detail }) => ({
        pointer: `/arguments${pointer}`,
        detail,
      }),
    )
    if (errors.length > 0) {
      const detail =
        approval.question === null
          ? 'The arguments do not match the parameters of the tool.'
          : 'The answer does not match the schema of the question: give it in "arguments".'
      throw new BellwireError('schema_invalid', detail, { errors })
    }
  }

  return (app, _options, done) => {
    app.get(
      '/api/approvals',
      {
        schema: {
          operationId: 'listApprovals',
          tags: ['Approvals'],
          summary: 'List approvals, newest first',
          querystring: ApprovalListQuery,
          response: { 200: json('A page of approvals', ApprovalList), ...problems(404, 422) },
        },
      },
      async ({ query }) => {
        checkAgentId(query)
        const filter = { state: query.state, agentId: query.agent_id }
        return showPage(await listApprovals(db, { ...filter, ...pageRequest(query) }), showApproval)
      },
    )

    app.get(
      '/api/approvals/:id',
      {
        schema: {
          operationId: 'getApproval',
          tags: ['Approvals'],
          summary: 'Get an approval',
          params: ApprovalParams,
          response: { 200: json('The approval', Approval), ...problems(404) },
        },
      },
      async ({ params }) => showApproval(await readApproval(db, params.id)),
    )

    app.post(
      '/api/approvals/:id/approve',
      {
        config: { exactNumbers: true },
        schema: {
          operationId: 'approve',
          tags: ['Approvals'],
          summary: 'Approve a call',
          description:
            'Send "arguments" to replace those of the model, which is informed, or to answer a question. ' +
            'The first decision counts: ' +
            'later ones get 409 with the current approval.',
          params: ApprovalParams,
          body: Approve.prefault({}),
          response: {
            200: json('The decided approval', Approval),
            ...problems(400, 404, 409, 413, 415, 422),
          },
        },
      },
      async (request) => {
        const { params, body } = request
        const approval = await readApproval(db, params.id)
        if (approval.state !== 'waiting') throw alreadyDecided(approval)
        const args = body.arguments ?? suggestionOf(approval)
        if (args) await checkArguments(approval, args)
        const { keyId } = await authenticate(request)
        // Arguments sent back unchanged do not count as an edit.
        const isEdited = body.arguments && !isSameJson(body.arguments, approval.arguments)
        const editedArguments = isEdited ? body.arguments : undefined
        return decide(params.id, { state: 'approved', editedArguments, decidedBy: keyId })
      },
    )

    app.post(
      '/api/approvals/:id/deny',
      {
        schema: {
          operationId: 'deny',
          tags: ['Approvals'],
          summary: 'Deny a call',
          description:
            'The model is informed, with the reason if there is one, and continues; a question is declined. ' +
            'The first decision counts: ' +
            'later ones get 409 with the current approval.',
          params: ApprovalParams,
          body: Deny.prefault({}),
          response: {
            200: json('The decided approval', Approval),
            ...problems(400, 404, 409, 413, 415, 422),
          },
        },
      },
      async (request) => {
        const { keyId } = await authenticate(request)
        const reason = request.body.reason || undefined
        return decide(request.params.id, { state: 'denied', reason, decidedBy: keyId })
      },
    )
    done()
  }
}

/** The answer to a question when a person gives none. */
function suggestionOf({ question, arguments: suggested }: Found): Record<string, unknown> | undefined {
  return question === null ? undefined : Object(suggested)
}

const SAID: Record<Found['state'], string> = {
  waiting: 'This call cannot be decided right now.',
  approved: 'This call has already been approved.',
  denied: 'This call has already been denied.',
  expired: 'This call was not decided in time, so it was denied.',
  cancelled: 'The task of this call was cancelled.',
}

function alreadyDecided(approval: Found): BellwireError {
  return new BellwireError('already_decided', SAID[approval.state], {
    extensions: { approval: showApproval(approval) },
  })
}
