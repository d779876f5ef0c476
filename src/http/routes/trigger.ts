import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { callbackify } from 'node:util'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { IgnoredAnswer, TriggerAnswer } from '../../contract/trigger.ts'
import type { Answer } from '../../ingress/outcome.ts'
import type { IsSignedIn } from '../../auth/isSignedIn.ts'
import type { OptionsRequest } from '../../ingress/answerOptions.ts'
import type { Receive } from '../../ingress/receive.ts'
import type { Unreceived } from '../../ingress/recordUnreceived.ts'
import type { TaskFeed } from '../../tasks/follow/taskFeed.ts'
import { publicStatus } from '../../tasks/views/publicStatus.ts'
import type { TaskStatuses } from '../../tasks/views/statuses.ts'
import { waitForEnd } from '../../tasks/follow/waitForEnd.ts'
import { letGoOfBody, mayBeLarge } from '../plumbing/limitBodies.ts'
import type { RefuseFailure } from '../plumbing/limitFailures.ts'
import { skipSerialization } from '../plumbing/skipSerialization.ts'
import { preferredWait, prefersStream } from '../plumbing/prefer.ts'
import { readStartKey } from '../plumbing/startPage.ts'
import { vary } from '../plumbing/vary.ts'
import { outcomeOfError, outcomeOfRequest, type NoteOutcome } from '../plumbing/webhookOutcome.ts'
import { toKnownError } from '../problems/knownError.ts'
import { problems } from '../problems/problem.ts'
import type { MakeTaskLinks } from '../plumbing/taskLinks.ts'

const URL = '/api/webhooks/agents/:token'
const Params = z.object({ token: z.string() })

/** `POST | GET /api/webhooks/agents/{token}`: starts the agent. HEAD says whether the URL is good, and starts nothing. */
export function triggerRoutes({
  receive,
  checkToken,
  answerOptions,
  isSignedIn,
  maxBodyBytes,
  links,
  statuses,
  taskFeed,
  refuseFailure,
  recordUnreceived,
  noteOutcome,
}: {
  receive: Receive
  checkToken: (token: string) => Promise<void>
  answerOptions: (request: OptionsRequest) => Promise<Answer | undefined>
  isSignedIn: IsSignedIn
  maxBodyBytes: number
  links: MakeTaskLinks
  statuses: TaskStatuses
  taskFeed: TaskFeed
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
            'the same key returns the same task. With Prefer: wait=SECONDS the response has the result, if it is ready in time. ' +
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
          const wait = preferredWait(request.headers.prefer)
          // A link on any page can send a GET.
          const isVerified = method === 'POST' && isSignedIn(request)
          const outcome = await receive({
            token: request.params.token,
            method,
            ...splitUrl(request),
            ...contentOf(request),
            interactive: wait !== undefined,
            streamed: prefersStream(request.headers.prefer),
            senderVerified: typeof isVerified === 'boolean' ? isVerified : await isVerified,
            traceParent: request.traceParent,
            addHeaders: (headers) => void reply.headers(headers),
            takeRoom: (bytes) => request.bodyLease?.grow(bytes) ?? true,
          })
          letGoOfBody(request)
          noteOutcome(request, outcomeOfRequest(outcome))
          if (outcome.kind === 'rejected') throw outcome.error
          if (outcome.kind === 'answered') return sendAnswer(reply, outcome.answer)
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
          const [taskId] = outcome.taskIds
          const answer = {
            success: true as const,
            task_id: taskId,
            ...(outcome.isBatch ? { task_ids: outcome.taskIds } : undefined),
            ...(outcome.kind === 'joined' ? { joined: true as const } : undefined),
            links: links(taskId),
          }
          if (wait === undefined) return answer
          reply.header('preference-applied', `wait=${wait}`)
          vary(reply, 'Prefer')
          const task = await waitForEnd({ statuses, taskFeed }, taskId, wait * 1000)
          return task ? { ...answer, ...publicStatus(task) } : answer
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
        ? sendAnswer(reply, answer)
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

/** Sends what a provider waits for, as it is: browsers must not take it for a page of ours. */
function sendAnswer(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  const all = { 'x-content-type-options': 'nosniff', ...headers }
  if (status !== 204) return reply.code(status).headers(all).serializer(identity).send(body)
  // Fastify takes the content type out of a 204, and Discord insists on one.
  void reply.code(status).headers(all).hijack()
  reply.raw.writeHead(status, reply.getHeaders() as OutgoingHttpHeaders).end()
  return reply
}

function identity(text: string): string {
  return text
}

/** Bodies are kept and checked as they were received, whatever their type says. */
function takeBodiesAsBytes(
  app: Pick<FastifyInstance, 'removeAllContentTypeParsers' | 'addContentTypeParser'>,
): void {
  app.removeAllContentTypeParsers()
  // The usual type by its name: for types that only '*' matches, Fastify parses the header on each request.
  for (const type of ['application/json', '*']) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  }
}
