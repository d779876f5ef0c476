import type { IncomingHttpHeaders } from 'node:http'
import type { RejectionReason } from '../contract/rejectionReason.ts'
import type { WebhookOptions } from '../contract/webhookOptions.ts'
import type { FieldError } from '../errors.ts'
import type { Answer } from './outcome.ts'
import type { Query } from './payload/parseQuery.ts'

/** A request as the scheme of a source checks it. */
export type SignedRequest = {
  method: string
  /** The public URL that the sender used: made from the configured one, never from `Host`. */
  url: string
  headers: IncomingHttpHeaders
  query: Query
  /** The body as it was sent, without its content encoding. */
  rawBody: Buffer
  now: Date
}

/** `expected` and `received` are for people: never a secret, never a valid signature. */
export type Verification =
  { ok: true } | { ok: false; reason: RejectionReason; expected: string; received: string }

/** What a source finds in a request: each undefined where there is none. */
export type EventParts = {
  /** What happened, in the words of the sender: `issues`, `charge.dispute.created`. */
  event?: string | undefined
  /** Names this event, the same when it is sent again. */
  eventId?: string | undefined
  /** What the event is about, as a URL or an id: the same for all events about one thing. */
  object?: string | undefined
}

/** A source, made ready for one webhook: its secrets and parameters are inside. */
export type CompiledSource = {
  name: string
  /** Absent where nothing is checked: a secret URL alone verifies nobody. */
  verify?(request: SignedRequest): Verification | Promise<Verification>
  /** Answers a handshake; undefined for every other request. `payload` reads the body as JSON, or is undefined. */
  handshake?(request: SignedRequest, payload: () => unknown): Answer | undefined
  /** Absent where no part of a request is known. */
  describe?(headers: IncomingHttpHeaders, payload: unknown): EventParts
}

/** Makes the source of a webhook ready. Throws BellwireError when its settings are not complete. */
export type CompileSource = (options: WebhookOptions, secrets: readonly string[]) => CompiledSource

/** What an expression reads. */
export type ExpressionScope = {
  payload: unknown
  headers: Record<string, string>
  query: Query
  event: string
  method: string
  source: string
}

export type Expression = {
  evaluate(scope: ExpressionScope): { ok: true; value: boolean } | { ok: false; error: string }
}

/**
 * Compiles a CEL expression. Throws BellwireError `request_invalid` with the place in the text.
 *
 * @public
 */
export type CompileExpression = (text: string) => Expression

/** Compiles a JSON Schema; what does not fit is said of every place in the value. Throws an Error when it cannot be used. */
export type CompileSchema = (schema: object) => (value: unknown) => Promise<FieldError[]>

/** A request that did not start a task, with what its record needs. Headers are masked by whoever keeps them. */
export type RejectionEntry = {
  webhookId: string
  agentId: string
  reason: RejectionReason
  expected?: string | undefined
  received?: string | undefined
  detail?: string | undefined
  headers: IncomingHttpHeaders
  method: string
  query: Query
  contentType: string | undefined
  /** Bytes of the body. */
  size: number
  /** It passed the check of its signature. */
  senderVerified?: boolean | undefined
  body: Buffer | undefined
  taskId?: string | undefined
  receivedAt: Date
}

/** Keeps rejections. Returns at once. */
export type RecordRejection = (entry: RejectionEntry) => void
