import { randomUUID } from 'node:crypto'
import type { Tool } from '../../contract/agent.ts'
import { MAX_TRY_SECONDS, type SentRequest, type ToolTry } from '../../contract/toolTry.ts'
import { BellwireError } from '../../errors.ts'
import type { BuildTools } from '../../tools/buildTools.ts'
import { QuestionAsked } from '../../tools/question.ts'
import { ToolError, type RunTool } from '../../tools/tool.ts'
import { withTimeLimit } from '../timeLimit.ts'
import { shownOutput, toText, toToolOutput } from './toolOutput.ts'
import { createTryLimit } from './tryLimit.ts'

/** Characters of a result that are returned. */
const MAX_RESULT = 262_144

export type TryRequest = {
  /** Checked, and with its import. */
  tool: Tool
  /** The name under which the model sees it; undefined for the only one. */
  name: string | undefined
  args: Record<string, unknown>
  /** Whether a call that changes something may be made. */
  confirmed: boolean
  /** Identifies the user or the key that makes the call. */
  caller: string
}

export type TryTool = (request: TryRequest) => Promise<ToolTry>

/**
 * Creates the function that calls a tool once, outside of any run, through the same code as a run does. It throws
 * BellwireError: `schema_invalid` when the call cannot be made, with pointers into the request; `rate_limited` and
 * `overloaded` while the caller, or everybody together, makes too many others; `shutting_down`.
 *
 * @param stopping ends calls that are being made
 */
export function createTryTool({
  buildTools,
  stopping,
}: {
  buildTools: BuildTools
  stopping: AbortSignal
}): TryTool {
  const enter = createTryLimit()

  return async ({ tool, name, args, confirmed, caller }) => {
    const one = findTool(buildTools([tool]), name)
    if (tool.type === 'builtin' && tool.name !== 'current_time') {
      throw refusal('/tool', `${tool.name} lets a task wait: it works only within a run`)
    }
    if (one.access === 'write' && !confirmed) {
      throw refusal('/confirm_write', `${one.name} changes something: send true to call it`)
    }
    const leave = enter(caller)
    try {
      return await call(one, args, stopping)
    } finally {
      leave()
    }
  }
}

/** One call, with what was sent and what the model would see of the outcome. */
async function call(one: RunTool, args: Record<string, unknown>, stopping: AbortSignal): Promise<ToolTry> {
  let request: SentRequest | null = null
  let status: number | null = null
  const began = performance.now()
  const end = (outcome: ToolTry['outcome'], text: string): ToolTry => ({
    outcome,
    name: one.name,
    access: one.access,
    request,
    status,
    duration_ms: Math.round(performance.now() - began),
    result: text.slice(0, MAX_RESULT).toWellFormed(),
    truncated: text.length > MAX_RESULT,
  })

  const complaint = await one.check(args)
  if (complaint !== undefined) return end('error', complaint)
  const seconds = Math.min(one.timeoutSeconds ?? MAX_TRY_SECONDS, MAX_TRY_SECONDS)
  const late = (): Error => new ToolError(`The call took longer than ${seconds} seconds and was stopped.`)
  await using scope = new AsyncDisposableStack()
  try {
    const result = await withTimeLimit({ signal: stopping, seconds, late }, (signal) =>
      one.call(args, {
        idempotencyKey: `try_${randomUUID()}`,
        signal,
        scope,
        observer: { request: (sent) => (request = sent), status: (received) => (status = received) },
      }),
    )
    return end('ok', toText(shownOutput(toToolOutput(one, result ?? null))))
  } catch (error) {
    if (stopping.aborted) throw new BellwireError('shutting_down', undefined, { retryAfter: 2 })
    if (error instanceof QuestionAsked) {
      return end('question', error.round.questions.map(({ message }) => message).join('\n'))
    }
    if (error instanceof ToolError) return end('error', error.message)
    throw error
  }
}

function findTool(tools: readonly RunTool[], name: string | undefined): RunTool {
  const [first, ...others] = tools
  const found =
    name === undefined ? (others.length === 0 ? first : undefined) : tools.find((one) => one.name === name)
  if (found) return found
  const names = tools
    .map((one) => one.name)
    .slice(0, 20)
    .join(', ')
  throw refusal('/name', `choose one of its tools: ${names}`)
}

function refusal(pointer: string, detail: string): BellwireError {
  return new BellwireError('schema_invalid', undefined, { errors: [{ pointer, detail }] })
}
