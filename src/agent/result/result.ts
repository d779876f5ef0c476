import { getErrorMessage } from '@ai-sdk/provider'
import type { StepResult, ToolSet } from 'ai'
import { parseExact } from '../../contract/exactJson.ts'
import type { RunResult, ToolCall } from '../../contract/task.ts'
import { redactLinks } from '../../telemetry/bearerLinks.ts'
import type { ExactArguments } from '../toolCalls/exactArguments.ts'
import { shownOutput } from '../toolCalls/toolOutput.ts'

type Steps = readonly StepResult<ToolSet>[]

/** The result of a run's steps, in the contract's form. */
export function toRunResult(steps: Steps, exactArguments: ExactArguments): RunResult {
  return {
    answer: answerOf(steps),
    sources: steps.flatMap(({ sources }) => sources.map(toSource)),
    tool_calls: steps.flatMap((step) => toToolCalls(step, exactArguments)),
    thought: steps.flatMap(({ reasoningText }) => reasoningText || []).join('\n\n'),
  }
}

/** The last text of the run; a truncated text continues in the following steps. */
export function answerOf(steps: Steps): string {
  const last = steps.findLastIndex(({ text }) => text.trim() !== '')
  let first = last
  while (first > 0 && isCut(steps[first - 1])) first--
  return steps
    .slice(Math.max(first, 0), last + 1)
    .map(({ text }) => text)
    .join('')
}

/** Whether an answer reached the model's output limit, outside of a tool call. */
export function isCut(step: StepResult<ToolSet> | undefined): boolean {
  return step?.finishReason === 'length' && step.toolCalls.length === 0
}

/**
 * Each call with what the model was given for it; images are replaced by their type and size. Callback URLs are redacted:
 * a replay that continues this run can still be called, and results are sent to others.
 */
function toToolCalls({ content }: StepResult<ToolSet>, exactArguments: ExactArguments): ToolCall[] {
  const calls = new Map<string, ToolCall>()
  for (const part of content) {
    if (part.type === 'tool-call') {
      const args = exactArguments.of(part.toolCallId, part.input)
      calls.set(part.toolCallId, { name: part.toolName, arguments: withoutCallbackUrls(args) })
    }
    const call = 'toolCallId' in part ? calls.get(part.toolCallId) : undefined
    if (!call) continue
    if (part.type === 'tool-result') call.result = withoutCallbackUrls(shownOutput(part.output))
    if (part.type === 'tool-error') call.error = redactLinks(getErrorMessage(part.error), CALLBACK)
  }
  return [...calls.values()]
}

const CALLBACK = ['callback'] as const

function withoutCallbackUrls(value: unknown): unknown {
  const text = JSON.stringify(value) ?? ''
  const clean = redactLinks(text, CALLBACK)
  return clean === text ? value : parseExact(clean)
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
