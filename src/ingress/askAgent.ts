import type { IncomingHttpHeaders } from 'node:http'
import { bearerKey } from '../contract/bearer.ts'
import { requireRole, type Role } from '../contract/role.ts'
import type { Question } from '../contract/trigger.ts'
import { isId } from '../db/id.ts'
import { BellwireError } from '../errors.ts'
import type { Acceptor } from '../tasks/accept.ts'
import { dedupeKey } from '../tasks/dedupeKey.ts'
import type { ConversationOf } from '../tasks/trigger.ts'
import type { Accepted } from '../tasks/writeTasks.ts'
import { readIdempotencyKey } from './idempotencyKey.ts'
import { inboundRequest } from './inboundRequest.ts'

const KEY_TTL_SECONDS = 24 * 3600

/** How long a conversation is kept after its last question. */
const KEEP_DAYS = 90

/** Who a key belongs to; an agent key speaks for its one agent. */
export type Caller =
  | { scope: 'admin'; role: Role; keyId: string | undefined }
  | { scope: 'agent'; keyId: string; agentId: string }

/** Finds the principal of a key; undefined when it is unknown. */
export type FindCaller = (key: string) => Promise<Caller | undefined>

/**
 * Accepts a question whose answer the caller waits for: like a webhook request, with a key in place of a token.
 *
 * @throws BellwireError `unauthenticated`, `forbidden`, `role_insufficient`, `parameter_missing` and the errors of accepting a task
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
  findConversation,
  acceptor,
}: {
  findCaller: FindCaller
  /** How many tasks of an agent may be waiting; undefined without a limit. */
  findMaxPending: (agentId: string) => Promise<number | undefined>
  /** Finds the key and the name of a conversation by its id. */
  findConversation: (id: string) => Promise<{ key: string; name: string } | undefined>
  acceptor: Acceptor
}): AskAgent {
  /**
   * A conversation belongs to the agent and to the key that it was begun with. Its id is good in place of its name; that
   * of another entrance is a name like any other.
   */
  async function conversationOf(
    wanted: Question['conversation_id'],
    entrance: readonly string[],
  ): Promise<ConversationOf | undefined> {
    if (wanted === undefined || wanted === null) return undefined
    const key = String(wanted)
    const name = dedupeKey({ entrance, kind: 'conversation', text: key })
    const named = { key, name, whileRunning: 'queue', keepDays: KEEP_DAYS } as const
    if (!isId(key)) return named
    const known = await findConversation(key)
    if (!known) return named
    const isOwn = known.name === dedupeKey({ entrance, kind: 'conversation', text: known.key })
    return isOwn ? { ...named, ...known } : named
  }

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
    // An admin key asks several agents: each of them has its own keys and conversations.
    const entrance = [caller.keyId ?? '', agentId]
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
      conversation: await conversationOf(body.conversation_id, entrance),
      dedupe:
        idempotencyKey === undefined
          ? undefined
          : {
              key: dedupeKey({
                entrance,
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
  requireRole(caller.role, 'editor')
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
