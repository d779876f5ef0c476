import type { IncomingHttpHeaders } from 'node:http'
import { callbackify } from 'node:util'
import type { FastifyError, FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { IgnoredAnswer, TriggerAnswer } from '../../contract/trigger.ts'
import type { Answer } from '../../ingress/outcome.ts'
import type { IsSignedIn } from '../../auth/isSignedIn.ts'
import type { OptionsRequest } from '../../ingress/answerOptions.ts'
import type { Receive } from '../../ingress/receive.ts'
import type { Unreceived } from '../../ingress/rejections/recordUnreceived.ts'
import { letGoOfBody, mayBeLarge } from '../bodies/limitBodies.ts'
import type { RefuseFailure } from '../plumbing/limitFailures.ts'
import { skipSerialization } from '../plumbing/skipSerialization.ts'
import { preferredWait, prefersStream } from '../plumbing/prefer.ts'
import type { RespondToTrigger } from '../plumbing/respondToTrigger.ts'
import { sendVerbatim } from '../plumbing/sendVerbatim.ts'
import { takeBodiesAsBytes } from '../bodies/takeBodiesAsBytes.ts'
import { readStartKey } from '../pages/startPage.ts'
import { outcomeOfError, outcomeOfRequest, type NoteOutcome } from '../plumbing/webhookOutcome.ts'
import { toKnownError } from '../problems/knownError.ts'
import { problems } from '../problems/problem.ts'

const URL = '/api/webhooks/agents/:token'
const Params = z.object({ token: z.string() })

/** `POST | GET /api/webhooks/agents/{token}`: starts the agent. HEAD says whether the URL is good, and starts nothing. */
export function triggerRoutes({
  receive,
  checkToken,
  answerOptions,
  isSignedIn,
  maxBodyBytes,
  respond,
  refuseFailure,
  recordUnreceived,
  noteOutcome,
}: {
  receive: Receive
  checkToken: (token: string) => Promise<void>
  answerOptions: (request: OptionsRequest) => Promise<Answer | undefined>
  isSignedIn: IsSignedIn
  maxBodyBytes: number
  respond: RespondToTrigger
  refuseFailure: RefuseFailure
  /** Records a request that was refused before it was received. */
  recordUnreceived: (request: Unreceived) => Promise<void>
  noteOutcome: NoteOutcome
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.setErrorHandler<FastifyError, { Params: z.infer<typeof Params> }>(async (error, request) => {
      const { method, headers, params } = request
      // What was received has its outcome, and is recorded already.
      if ((method === 'GET' || method === 'POST') && !request.webhookOutcome) {
        const known = toKnownError(error)
        const { code, message: detail } = known
        noteOutcome(request, outcomeOfError(known))
        await recordUnreceived({
          token: params.token,
          method,
          headers,
          search: splitUrl(request).search,
          code,
          detail,
        })
      }
      return refuseFailure('webhook_token', request.ip, error)
    })
    takeBodiesAsBytes(app)
    const refuseUnknown = callbackify(checkToken)
    for (const method of ['GET', 'POST'] as const) {
      app.route({
        method,
        url: URL,
        config: { crossOrigin: true },
        serializerCompiler: skipSerialization,
        schema: {
          operationId: method === 'POST' ? 'trigger' : 'triggerByQuery',
          tags: ['Trigger'],
          summary:
            method === 'POST' ? 'Start an agent with a JSON body' : 'Start an agent with a query string',
          description:
            'The task is on disk when the response arrives. Send an Idempotency-Key to retry safely: within 24 hours ' +
            'the same key returns the same task. With Prefer: wait=SECONDS the response has the result, if it is ready in time; ' +
            "the webhook's respond setting can make every response wait and change its form. X-Bellwire-Delay (seconds, or a " +
            'time) starts the task later; X-Bellwire-Callback sets where its outcome is sent. ' +
            "With Prefer: stream the task events include the model's text from the first word.",
          security: [],
          params: Params,
          ...(method === 'POST' ? { consumes: ['application/json'] } : {}),
          response: {
            200: z.union([TriggerAnswer, IgnoredAnswer]),
            ...problems(400, 401, 404, 405, 413, 415, 422, 429, 503),
          },
        },
        bodyLimit: maxBodyBytes,
        onRequest(request, _reply, done) {
          // No memory is reserved for a large body that will be refused.
          if (!mayBeLarge(request)) return done()
          refuseUnknown(request.params.token, (error) => done(error ?? undefined))
        },
        async handler(request, reply) {
          const preferred = preferredWait(request.headers.prefer)
          // A link on any page can send a GET.
          const isVerified = method === 'POST' && isSignedIn(request)
          const outcome = await receive({
            token: request.params.token,
            method,
            ...splitUrl(request),
            ...contentOf(request),
            interactive: preferred === undefined ? undefined : preferred > 0,
            streamed: prefersStream(request.headers.prefer),
            senderVerified: typeof isVerified === 'boolean' ? isVerified : await isVerified,
            traceParent: request.traceParent,
            addHeaders: (headers) => void reply.headers(headers),
            takeRoom: (bytes) => request.bodyLease?.grow(bytes) ?? true,
          })
          const keepsPayload = 'responder' in outcome && outcome.responder?.holdsPayload
          if (!keepsPayload) letGoOfBody(request)
          noteOutcome(request, outcomeOfRequest(outcome))
          if (outcome.kind === 'rejected') throw outcome.error
          if (outcome.kind === 'answered') return sendVerbatim(reply, outcome.answer)
          if (outcome.kind === 'ignored') {
            const { reason, taskId } = outcome
            return {
              success: true as const,
              ignored: true as const,
              reason,
              ...(taskId === undefined ? {} : { task_id: taskId }),
            }
          }
          if (outcome.kind === 'duplicate') reply.header('idempotency-replayed', 'true')
          return respond(request, reply, outcome, preferred)
        },
      })
    }

    // Senders and monitors check a URL like this.
    app.head(
      URL,
      { config: { crossOrigin: true }, schema: { hide: true, params: Params } },
      async (request, reply) => {
        await checkToken(request.params.token)
        return reply.send()
      },
    )
    app.options(URL, { schema: { hide: true, params: Params } }, async (request, reply) => {
      const { token } = request.params
      const answer = await answerOptions({ token, ...splitUrl(request), headers: request.headers })
      return answer
        ? sendVerbatim(reply, answer)
        : reply.code(204).header('allow', 'POST, GET, HEAD, OPTIONS').send()
    })
    done()
  }
}

/**
 * The headers and the body. The button of the page that asks sends only an idempotency key, so that a double click
 * starts one task: the query is the payload.
 */
function contentOf({ headers, body }: Pick<FastifyRequest, 'headers' | 'body'>): {
  headers: IncomingHttpHeaders
  body: Buffer | undefined
} {
  if (!Buffer.isBuffer(body)) return { headers, body: undefined }
  const key = readStartKey(headers['content-type'], body)
  if (key === undefined) return { headers, body }
  return { headers: { 'idempotency-key': key, ...headers }, body: body.subarray(0, 0) }
}

/** The path of a URL, and its query string without the question mark. */
function splitUrl({ raw: { url = '' } }: Pick<FastifyRequest, 'raw'>): { path: string; search: string } {
  const mark = url.indexOf('?')
  return mark < 0 ? { path: url, search: '' } : { path: url.slice(0, mark), search: url.slice(mark + 1) }
}
