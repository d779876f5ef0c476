import type { TaskCallback } from '../contract/callback.ts'
import type { WebhookHold } from '../contract/task.ts'

/** A request that has passed every check and asks to become a task. */
export type Trigger = {
  agentId: string
  /** The webhook that was used, by the hash of its token: checked again by the transaction that accepts the task. */
  tokenHash: Buffer | undefined
  /** How many tasks of the agent may be waiting; no limit when absent. */
  maxPending?: number | undefined
  /** How it was triggered: webhook, answer, stream. */
  origin: string
  /** JSON text in UTF-8. */
  payload: Buffer
  /** JSON text of an `InboundRequest`. */
  request: string
  interactive: boolean
  streamed: boolean
  /** It had an API key or a valid signature. A secret URL alone does not verify the sender. */
  senderVerified?: boolean
  /** Who wrote what it says is trusted. */
  senderTrusted?: boolean
  /** The W3C trace context of the request, for the spans of the run. */
  traceParent?: string | undefined
  /**
   * The key by which a repeated request is the same task (see dedupeKey.ts), and how long it is remembered. Also the
   * hash of the payload, if it was computed before.
   */
  dedupe?: { key: string; ttlSeconds: number; payloadHash?: bigint } | undefined
  /** Why the task waits until somebody releases it; undefined when it does not. */
  hold?: WebhookHold['reason'] | undefined
  /** When it starts at the earliest, by the clock of the database; at once when absent. A hold comes first. */
  startAt?: { inSeconds: number } | { time: Date } | undefined
  /** The body as it was received, where the payload is not the same. */
  body?: Buffer | undefined
  /** What is sent back when it changes. */
  callback?: TaskCallback | undefined
  /** The conversation that it belongs to. */
  conversation?: ConversationOf | undefined
  /** The burst that it may be part of: requests with the same name within the window make one task. */
  burst?: BurstOf | undefined
  /** It came with files: then it does not join another task. */
  hasFiles?: boolean
  /** The id that the task will have, when the caller has to know it before; otherwise one is made. */
  taskId?: string
}

/** What becomes of a request whose conversation has a run under way. */
export type WhileRunning = 'queue' | 'append' | 'restart' | 'parallel'

export type ConversationOf = {
  /** Names it among all: a hash of its key and the entrance (see dedupeKey.ts). */
  name: string
  /** The value that its requests share, for people. */
  key: string
  whileRunning: WhileRunning
  /** Days after its last request, after which it is forgotten. */
  keepDays: number
}

export type BurstOf = { name: string; windowSeconds: number; max: number }
