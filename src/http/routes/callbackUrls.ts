import type { FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { CallbackUrlAnswer } from '../../contract/callbackUrl.ts'
import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { BellwireError } from '../../errors.ts'
import { expandBody } from '../../ingress/payload/contentEncoding.ts'
import { parseQuery } from '../../ingress/payload/parseQuery.ts'
import { readPayload } from '../../ingress/payload/readPayload.ts'
import type { CallbackTokens } from '../../tasks/callbackUrls/callbackTokens.ts'
import {
  readCallbackState,
  receiveCallback,
  type IncomingCall,
} from '../../tasks/callbackUrls/receiveCallback.ts'
import { callPage, calledPage } from '../pages/callPage.ts'
import { limitFailures, type RefuseFailure } from '../plumbing/limitFailures.ts'
import { json } from '../openapi/responses.ts'
import { problems } from '../problems/problem.ts'
import { sendVerbatim } from '../plumbing/sendVerbatim.ts'
import { takeBodiesAsBytes } from '../bodies/takeBodiesAsBytes.ts'

const URL = '/api/callbacks/:token'
const Params = z.object({ token: z.string() })

/** Bytes of the body of a call, expanded as well. */
const MAX_BODY_BYTES = 1024 * 1024

/** Characters of a Content-Type that are kept. */
const MAX_TYPE = 500

/** `POST /api/callbacks/{token}`: the call that a run waits for. */
export function callbackUrlRoutes({
  db,
  signals,
  tokens,
  refuseFailure,
}: {
  db: Database
  signals: Signals
  tokens: Pick<CallbackTokens, 'read'>
  refuseFailure: RefuseFailure
}): FastifyPluginCallbackZod {
  /** @throws BellwireError `callback_url_not_found` */
  function idOf({ token }: z.infer<typeof Params>): string {
    const id = tokens.read(token)
    if (id === undefined) throw new BellwireError('callback_url_not_found')
    return id
  }

  return (app, _options, done) => {
    limitFailures(app, 'callback_token', refuseFailure)
    takeBodiesAsBytes(app)
    app.post(
      URL,
      {
        config: { crossOrigin: true },
        bodyLimit: MAX_BODY_BYTES,
        schema: {
          operationId: 'callBack',
          tags: ['Callback URLs'],
          summary: 'Report back to the task that created this URL',
          description:
            'The first call counts, and is on disk when the response arrives. The task continues with its query and body, ' +
            'which can be of any type that a webhook accepts. The same call again gets the same response, with ' +
            'Idempotency-Replayed: true; another one gets 409.',
          security: [],
          params: Params,
          response: {
            200: json('The call was accepted', CallbackUrlAnswer),
            ...problems(400, 404, 409, 410, 413, 415, 429, 503),
          },
        },
        // Before the body is read.
        onRequest(request, _reply, next) {
          try {
            idOf(request.params)
            next()
          } catch (error) {
            next(error as Error)
          }
        },
      },
      async (request, reply) => {
        const id = idOf(request.params)
        const outcome = await receiveCallback({ db, signals }, id, await readCall(request))
        if (wantsPage(request)) return sendVerbatim(reply, calledPage(outcome.kind))
        if (outcome.kind === 'ended') throw new BellwireError('callback_url_ended')
        const receivedAt = outcome.calledAt.toISOString()
        if (outcome.kind === 'used') {
          throw new BellwireError('callback_url_used', undefined, { extensions: { received_at: receivedAt } })
        }
        if (outcome.kind === 'repeated') void reply.header('idempotency-replayed', 'true')
        return { success: true as const, received_at: receivedAt }
      },
    )

    app.get(
      URL,
      {
        schema: {
          operationId: 'askToCallBack',
          tags: ['Callback URLs'],
          summary: 'Show a confirmation page for a callback URL; changes nothing',
          security: [],
          params: Params,
          produces: ['text/html'],
          response: { 200: z.string(), ...problems(404, 429, 503) },
        },
      },
      async ({ params }, reply) =>
        sendVerbatim(reply, callPage((await readCallbackState(db, idOf(params))).kind)),
    )

    app.head(URL, { schema: { hide: true, params: Params } }, ({ params }, reply) => {
      idOf(params)
      return reply.send()
    })
    done()
  }
}

/**
 * Reads a call as a webhook reads a request.
 *
 * @throws BellwireError as reading a payload does
 */
async function readCall(request: FastifyRequest): Promise<IncomingCall> {
  const { url = '' } = request.raw
  const mark = url.indexOf('?')
  const query = parseQuery(mark < 0 ? '' : url.slice(mark + 1))
  const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  if (raw.length === 0) return { contentType: null, query, body: undefined }
  const encoding = request.headers['content-encoding']
  const takeRoom = (bytes: number): boolean => request.bodyLease?.grow(bytes) ?? true
  const bytes =
    encoding === undefined ? raw : await expandBody(raw, encoding, { maxBytes: MAX_BODY_BYTES, takeRoom })
  const contentType = request.headers['content-type']
  const { json: body } = await readPayload(contentType, bytes)
  return { contentType: contentType?.slice(0, MAX_TYPE) ?? null, query, body }
}

/** The button of the page sends nothing, and a person looks at what comes back. */
function wantsPage({ headers, body }: FastifyRequest): boolean {
  const isEmpty = !Buffer.isBuffer(body) || body.length === 0
  return isEmpty && (headers.accept?.includes('text/html') ?? false)
}
