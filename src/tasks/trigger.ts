/** A request that has passed every check and asks to become a task. */
export type Trigger = {
  agentId: string
  /** The webhook that it came through, by the hash of its token: checked again by the transaction that accepts it. */
  tokenHash: Buffer | undefined
  /** Which door: webhook, answer, stream. */
  origin: string
  /** JSON text in UTF-8, as it was received. */
  payload: Buffer
  /** JSON text of an `InboundRequest`. */
  request: string
  interactive: boolean
  streamed: boolean
  /** It came with an API key or a valid signature. A secret URL alone verifies nobody. */
  senderVerified?: boolean
  /** The W3C trace context of the request, for the spans of the run. */
  traceParent?: string | undefined
  /** The key that makes the same request the same task, and how long it is remembered. */
  idempotency?: { key: string; ttlSeconds: number } | undefined
  /** The id that the task will have, when the caller has to know it before; otherwise one is made. */
  taskId?: string
}
