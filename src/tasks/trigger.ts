/** A request that has passed all checks and is about to become a task. */
export type Trigger = {
  agentId: string
  /** The webhook that was used, by the hash of its token: checked again by the transaction that accepts the task. */
  tokenHash: Buffer | undefined
  /** How it was triggered: webhook, answer, stream. */
  origin: string
  /** JSON text in UTF-8, as received. */
  payload: Buffer
  /** JSON text of an `InboundRequest`. */
  request: string
  interactive: boolean
  streamed: boolean
  /** It had an API key or a valid signature. A secret URL alone does not verify the sender. */
  senderVerified?: boolean
  /** The W3C trace context of the request, for the spans of the run. */
  traceParent?: string | undefined
  /** The idempotency key, and how long it is valid. */
  idempotency?: { key: string; ttlSeconds: number } | undefined
  /** The id of the new task, if the caller has to know it beforehand; otherwise one is generated. */
  taskId?: string
}
