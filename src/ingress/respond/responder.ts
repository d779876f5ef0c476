import type { Payload } from '../payload/payload.ts'

/** What the templates of a response know, apart from the payload. */
export type RespondScope = { task_id: string; links: object; status: string | undefined; result: unknown }

/**
 * A response as it is sent, `body` undefined for the usual JSON; or why there is none: a template failed, or what it
 * made cannot be sent.
 */
export type Rendering =
  | { ok: true; response: { status: number; headers: Record<string, string>; body: string | undefined } }
  | { ok: false; detail: string }

/** How a webhook responds to one request that has started a task, or has done so before. */
export type Responder = {
  /** Seconds that the response waits for the end of the task, unless the request says otherwise. */
  waitSeconds: number
  /** It needs the status of the task, even if the response does not wait. */
  readsStatus: boolean
  /** It keeps the payload in memory. */
  holdsPayload: boolean
  /** Makes the response; absent when it is the usual one. */
  render?: (scope: RespondScope) => Promise<Rendering>
}

/** The responders of a webhook: one for each request. */
export type CompiledRespond = {
  /** Seconds that its responses wait. */
  waitSeconds: number
  /** @param payload the request's */
  responderOf(payload: Payload): Responder
}
