import {
  generateText,
  isStepCount,
  type ModelMessage,
  type StepResult,
  type ToolSet,
  type UserContent,
} from 'ai'
import type { Models } from '../models/models.ts'
import { createApprovalGate, trustedTools } from './approvalGate.ts'
import type { CompiledAgent } from './compileAgent.ts'
import { journaledModel } from './modelCall.ts'
import { attachmentParts } from './attachments.ts'
import { renderInstructions, renderMessage, type PromptScope } from './prompt.ts'
import { createPromptRecorder } from './promptRecord.ts'
import { firstTaskOf, type RunInput } from './runInput.ts'
import type { RunContext } from './runContext.ts'
import { journaledTools, toolsWithoutCalls } from './toolCall.ts'

export type Steps = StepResult<ToolSet>[]

/** The conversation of one run. */
export type Loop = {
  /** Calls the model, then the tools that it requests, then the model again, until it answers. */
  run(): Promise<Steps>
  /** One more model call, with a message that says what was wrong with the answer. After `run`. */
  askAgain(complaint: string): Promise<Steps>
}

/** What a run needs of the models. */
export type RunModels = Pick<Models, 'resolve' | 'memory' | 'redact'>

/** Rejects with RunFailure `template_failed`; BellwireError `provider_not_configured`. */
export async function createLoop(
  models: RunModels,
  agent: CompiledAgent,
  input: RunInput,
  context: RunContext,
): Promise<Loop> {
  const { config } = agent
  const first = firstTaskOf(input)
  const model = models.resolve(config.model)
  const scope = {
    payload: input.payload,
    payloadText: input.payloadText,
    plainPayload: input.plainPayload,
    request: input.request,
    agent: { id: input.agent.id, name: config.name, revision: input.agent.revision },
    now: first.createdAt.toISOString(),
  }
  const instructions = await renderInstructions(agent.instructions, scope)
  const call = {
    model,
    context,
    recordPrompt: createPromptRecorder(config.model, context.state.recordedCalls),
    responseFormat: config.output_schema && {
      type: 'json' as const,
      schema: config.output_schema,
      name: 'output',
    },
    memory: models.memory,
    redact: (text: string) => models.redact(text),
  }
  const common = {
    model,
    ...(instructions === undefined ? {} : { instructions }),
    // Retries are made for the task as a whole, outside of the run, where waiting occupies no slot and recorded
    // calls are not repeated.
    maxRetries: 0,
    // Spans are made where calls are journaled: the SDK would copy its events for listeners that do not exist.
    telemetry: { isEnabled: false },
    abortSignal: context.stop.signal,
  }
  const trust = { ...config, senderTrusted: input.task.senderTrusted }
  const tools = trustedTools(agent.tools, trust)
  const messages: ModelMessage[] = [{ role: 'user', content: await userContent(agent, input, scope) }]
  let made = 0

  return {
    async run() {
      const { steps, responseMessages } = await generateText({
        ...common,
        messages,
        tools: journaledTools(tools, context),
        toolApproval: createApprovalGate(tools, trust, context),
        stopWhen: [isStepCount(config.limits.max_steps), () => context.state.undecided.length > 0],
        prepareStep: ({ stepNumber }) => {
          context.state.step = stepNumber
          return { model: journaledModel(stepNumber, call) }
        },
      })
      messages.push(...responseMessages)
      made = steps.length
      return steps
    },

    async askAgain(complaint) {
      const step = made++
      context.state.step = step
      messages.push({ role: 'user', content: complaint })
      const { steps, responseMessages } = await generateText({
        ...common,
        messages,
        // Some providers refuse a conversation with tool calls when the tools are not listed.
        tools: toolsWithoutCalls(tools),
        toolChoice: 'none',
        prepareStep: () => ({ model: journaledModel(step, { ...call, ignoreToolCalls: true }) }),
      })
      messages.push(...responseMessages)
      return steps
    },
  }
}

/** The message, and the files that came with the request. */
async function userContent(agent: CompiledAgent, input: RunInput, scope: PromptScope): Promise<UserContent> {
  const text = await renderMessage(agent.message, scope, firstTaskOf(input).id)
  if (!input.attachments?.length) return text
  const place = { taskId: firstTaskOf(input).id, modelRef: agent.config.model }
  return [{ type: 'text', text }, ...attachmentParts(input.attachments, place)]
}
