import type { IncomingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import { hashToken } from '../db/token.ts'
import { BellwireError } from '../errors.ts'
import type { Acceptor, Accepted } from '../tasks/accept.ts'
import { readIdempotencyKey } from './idempotencyKey.ts'
import { inboundRequest } from './inboundRequest.ts'
import { checkJson } from './payload/checkJson.ts'
import { parseQuery } from './payload/parseQuery.ts'

/** How long an Idempotency-Key is valid. */
const KEY_TTL_SECONDS = 24 * 3600

/** Number of tokens whose hashes are cached, and their maximum length: guesses must not fill the memory. */
const MAX_HASHES = 1_000
const MAX_TOKEN = 100

/** A request received at a webhook. */
export type Inbound = {
  token: string
  method: 'GET' | 'POST'
  headers: IncomingHttpHeaders
  /** The query string without its question mark. */
  search: string
  /** Undefined for a GET. */
  body: Buffer | undefined
  /** The caller waits for the result. */
  interactive: boolean
  /** The caller is about to follow the task: the model's output is published from its first word. */
  streamed?: boolean
  /** The trace context of the request. */
  traceParent?: string | undefined
}

/** Finds the webhook of a token, by the token's SHA-256. */
export type FindWebhook = (hash: Buffer) => Promise<{ agentId: string; enabled: boolean } | undefined>

/**
 * Creates the function that checks only the token, for requests whose body should not be received in vain.
 *
 * The function throws BellwireError `webhook_not_found`.
 */
export function createCheckToken(findWebhook: FindWebhook): (token: string) => Promise<void> {
  return async (token) => {
    const webhook = await findWebhook(hashToken(token))
    if (!webhook?.enabled) throw new BellwireError('webhook_not_found')
  }
}

/**
 * Receives a request at a webhook: checks token, key and body, in the order of their cost, then passes it on to be
 * accepted. When this resolves, the task is on disk.
 *
 * @throws BellwireError with the reason why the request did not become a task
 */
export type Receive = (inbound: Inbound) => Promise<Accepted>

export function createReceive({
  findWebhook,
  acceptor,
}: {
  findWebhook: FindWebhook
  acceptor: Acceptor
}): Receive {
  const hashes = new LRUCache<string, Buffer>({ max: MAX_HASHES })
  const hashOf = (token: string): Buffer => {
    let known = hashes.get(token)
    if (!known) hashes.set(token, (known = hashToken(token)))
    return known
  }

  return async ({ token, method, headers, search, body, interactive, streamed = false, traceParent }) => {
    const tokenHash = token.length <= MAX_TOKEN ? hashOf(token) : hashToken(token)
    const webhook = await findWebhook(tokenHash)
    if (!webhook?.enabled) throw new BellwireError('webhook_not_found')

    const key = readIdempotencyKey(headers['idempotency-key'])
    const query = parseQuery(search)
    const payload = method === 'GET' ? Buffer.from(JSON.stringify(query)) : await readBody(headers, body)
    return acceptor.accept({
      agentId: webhook.agentId,
      tokenHash,
      origin: 'webhook',
      payload,
      request: JSON.stringify(inboundRequest(method, headers, query)),
      interactive,
      streamed,
      traceParent,
      idempotency: key === undefined ? undefined : { key, ttlSeconds: KEY_TTL_SECONDS },
    })
  }
}

/** Any JSON media type; without a content type the body itself must be JSON. */
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i
const OTHER_CHARSET = /charset\s*=(?!\s*"?utf-?8\b)/i

function readBody(headers: IncomingHttpHeaders, body: Buffer | undefined): Buffer | Promise<Buffer> {
  const type = headers['content-type']
  if (type !== undefined && (!JSON_TYPE.test(type) || OTHER_CHARSET.test(type))) {
    throw new BellwireError(
      'content_type_unsupported',
      'Send the body as Content-Type: application/json, in UTF-8.',
    )
  }
  return checkJson(body ?? Buffer.alloc(0))
}
