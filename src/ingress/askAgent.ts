import type { IncomingHttpHeaders } from 'node:http'
import type { Question } from '../contract/trigger.ts'
import { BellwireError } from '../errors.ts'
import type { Accepted, Acceptor } from '../tasks/accept.ts'
import { readIdempotencyKey } from './idempotencyKey.ts'
import { inboundRequest } from './inboundRequest.ts'

const KEY_TTL_SECONDS = 24 * 3600

/** Who a key belongs to; an agent key speaks for its one agent. */
export type Asker = { scope: 'admin' } | { scope: 'agent'; agentId: string }

/** Finds out who has a key; undefined when nobody has. */
export type FindAsker = (key: string) => Promise<Asker | undefined>

/**
 * Takes a question in that somebody waits for: the same way as a webhook's request, with a key in place of a
 * token.
 *
 * @throws BellwireError `unauthenticated`, `forbidden`, `parameter_missing` and whatever accepting throws
 */
export type Ask = (question: {
  body: Question
  headers: IncomingHttpHeaders
  origin: 'answer' | 'stream'
  /** The id that the task shall have, so that the caller can follow it from its first moment. */
  taskId?: string
  /** The trace context of the request. */
  traceParent?: string | undefined
}) => Promise<Accepted>

export function createAsk({ findAsker, acceptor }: { findAsker: FindAsker; acceptor: Acceptor }): Ask {
  return async ({ body, headers, origin, taskId, traceParent }) => {
    const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
    const asker = await findAsker(body.api_key ?? bearer ?? '')
    if (!asker) {
      throw new BellwireError(
        'unauthenticated',
        'Send an API key, as "api_key" or as Authorization: Bearer KEY.',
        { headers: { 'www-authenticate': 'Bearer' } },
      )
    }
    const idempotencyKey = readIdempotencyKey(headers['idempotency-key'])
    return acceptor.accept({
      agentId: agentOf(asker, body.agent_id),
      tokenHash: undefined,
      origin,
      payload: Buffer.from(JSON.stringify({ question: body.question })),
      request: JSON.stringify(inboundRequest('POST', headers, {})),
      interactive: true,
      streamed: origin === 'stream',
      senderVerified: true,
      traceParent,
      idempotency:
        idempotencyKey === undefined ? undefined : { key: idempotencyKey, ttlSeconds: KEY_TTL_SECONDS },
      ...(taskId === undefined ? {} : { taskId }),
    })
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function agentOf(asker: Asker, wanted: string | undefined): string {
  if (asker.scope === 'agent') {
    if (wanted !== undefined && wanted !== asker.agentId) {
      throw new BellwireError('forbidden', 'This key belongs to another agent.')
    }
    return asker.agentId
  }
  if (wanted === undefined) {
    throw new BellwireError(
      'parameter_missing',
      'An admin key needs "agent_id" beside it: which agent is asked?',
      { errors: [{ pointer: '/agent_id', detail: 'is missing' }] },
    )
  }
  if (!UUID.test(wanted)) throw new BellwireError('agent_not_found')
  return wanted
}
