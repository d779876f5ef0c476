import type {
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultOutput,
} from '@ai-sdk/provider'
import type { Usage } from '../contract/task.ts'
import { parseRef } from '../models/providers.ts'
import { redactText } from '../telemetry/redact.ts'
import type { Span, Tracer } from '../telemetry/tracing.ts'

/**
 * Spans of a run, named after OpenTelemetry's semantic conventions for generative AI. Only calls that are made have
 * one: recorded calls were reported by the attempt that made them.
 */
type Place = { tracer: Tracer; parent: string | undefined }

/** Providers whose name in the conventions differs from ours. */
const PROVIDERS = new Map([['google', 'gcp.gemini']])

/** The whole run of an agent, in one attempt. */
export function startAgentSpan(
  { tracer, parent }: Place,
  run: {
    taskId: string
    attempt: number | undefined
    agent: { id: string; name: string; revision: number }
    model: string
  },
): Span {
  return tracer.start(`invoke_agent ${run.agent.name}`, {
    kind: 'internal',
    parent,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.id': run.agent.id,
      'gen_ai.agent.name': run.agent.name,
      ...modelAttributes(run.model),
      'bellwire.agent.revision': run.agent.revision,
      'bellwire.task.id': run.taskId,
      'bellwire.task.attempt': run.attempt,
    },
  })
}

/** One call of a model. */
export function startChatSpan(
  { tracer, parent }: Place,
  { model, step, prompt }: { model: string; step: number; prompt: LanguageModelV4Prompt },
): Span {
  const span = tracer.start(`chat ${parseRef(model).id}`, {
    kind: 'client',
    parent,
    attributes: {
      'gen_ai.operation.name': 'chat',
      ...modelAttributes(model),
      'gen_ai.output.type': 'text',
      'bellwire.step': step,
    },
  })
  if (tracer.withContents) span.set(promptAttributes(prompt))
  return span
}

/** The model's answer. */
export function describeAnswer(
  span: Span,
  { tracer, answer, usage }: { tracer: Tracer; answer: LanguageModelV4GenerateResult; usage: Usage },
): void {
  span.set({
    'gen_ai.response.id': answer.response?.id,
    'gen_ai.response.model': answer.response?.modelId,
    'gen_ai.response.finish_reasons': [answer.finishReason.unified],
    ...usageAttributes(usage),
  })
  if (!tracer.withContents) return
  const parts = answer.content.flatMap(outputPart)
  const message = { role: 'assistant', parts, finish_reason: answer.finishReason.unified }
  span.set({ 'gen_ai.output.messages': contents([message]) })
}

export function usageAttributes(usage: Usage) {
  return {
    'gen_ai.usage.input_tokens': usage.input_tokens,
    'gen_ai.usage.output_tokens': usage.output_tokens,
    'gen_ai.usage.cache_read.input_tokens': usage.cached_input_tokens,
    'gen_ai.usage.reasoning.output_tokens': usage.reasoning_tokens,
    'bellwire.usage.cost_usd': usage.cost_usd ?? undefined,
  }
}

/** One call of a tool. */
export function startToolSpan(
  { tracer, parent }: Place,
  { name, toolCallId, step, args }: { name: string; toolCallId: string; step: number; args: unknown },
): Span {
  return tracer.start(`execute_tool ${name}`, {
    kind: 'internal',
    parent,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': toolCallId,
      'gen_ai.tool.call.arguments': tracer.withContents ? contents(args) : undefined,
      'bellwire.step': step,
    },
  })
}

/** The tool's output. */
export function describeToolResult(span: Span, tracer: Tracer, result: unknown): void {
  if (tracer.withContents) span.set({ 'gen_ai.tool.call.result': contents(result) })
}

/** What a model was sent or wrote, without keys and the secret parts of links. */
function contents(value: unknown): string {
  return redactText(JSON.stringify(value ?? null))
}

function modelAttributes(model: string) {
  const { provider, id } = parseRef(model)
  return { 'gen_ai.provider.name': PROVIDERS.get(provider) ?? provider, 'gen_ai.request.model': id }
}

function promptAttributes(prompt: LanguageModelV4Prompt) {
  const system = prompt.flatMap((message) =>
    message.role === 'system' ? [{ type: 'text', content: message.content }] : [],
  )
  const messages = prompt.flatMap((message) =>
    message.role === 'system' ? [] : [{ role: message.role, parts: message.content.flatMap(inputPart) }],
  )
  return {
    'gen_ai.system_instructions': system.length > 0 ? contents(system) : undefined,
    'gen_ai.input.messages': contents(messages),
  }
}

type InputPart = Exclude<LanguageModelV4Prompt[number], { role: 'system' }>['content'][number]

function inputPart(part: InputPart): object[] {
  if (part.type !== 'tool-result') return outputPart(part)
  return [{ type: 'tool_call_response', id: part.toolCallId, response: withoutFiles(part.output) }]
}

/** A trace holds no images: they would be larger than all the rest. */
function withoutFiles(output: LanguageModelV4ToolResultOutput): object {
  if (output.type !== 'content') return output
  return {
    ...output,
    value: output.value.map((part) =>
      part.type === 'file' ? { type: part.type, mediaType: part.mediaType } : part,
    ),
  }
}

function outputPart(part: LanguageModelV4Content | InputPart): object[] {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return [{ type: part.type, content: part.text }]
    case 'tool-call':
      return [{ type: 'tool_call', id: part.toolCallId, name: part.toolName, arguments: part.input }]
    default:
      return []
  }
}
