import { AsyncLocalStorage } from 'node:async_hooks'
import { ProtocolError, ProtocolErrorCode, type CallToolResult } from '@modelcontextprotocol/client'
import type { McpCall } from './mcpCall.ts'
import type { ElicitAnswer } from './elicitation.ts'
import { InputNeeded } from './inputNeeded.ts'

type OpenCall = {
  answer: McpCall['answer']
  /** Ends the call: a person has to answer this first. */
  end: (needed: InputNeeded) => void
}

const AMBIGUOUS =
  'Several calls are in progress, and the question does not identify the one it belongs to. Call this tool alone.'

/**
 * The calls of a connection that are under way, and which of them a question of a server of 2025 belongs to: the one
 * in whose response it arrives, or the only one.
 */
export function createOpenCalls() {
  const open = new Set<OpenCall>()
  const current = new AsyncLocalStorage<OpenCall>()

  return {
    /** @throws ProtocolError, which the server gets, when it cannot be said which call asks */
    async ask(request: unknown): Promise<ElicitAnswer> {
      const [first] = open
      const call = current.getStore() ?? (open.size === 1 ? first : undefined)
      if (!call) throw new ProtocolError(ProtocolErrorCode.InternalError, AMBIGUOUS)
      const answer = await call.answer(request)
      if (answer) return answer
      call.end(new InputNeeded({ question: request }, undefined))
      // The server gets no answer: its session ends with the run, and the call is made again in another one.
      return new Promise(() => {})
    },

    /** Makes a call, which ends early when a person has to answer something. */
    async run(
      answer: McpCall['answer'],
      signal: AbortSignal,
      call: (signal: AbortSignal) => Promise<CallToolResult | InputNeeded>,
    ): Promise<CallToolResult | InputNeeded> {
      const stop = new AbortController()
      let needed: InputNeeded | undefined
      const entry: OpenCall = {
        answer,
        end(asked) {
          needed = asked
          stop.abort(new Error('a person has to answer a question first'))
        },
      }
      open.add(entry)
      try {
        return await current.run(entry, () => call(AbortSignal.any([signal, stop.signal])))
      } catch (error) {
        if (needed && !signal.aborted) return needed
        throw error
      } finally {
        open.delete(entry)
      }
    },
  }
}
