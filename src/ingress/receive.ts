import { LRUCache } from 'lru-cache'
import type { RejectionReason } from '../contract/rejectionReason.ts'
import { RejectionReason as Reasons } from '../contract/rejectionReason.ts'
import { hashToken } from '../db/token.ts'
import { BellwireError } from '../errors.ts'
import type { Acceptor } from '../tasks/accept.ts'
import type { Trigger } from '../tasks/trigger.ts'
import type { Accepted } from '../tasks/writeTasks.ts'
import type { Arrival, Inbound } from './arrival.ts'
import type { CompiledWebhook } from './webhook/compileWebhook.ts'
import type { RecordRing } from './firstRing/recordRings.ts'
import { createConcurrencyLimit } from './concurrencyLimit.ts'
import { judgeElements, judgeWhole, readElements, toTriggers } from './elements.ts'
import { hashPayload } from './hashPayload.ts'
import { ignore, reject, type IgnoredElement, type Outcome, type TaskIds } from './outcome.ts'
import { parseQuery, type Query } from './payload/parseQuery.ts'
import type { Payload } from './payload/payload.ts'
import { rejectionEntry, type RecordRejection } from './rejections/rejectionEntry.ts'
import { objectEvent } from './steps/guardObject.ts'
import { payloadOf } from './steps/readPayload.ts'
import { toTrigger } from './toTrigger.ts'

/** Number of tokens whose hashes are cached, and their maximum length: guesses must not fill the memory. */
const MAX_HASHES = 1_000
const MAX_TOKEN = 100

/** Finds the webhook that a token belongs to, by the token's SHA-256. */
export type FindWebhook = (hash: Buffer) => Promise<CompiledWebhook | undefined>

/**
 * Creates the function that checks only the token, for requests whose body should not be received in vain.
 *
 * The function throws BellwireError `webhook_not_found`.
 */
export function createCheckToken(findWebhook: FindWebhook): (token: string) => Promise<void> {
  return async (token) => {
    const webhook = await findWebhook(hashToken(token))
    if (!webhook) throw new BellwireError('webhook_not_found')
    if (!webhook.enabled) throw new BellwireError('webhook_disabled')
  }
}

/**
 * Takes a request in at a webhook: through the steps of the webhook, and what is left at their end becomes a task.
 * When this resolves to `accepted`, the task is on disk.
 *
 * @throws BellwireError `webhook_not_found` for a token that opens nothing; what accepting throws when the service
 *   is at fault and not the request, such as `database_unavailable`
 */
export type Receive = (inbound: Inbound) => Promise<Outcome>

export function createReceive({
  findWebhook,
  acceptor,
  recordRejection,
  recordRing,
  onLoop,
}: {
  findWebhook: FindWebhook
  acceptor: Acceptor
  /** Keeps what did not start a task. */
  recordRejection: RecordRejection
  /** Keeps the first requests of webhooks without a source. */
  recordRing?: RecordRing
  /** Called for each request that is held because too many events about its object have started tasks. */
  onLoop: (arrival: Arrival) => void
}): Receive {
  const hashes = new LRUCache<string, Buffer>({ max: MAX_HASHES })
  const limitBatches = createConcurrencyLimit()
  const hashOf = (token: string): Buffer => {
    if (token.length > MAX_TOKEN) return hashToken(token)
    let known = hashes.get(token)
    if (!known) hashes.set(token, (known = hashToken(token)))
    return known
  }

  /**
   * Takes the steps of a webhook, and hands what is left to be accepted. In one function: each further one that waits
   * would cost a promise per request.
   */
  async function take(arrival: Arrival, tokenHash: Buffer): Promise<Outcome> {
    const { webhook, inbound } = arrival
    if (!webhook.enabled) throw new BellwireError('webhook_disabled')
    arrival.query = parseQuery(inbound.search)
    for (const step of webhook.steps) {
      const pending = step(arrival)
      const stop = pending instanceof Promise ? await pending : pending
      if (stop) return stop
    }
    const payload = payloadOf(arrival)
    if (payload.isLong && mayBeBatch(arrival)) {
      return limitBatches(async () => takeElements(arrival, await webhook.split(payload), tokenHash))
    }
    const event = objectEvent(arrival)
    // What locks rows of its own to be accepted, is judged before.
    if (webhook.findGroup || (event && webhook.maxPending !== undefined)) {
      return takeElements(arrival, await webhook.split(payload), tokenHash)
    }
    const split = webhook.split(payload)
    const payloads = split instanceof Promise ? await split : split
    if (payloads.length !== 1 || payloads[0] !== payload) return takeElements(arrival, payloads, tokenHash)
    const found = webhook.findKey(arrival)
    const key = found instanceof Promise ? await found : found
    const trigger = toTrigger({ arrival, payload, key, place: undefined }, { tokenHash, keepBody: true })
    if (payload.isLong) await hashPayload(trigger)
    if (!event) return outcomeOf(arrival, [trigger], [await acceptor.accept(trigger)])
    const accepted = await acceptor.acceptEvent(trigger, event)
    if (accepted.kind === 'echo') return ignore('own_echo', { taskId: accepted.taskId })
    if (accepted.isLoop) onLoop(arrival)
    return outcomeOf(arrival, [trigger], [accepted])
  }

  /** Takes a request that may become several tasks: what is left of its elements. */
  async function takeElements(
    arrival: Arrival,
    payloads: readonly Payload[],
    tokenHash: Buffer,
  ): Promise<Outcome> {
    const elements = await readElements(arrival, payloads)
    const stop = await judgeWhole(arrival, elements)
    if (stop) return stop
    const { left, ignored } = await judgeElements(arrival, elements)
    const triggers = await toTriggers(left, tokenHash)
    const [first, ...more] = triggers
    if (!first) {
      const [{ reason, taskId }] = ignored as [IgnoredElement]
      return ignore(reason, taskId === undefined ? {} : { taskId })
    }
    const accepted: [Accepted, ...Accepted[]] =
      more.length === 0 ? [await acceptor.accept(first)] : await acceptor.acceptAll([first, ...more])
    return outcomeOf(arrival, triggers, accepted, ignored)
  }

  return async (inbound) => {
    const tokenHash = hashOf(inbound.token)
    const webhook = await findWebhook(tokenHash)
    if (!webhook) throw new BellwireError('webhook_not_found')
    const arrival = newArrival(webhook, inbound)
    let outcome: Outcome
    try {
      outcome = await take(arrival, tokenHash)
    } catch (error) {
      outcome = refusal(error)
    }
    const entry = rejectionEntry(arrival, outcome)
    if (entry) recordRejection(entry)
    recordRing?.(arrival, outcome)
    return outcome
  }
}

export function newArrival(webhook: CompiledWebhook, inbound: Inbound): Arrival {
  return {
    webhook,
    inbound,
    query: NO_QUERY,
    headers: inbound.headers,
    rawBody: inbound.body ?? NO_BODY,
    payload: undefined,
    event: undefined,
    eventId: undefined,
    object: undefined,
    part: undefined,
    senderVerified: inbound.senderVerified ?? false,
    senderTrusted: false,
    hold: webhook.options.hold ? 'webhook_hold' : undefined,
  }
}

const NONE_IGNORED: IgnoredElement[] = []
const NO_BODY = Buffer.alloc(0)
const NO_QUERY: Query = Object.freeze({})

/** What accepting has made of the tasks of a request: a duplicate, when none of them is new. */
function outcomeOf(
  arrival: Arrival,
  triggers: readonly Trigger[],
  accepted: [Accepted, ...Accepted[]],
  ignored: readonly IgnoredElement[] = NONE_IGNORED,
): Outcome {
  const { webhook, payload } = arrival
  const [first, ...more] = accepted
  const isBatch = mayBeBatch(arrival)
  const taskIds: TaskIds =
    more.length === 0 ? [first.taskId] : [first.taskId, ...more.map(({ taskId }) => taskId)]
  const responder = payload && webhook.respond?.responderOf(payload)
  if (!first.replayed || more.some(({ replayed }) => !replayed)) {
    if (accepted.every(({ joined }) => joined))
      return { kind: 'joined', taskIds, isBatch, ignored, responder }
    return {
      kind: 'accepted',
      taskIds,
      isBatch,
      ignored,
      held: triggers.every(({ hold }) => hold !== undefined) || first.isLoop === true,
      startsLater:
        triggers.every(({ hold, startAt }) => (hold ?? startAt) !== undefined) || first.isLoop === true,
      responder,
    }
  }
  const mismatch = accepted.find((one) => one.mismatch)
  if (!mismatch || webhook.options.on_mismatch === 'original') {
    return { kind: 'duplicate', taskIds, isBatch, ignored, mismatch: mismatch !== undefined, responder }
  }
  return reject(
    new BellwireError('duplicate_mismatch', undefined, { extensions: { task_id: mismatch.taskId } }),
    { reason: 'duplicate_mismatch', taskId: mismatch.taskId },
  )
}

function mayBeBatch({ webhook, payload }: Arrival): boolean {
  const { options, source } = webhook
  return (options.split ?? source.batch !== undefined) !== false || payload?.batch !== undefined
}

const REASONS: ReadonlySet<string> = new Set(Reasons.options)

function isReason(code: string): code is RejectionReason {
  return REASONS.has(code)
}

/** What an error makes of a request. What is not the request's fault stays an error. */
function refusal(error: unknown): Outcome {
  if (error instanceof BellwireError && isReason(error.code)) {
    return { kind: 'rejected', error, reason: error.code, finding: { detail: error.message } }
  }
  throw error
}
