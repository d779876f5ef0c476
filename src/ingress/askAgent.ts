import type { IncomingHttpHeaders } from 'node:http'
import { bearerKey } from '../contract/bearer.ts'
import type { Question } from '../contract/trigger.ts'
import { isId } from '../db/id.ts'
import { BellwireError } from '../errors.ts'
import type { Accepted, Acceptor } from '../tasks/accept.ts'
import { dedupeKey } from '../tasks/dedupeKey.ts'
import { readIdempotencyKey } from './idempotencyKey.ts'
import { inboundRequest } from './inboundRequest.ts'

const KEY_TTL_SECONDS = 24 * 3600

/** Who a key belongs to; an agent key speaks for its one agent. */
export type Caller =
  { scope: 'admin'; keyId: string | undefined } | { scope: 'agent'; keyId: string; agentId: string }

/** Finds the principal of a key; undefined when it is unknown. */
export type FindCaller = (key: string) => Promise<Caller | undefined>

/**
 * Accepts a question whose answer the caller waits for: like a webhook request, with a key in place of a token.
 *
 * @throws BellwireError `unauthenticated`, `forbidden`, `parameter_missing` and the errors of accepting a task
 */
export type AskAgent = (question: {
  body: Question
  headers: IncomingHttpHeaders
  origin: 'answer' | 'stream'
  /** The id that the task will have, so that the caller can follow it from the start. */
  taskId?: string
  /** The trace context of the request. */
  traceParent?: string | undefined
}) => Promise<Accepted>

export function createAskAgent({
  findCaller,
  findMaxPending,
  acceptor,
}: {
  findCaller: FindCaller
  /** How many tasks of an agent may be waiting; undefined without a limit. */
  findMaxPending: (agentId: string) => Promise<number | undefined>
  acceptor: Acceptor
}): AskAgent {
  return async ({ body, headers, origin, taskId, traceParent }) => {
    const caller = await findCaller(body.api_key ?? bearerKey(headers) ?? '')
    if (!caller) {
      throw new BellwireError(
        'unauthenticated',
        'Send an API key, as "api_key" or as Authorization: Bearer KEY.',
        { headers: { 'www-authenticate': 'Bearer' } },
      )
    }
    refuseDelay(headers)
    const idempotencyKey = readIdempotencyKey(headers['idempotency-key'])
    const agentId = agentOf(caller, body.agent_id)
    return acceptor.accept({
      agentId,
      tokenHash: undefined,
      maxPending: await findMaxPending(agentId),
      origin,
      payload: Buffer.from(JSON.stringify({ question: body.question })),
      request: JSON.stringify(
        inboundRequest({ inbound: { method: 'POST' }, headers, query: {}, event: undefined }),
      ),
      interactive: true,
      streamed: origin === 'stream',
      senderVerified: true,
      senderTrusted: true,
      traceParent,
      dedupe:
        idempotencyKey === undefined
          ? undefined
          : {
              // An admin key asks several agents: each of them has its own keys.
              key: dedupeKey({
                entrance: [caller.keyId ?? '', agentId],
                kind: 'idempotency_key',
                text: idempotencyKey,
              }),
              ttlSeconds: KEY_TTL_SECONDS,
            },
      ...(taskId === undefined ? {} : { taskId }),
    })
  }
}

function refuseDelay(headers: IncomingHttpHeaders): void {
  if (headers['x-bellwire-delay'] === undefined) return
  throw new BellwireError(
    'delay_invalid',
    'Here the response waits for the answer, so the start cannot be delayed. Send the request to a webhook.',
  )
}

function agentOf(caller: Caller, wanted: string | undefined): string {
  if (caller.scope === 'agent') {
    if (wanted !== undefined && wanted !== caller.agentId) {
      throw new BellwireError('forbidden', 'This key belongs to another agent.')
    }
    return caller.agentId
  }
  if (wanted === undefined) {
    throw new BellwireError(
      'parameter_missing',
      'With an admin key, "agent_id" is required: the agent to ask.',
      { errors: [{ pointer: '/agent_id', detail: 'is missing' }] },
    )
  }
  if (!isId(wanted)) throw new BellwireError('agent_not_found')
  return wanted
}
