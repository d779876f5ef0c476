import type { InboundRequest } from './task.ts'

/** What was said in an earlier task of a conversation. */
export type Turn = { taskId: string; message: string; answer: string }

/** A request of a conversation: the payload as JSON text. */
export type ConversationRequest = { payloadText: string; request: InboundRequest }

/** A request that joined a task; `n` counts them from 1. */
export type JoinedRequest = ConversationRequest & { n: number }

/** What a task sees of its conversation, before it is cut to size. */
export type Earlier = {
  /** `covers`: the tasks that it covers; `version`: counts its changes. */
  summary: { text: string | null; covers: readonly string[]; version: number }
  /** Oldest first; without those that the summary covers. */
  turns: readonly Turn[]
  /** Requests of tasks that were cancelled in favour of this one, oldest first. */
  requests: readonly ConversationRequest[]
  /** How many older ones there are no room for. */
  leftOut: number
}

/** Tokens of earlier turns that a run sees by default. */
export const DEFAULT_CONVERSATION_TOKENS = 8_000

/** Characters that are counted as one token. */
export const CHARACTERS_PER_TOKEN = 4
