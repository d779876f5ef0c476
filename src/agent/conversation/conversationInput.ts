import type { ConversationRequest, Earlier } from '../../contract/conversation.ts'

/** What a run needs of its conversation. */
export type ConversationInput = {
  /** Reads what was said before; texts are cut to `maxChars`. */
  readEarlier(maxChars: number): Promise<Earlier>
  /** Keeps a summary for later tasks. `covers`: all tasks that it covers; `fresh`: those that it adds. */
  keepSummary(summary: KeptSummary): Promise<void>
  /** Reads the requests that joined the task after the first `after`. */
  readJoined(after: number): Promise<(ConversationRequest & { n: number })[]>
}

export type KeptSummary = {
  text: string
  covers: readonly string[]
  fresh: readonly string[]
  /** Of the summary that it replaces. */
  version: number
}
