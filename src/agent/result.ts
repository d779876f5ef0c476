import { getErrorMessage } from '@ai-sdk/provider'
import type { StepResult, ToolSet } from 'ai'
import type { RunResult, ToolCall } from '../contract/task.ts'

type Steps = readonly StepResult<ToolSet>[]

/** What the steps of a run amount to, in the contract's form. */
export function toRunResult(steps: Steps): RunResult {
  return {
    answer: steps.findLast(({ text }) => text.trim() !== '')?.text ?? '',
    sources: steps.flatMap(({ sources }) => sources.map(toSource)),
    tool_calls: steps.flatMap(toToolCalls),
    thought: steps.flatMap(({ reasoningText }) => reasoningText || []).join('\n\n'),
  }
}

/** Each call with exactly what the model was told about it. */
function toToolCalls({ content }: StepResult<ToolSet>): ToolCall[] {
  const calls = new Map<string, ToolCall>()
  for (const part of content) {
    if (part.type === 'tool-call') calls.set(part.toolCallId, { name: part.toolName, arguments: part.input })
    const call = 'toolCallId' in part ? calls.get(part.toolCallId) : undefined
    if (!call) continue
    if (part.type === 'tool-result') call.result = part.output
    if (part.type === 'tool-error') call.error = getErrorMessage(part.error)
  }
  return [...calls.values()]
}

function toSource(source: StepResult<ToolSet>['sources'][number]): object {
  if (source.sourceType === 'url') {
    return { type: 'url', url: source.url, ...(source.title ? { title: source.title } : {}) }
  }
  return {
    type: 'document',
    title: source.title,
    media_type: source.mediaType,
    ...(source.filename ? { filename: source.filename } : {}),
  }
}
