import type { IncomingHttpHeaders } from 'node:http'
import type { Trigger } from '../tasks/trigger.ts'
import type { CompiledWebhook } from './webhook/compileWebhook.ts'
import type { Payload } from './payload/payload.ts'
import type { Query } from './payload/parseQuery.ts'

/** A request as it came in at a webhook. */
export type Inbound = {
  token: string
  method: 'GET' | 'POST'
  /** The path as it was sent: senders that sign their URL sign a slash at its end, too. */
  path: string
  headers: IncomingHttpHeaders
  /** The query string without its question mark. */
  search: string
  /** Undefined for a GET. */
  body: Buffer | undefined
  /** Whether the caller waits for the result; undefined when the webhook decides that. */
  interactive: boolean | undefined
  /** Somebody who is signed in to the console, and may start tasks, sent it. */
  senderVerified?: boolean
  /** The caller is about to follow the task: what the model writes is told from its first word. */
  streamed?: boolean
  /** The trace context of the request. */
  traceParent?: string | undefined
  /** Adds headers to the answer, whatever that is. */
  addHeaders?: (headers: Record<string, string>) => void
  /** Takes room in memory for so many bytes more of the body; false when there is none. */
  takeRoom?: (bytes: number) => boolean
}

/** A request on its way through the steps of `receive`, with what they have found out so far. */
export type Arrival = {
  readonly webhook: CompiledWebhook
  readonly inbound: Inbound
  query: Query
  /** Those of the request; with a CloudEvent in the body, also the headers that it would have otherwise. */
  headers: IncomingHttpHeaders
  /** The body without its content encoding; empty for a GET. */
  rawBody: Buffer
  /** Set by the step that reads the body. */
  payload: Payload | undefined
  event: string | undefined
  eventId: string | undefined
  object: string | undefined
  /** The part of the object that the event is about, such as a comment. */
  part: string | undefined
  /** It carried a valid signature, or came from the console. */
  senderVerified: boolean
  /** Who wrote what it says is trusted. */
  senderTrusted: boolean
  /** The keys of the tasks that it may start (see tasks/dedupeKey.ts), if it is judged before they are written. */
  keys?: readonly string[]
  /** Why its tasks wait until somebody releases them. */
  hold: Trigger['hold']
}
