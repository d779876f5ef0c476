import { setTimeout as delay } from 'node:timers/promises'
import { isInputRequiredResult, type CallToolResult } from '@modelcontextprotocol/client'
import type { McpCall } from './mcpCall.ts'
import { InputNeeded } from './inputNeeded.ts'
import { McpError } from './mcpError.ts'

/** How long we wait before we ask again a server that only wants its state back. */
const STATE_ONLY_MS = 250

/** How often that may happen in a row. */
const MAX_STATE_ONLY = 10

/** Makes a call, and again while the server asks for nothing but its state. */
export async function untilAnswered(
  retry: McpCall['retry'],
  call: (retry: McpCall['retry']) => Promise<CallToolResult>,
): Promise<CallToolResult | InputNeeded> {
  let more = retry
  for (let count = 0; count < MAX_STATE_ONLY; count++) {
    const result: unknown = await call(more)
    if (!isInputRequiredResult(result)) return result as CallToolResult
    const { inputRequests = {}, requestState } = result
    if (Object.keys(inputRequests).length > 0) return new InputNeeded(inputRequests, requestState)
    more = requestState === undefined ? {} : { requestState }
    await delay(STATE_ONLY_MS)
  }
  throw new McpError('late', 'the server deferred the call too many times')
}
