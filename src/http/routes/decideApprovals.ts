import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { ApprovalLinkKeys } from '../../auth/approvalLinks.ts'
import type { Authenticate } from '../../auth/authenticate.ts'
import { Approval, Approve, Deny, type DecidedVia } from '../../contract/approval.ts'
import { bearerKey } from '../../contract/bearer.ts'
import { isSameJson, toPlainNumbers } from '../../contract/exactJson.ts'
import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { BellwireError, type FieldError } from '../../errors.ts'
import { readApproval, type Approval as Found } from '../../tasks/approvals/approvals.ts'
import { decideApproval, type PersonsDecision } from '../../tasks/approvals/decideApproval.ts'
import { answerOfForm, takeApprovalForms } from '../pages/approvalForm.ts'
import { approvalPage } from '../pages/approvalPage.ts'
import type { LinkKind } from '../../telemetry/bearerLinks.ts'
import { hiddenLinks } from '../plumbing/linkMask.ts'
import { maskForOperators } from '../plumbing/maskResponses.ts'
import { admitOperator, findOperator } from '../plumbing/operators.ts'
import { restoreLinks } from '../plumbing/restoreLinks.ts'
import { sendVerbatim } from '../plumbing/sendVerbatim.ts'
import { showApproval } from '../plumbing/showApproval.ts'
import { json } from '../openapi/responses.ts'
import { problems } from '../problems/problem.ts'

const ApprovalParams = z.object({ id: z.string() })
const LinkQuery = z.object({
  key: z
    .string()
    .optional()
    .meta({ description: "The key from the approval's links, instead of an API key" }),
})

/** The errors of a value against a JSON Schema, with pointers into the value. */
export type FindMismatches = (schema: Record<string, unknown>, value: unknown) => Promise<FieldError[]>

const SECURITY = [{ apiKey: [] }, { session: [] }, { approvalLink: [] }]
const COMMON = problems(401, 403, 404, 429, 500, 503)

/** `/api/approvals/{id}/approve` and `/deny`: decisions and answers, with a key or with a signed link. */
export function decideApprovalRoutes({
  db,
  signals,
  authenticate,
  links,
  findMismatches,
}: {
  db: Database
  signals: Signals
  authenticate: Authenticate
  links: ApprovalLinkKeys
  findMismatches: FindMismatches
}): FastifyPluginCallbackZod {
  /** Who decides, as `decideApproval` wants it. */
  function deciderOf(request: FastifyRequest): Pick<PersonsDecision, 'decidedBy' | 'via'> {
    const operator = findOperator(request)
    if (!operator) return { decidedBy: undefined, via: 'link' }
    const via: DecidedVia = bearerKey(request.headers) === undefined ? 'console' : 'api'
    const id = operator.userId ?? operator.keyId
    return { decidedBy: id === undefined ? undefined : { id, name: operator.name }, via }
  }

  /** Sends what a decision has made of an approval: to a form as a page. */
  async function decide(request: Decided, reply: FastifyReply, decision: PersonsDecision) {
    const { approval, changed } = await decideApproval({ db, signals }, request.params.id, decision)
    return changed ? send(request, reply, approval) : refuse(request, reply, approval)
  }

  function send(request: Decided, reply: FastifyReply, approval: Found) {
    return request.approvalForm
      ? sendVerbatim(reply, approvalPage(approval, { key: undefined }))
      : showApproval(approval, links.make)
  }

  function refuse(request: Decided, reply: FastifyReply, approval: Found) {
    if (request.approvalForm)
      return sendVerbatim(reply, { ...approvalPage(approval, { key: undefined }), status: 409 })
    throw new BellwireError('already_decided', SAID[approval.state], {
      extensions: { approval: showApproval(approval, links.make) },
    })
  }

  /** The errors of arguments or an answer, pointing into the body. */
  async function mismatches(approval: Found, args: Record<string, unknown>): Promise<FieldError[]> {
    return (await findMismatches(approval.parameters, toPlainNumbers(args))).map(({ pointer, detail }) => ({
      pointer: `/arguments${pointer}`,
      detail,
    }))
  }

  return (app, _options, done) => {
    takeApprovalForms(app)
    maskForOperators(app)
    app.addHook('onRequest', async (request) => {
      const key = keyOf(request)
      if (key === undefined) return void (await admitOperator(request, authenticate))
      const { id } = request.params as z.infer<typeof ApprovalParams>
      if (!links.verify(id, key)) throw new BellwireError('link_invalid', LINK_INVALID)
    })

    for (const action of ['approve', 'deny'] as const) {
      app.get(
        `/api/approvals/:id/${action}`,
        {
          schema: {
            operationId: action === 'approve' ? 'askToApprove' : 'askToDeny',
            tags: ['Approvals'],
            summary: 'Show the page where a person decides or answers; changes nothing',
            security: SECURITY,
            params: ApprovalParams,
            querystring: LinkQuery,
            produces: ['text/html'],
            response: { 200: z.string(), ...COMMON },
          },
        },
        async ({ params, query }, reply) =>
          sendVerbatim(reply, approvalPage(await readApproval(db, params.id), { key: query.key })),
      )
    }

    app.post(
      '/api/approvals/:id/approve',
      {
        config: { exactNumbers: true },
        schema: {
          operationId: 'approve',
          tags: ['Approvals'],
          summary: 'Approve a call, or answer a question',
          description:
            'Send "arguments" to replace the model\'s, which is then informed, or to answer a question. ' +
            'The first decision counts: ' +
            'later ones get 409 with the current approval. ' +
            'The page behind a link posts a form instead and gets a page.',
          security: SECURITY,
          params: ApprovalParams,
          querystring: LinkQuery,
          body: Approve.prefault({}),
          response: {
            200: json('The decided approval', Approval),
            ...COMMON,
            ...problems(400, 409, 413, 415, 422),
          },
        },
      },
      async (request, reply) => {
        const { params, body, approvalForm: form } = request
        const approval = await readApproval(db, params.id)
        if (approval.state !== 'waiting') return refuse(request, reply, approval)
        const isQuestion = approval.question !== null
        const sent = isQuestion && form ? answerOfForm(form, approval.parameters) : body.arguments
        const given = restoreLinks(sent, approval.arguments, maskedFor(request), '/arguments')
        const args = given ?? suggestionOf(approval)
        const errors = args ? await mismatches(approval, args) : []
        if (errors.length > 0) {
          if (form)
            return sendVerbatim(
              reply,
              approvalPage(approval, { key: request.query.key, complaint: complaintOf(errors) }),
            )
          throw new BellwireError('schema_invalid', isQuestion ? ANSWER_INVALID : ARGUMENTS_INVALID, {
            errors,
          })
        }
        // Arguments sent back unchanged do not count as an edit.
        const isEdited = given && !isSameJson(given, approval.arguments)
        const editedArguments = isEdited ? given : undefined
        return decide(request, reply, { state: 'approved', editedArguments, ...deciderOf(request) })
      },
    )

    app.post(
      '/api/approvals/:id/deny',
      {
        schema: {
          operationId: 'deny',
          tags: ['Approvals'],
          summary: 'Deny a call, or decline to answer a question',
          description:
            'The model is informed, with the reason if there is one, and continues; a question is declined. ' +
            'The first decision counts: ' +
            'later ones get 409 with the current approval. ' +
            'The page behind a link posts a form instead and gets a page.',
          security: SECURITY,
          params: ApprovalParams,
          querystring: LinkQuery,
          body: Deny.prefault({}),
          response: {
            200: json('The decided approval', Approval),
            ...COMMON,
            ...problems(400, 409, 413, 415, 422),
          },
        },
      },
      async (request, reply) => {
        const { approvalForm: form, body } = request
        const written = form ? Deny.parse({ reason: form.get('reason') ?? undefined }) : body
        const reason = written.reason || undefined
        return decide(request, reply, { state: 'denied', reason, ...deciderOf(request) })
      },
    )
    done()
  }
}

type Decided = FastifyRequest<{ Params: z.infer<typeof ApprovalParams> }>

/** What the reader was not shown: those who have a link see everything that they decide on. */
function maskedFor(request: FastifyRequest): readonly LinkKind[] {
  return findOperator(request) ? hiddenLinks(request) : []
}

/** The key of a link, before the query is checked. */
function keyOf({ query }: Pick<FastifyRequest, 'query'>): string | undefined {
  const { key } = Object(query) as { key?: unknown }
  return key === undefined || typeof key === 'string' ? key : ''
}

/** What is wrong with an answer, for the person who gave it. */
function complaintOf(errors: FieldError[]): string {
  const said = errors.map(
    ({ pointer, detail }) => `${pointer.replace(/^\/arguments\/?/, '') || 'The answer'} ${detail}`,
  )
  return `${said.join('; ')}.`
}

/** The answer to a question when a person gives none. */
function suggestionOf({ question, arguments: suggested }: Found): Record<string, unknown> | undefined {
  return question === null ? undefined : Object(suggested)
}

const LINK_INVALID = 'This link is invalid or has expired. List approvals for a new one, or use an API key.'
const ARGUMENTS_INVALID = 'The arguments do not match the parameters of the tool.'
const ANSWER_INVALID = 'The answer does not match the schema of the question: give it in "arguments".'

const SAID: Record<Found['state'], string> = {
  waiting: 'This call cannot be decided right now.',
  approved: 'This call has already been approved.',
  denied: 'This call has already been denied.',
  expired: 'This call was not decided in time, so it was denied.',
  cancelled: 'The task of this call was cancelled.',
}
