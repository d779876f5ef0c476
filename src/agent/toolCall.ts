import { jsonSchema, tool, type ToolSet } from 'ai'
import { ToolError, type RunTool } from '../tools/tool.ts'
import type { Step } from './journal.ts'
import type { RunContext } from './runContext.ts'
import { idempotencyKey, toolStepKey } from './stepKey.ts'

const UNKNOWN_OUTCOME =
  'This call was cut off while it was under way. Whether it took effect is unknown, and it was not repeated.'

/** The tools of an agent, as the loop calls them in one run: through the journal. */
export function journaledTools(tools: readonly RunTool[], context: RunContext): ToolSet {
  return Object.fromEntries(
    tools.map((one) => [
      one.name,
      tool({
        description: one.description,
        // Arguments are checked below, so that a bad call is in the journal, too.
        inputSchema: jsonSchema(one.parameters),
        execute: (args, { toolCallId }) => callTool(one, args, toolCallId, context),
      }),
    ]),
  )
}

/**
 * Makes one tool call, unless the journal knows what became of it. An error of the tool is a result like any
 * other: it is recorded and goes to the model. The end of the run is not.
 */
async function callTool(
  one: RunTool,
  args: unknown,
  toolCallId: string,
  context: RunContext,
): Promise<unknown> {
  const { stop, journal, step, taskId } = context
  stop.signal.throwIfAborted()
  context.recordedCalls.add(toolCallId)
  const key = toolStepKey(step, one.name, toolCallId, args)
  const row = journal.find(key)
  if (row?.state === 'done') return resultOf(row)
  if (row?.state === 'failed') throw new ToolError(errorOf(row))

  const started: Step = {
    key,
    kind: 'tool',
    name: one.name,
    step,
    state: 'started',
    input: { tool_call_id: toolCallId, arguments: args },
    output: null,
    startedAt: new Date(),
  }
  const fail = async (message: string): Promise<never> => {
    await journal.finish({ ...started, state: 'failed', output: { error: message }, finishedAt: new Date() })
    throw new ToolError(message)
  }

  const complaint = one.check(args)
  if (complaint !== undefined) return fail(complaint)
  if (row && !one.idempotent) return fail(UNKNOWN_OUTCOME)
  if (!row && one.access === 'write') await journal.begin(started)
  let result: unknown
  try {
    const call = one.call(args, { idempotencyKey: idempotencyKey(taskId, key), signal: stop.signal })
    result = (await call) ?? null
  } catch (error) {
    stop.signal.throwIfAborted()
    if (error instanceof ToolError) return fail(error.message)
    context.log?.error({ err: error, tool: one.name }, 'unexpected error in a tool')
    return fail('The tool failed for a reason of its own; calling it again in the same way will not help.')
  }
  await journal.finish({ ...started, state: 'done', output: { result }, finishedAt: new Date() })
  return result
}

function resultOf({ output }: Step): unknown {
  return typeof output === 'object' && output !== null && 'result' in output ? output.result : null
}

function errorOf({ output }: Step): string {
  const error = typeof output === 'object' && output !== null && 'error' in output ? output.error : undefined
  return typeof error === 'string' ? error : 'The call failed.'
}
