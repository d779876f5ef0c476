import { z } from 'zod'
import { RunResult, type ToolCall } from '../../contract/task.ts'
import { PublicState, type StatusAnswer } from '../../contract/trigger.ts'

/** The answer of `GET /api/task_status` there: what the worker gave back, or the text of what it raised. */
export const DocsGptStatus = z
  .object({
    status: PublicState,
    result: z.union([z.object({ status: z.literal('success'), result: RunResult }), z.string()]).nullable(),
  })
  .meta({ id: 'DocsGptTaskStatus' })
type DocsGptStatus = z.infer<typeof DocsGptStatus>

/** Makes that answer of ours. */
export function showStatus({ status, result }: StatusAnswer): DocsGptStatus {
  if (result === null) return { status, result }
  if ('error' in result) return { status, result: result.error.message }
  return {
    status,
    result: {
      status: 'success',
      result: { ...result, tool_calls: result.tool_calls.map(showCall) },
    },
  }
}

/** A call of a tool with the names of both: there a tool has actions, here it is one. */
function showCall(call: ToolCall): ToolCall & Record<string, unknown> {
  const names = { ...call, tool_name: call.name, action_name: call.name }
  if (call.error === undefined) return { ...names, status: 'completed' }
  return { ...names, status: 'error', result: call.error }
}
