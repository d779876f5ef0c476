import type { ElicitAnswer } from './elicitation.ts'

/** One call of a tool. */
export type McpCall = {
  tool: string
  parameters: Record<string, unknown>
  args: Record<string, unknown>
  idempotencyKey: string
  /** What a server of the 2026 protocol asked for when this call was made before, and the state that it returned. */
  retry: { inputResponses?: Record<string, ElicitAnswer>; requestState?: string }
  /**
   * Answers a question that a server of the 2025 protocol asks during the call; undefined ends the call with
   * InputNeeded.
   */
  answer: (request: unknown) => Promise<ElicitAnswer | undefined>
  signal: AbortSignal
}
