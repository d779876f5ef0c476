import {
  generateText,
  isStepCount,
  type ModelMessage,
  type StepResult,
  type ToolSet,
  type UserContent,
} from 'ai'
import type { Models } from '../models/models.ts'
import type { ConversationRequest } from '../contract/conversation.ts'
import { parseStored } from '../contract/longJson/parseLong.ts'
import { createApprovalGate, trustedTools } from './toolCalls/approvalGate.ts'
import type { CompiledAgent } from './compileAgent.ts'
import { createJoinedRequests } from './conversation/joinedRequests.ts'
import { conversationLimit, openConversation } from './conversation/openConversation.ts'
import { createSummarise } from './conversation/summarise.ts'
import { journaledModel } from './modelCalls/modelCall.ts'
import { attachmentParts } from './prompt/attachments.ts'
import { payloadMessage, renderInstructions, renderMessage, type PromptScope } from './prompt/prompt.ts'
import type { ProcessMemory } from './processMemory.ts'
import { createPromptRecorder } from './prompt/promptRecord.ts'
import { firstTaskOf, type RunInput } from './runInput.ts'
import type { RunContext } from './runContext.ts'
import { RunFailure } from './runFailure.ts'
import { journaledTools, toolsWithoutCalls } from './toolCalls/toolCall.ts'

export type Steps = StepResult<ToolSet>[]

/** The conversation of one run. */
export type Loop = {
  /**
   * Calls the model, then the tools that it requests, then the model again, until it answers. Requests that join
   * meanwhile are added between two steps. Gives the steps since the newest of them.
   */
  run(): Promise<Steps>
  /**
   * Takes the requests that have joined since: then the run goes on with them. After `run`.
   *
   * @returns whether there were any
   */
  takeJoined(): Promise<boolean>
  /** The steps before the newest request that joined. */
  earlier(): Steps
  /** What the user said so far, and how many requests that joined it includes. */
  said(): { message: string; joined: number }
  /** One more model call, with a message that says what was wrong with the answer. After `run`. */
  askAgain(complaint: string): Promise<Steps>
}

/** What a run needs of the models. */
export type RunModels = Pick<Models, 'resolve' | 'redact'>

/** Rejects with RunFailure `template_failed`; BellwireError `provider_not_configured`. */
export async function createLoop(
  { models, memory }: { models: RunModels; memory: ProcessMemory },
  agent: CompiledAgent,
  input: RunInput,
  context: RunContext,
): Promise<Loop> {
  const { config } = agent
  const first = firstTaskOf(input)
  const model = await models.resolve(config.model)
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
    memory,
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
  const render = (request: ConversationRequest): Promise<string> =>
    renderRequest(agent, request, scope, first.id)
  const limit = conversationLimit(context)
  const { history, requests } = await openConversation(input.conversation, context, {
    render,
    summarise: createSummarise(call, limit / 4),
    limit,
  })
  const joined = createJoinedRequests(input.conversation, context, render)
  const said = [...requests, await renderMessage(agent.message, scope, first.id), ...(await joined.take(0))]
  const messages: ModelMessage[] = [...history, { role: 'user', content: userContent(agent, input, said) }]
  const earlier: Steps = []
  let round: Steps = []
  let made = 0

  /** From here on a run may use all its steps again: as a task of its own, the request could have. */
  function join(texts: readonly string[]): void {
    said.push(...texts)
    messages.push({ role: 'user', content: texts.join('\n\n') })
    earlier.push(...round)
    round = []
  }

  return {
    async run() {
      for (;;) {
        const base = made
        let arrived: string[] = []
        const { steps, responseMessages } = await generateText({
          ...common,
          messages,
          tools: journaledTools(tools, context),
          toolApproval: createApprovalGate(tools, trust, context),
          stopWhen: [
            isStepCount(config.limits.max_steps - round.length),
            () => context.state.undecided.length > 0,
            async ({ steps: so }) => (arrived = await joined.take(base + so.length)).length > 0,
          ],
          prepareStep: ({ stepNumber }) => {
            context.state.step = base + stepNumber
            return { model: journaledModel(base + stepNumber, call) }
          },
        })
        messages.push(...responseMessages)
        made += steps.length
        round.push(...steps)
        if (context.state.undecided.length > 0 || arrived.length === 0) return round
        join(arrived)
      }
    },

    async takeJoined() {
      const texts = await joined.take(made, { rest: true })
      if (texts.length > 0) join(texts)
      return texts.length > 0
    },

    earlier: () => earlier,

    said: () => ({ message: [...said, ...fileNames(input)].join('\n\n'), joined: joined.count() }),

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
      round.push(...steps)
      return steps
    },
  }
}

/** The messages of the requests, and the files that came with the first one. */
function userContent(agent: CompiledAgent, input: RunInput, texts: readonly string[]): UserContent {
  const text = texts.join('\n\n')
  if (!input.attachments?.length) return text
  const place = { taskId: firstTaskOf(input).id, modelRef: agent.config.model }
  return [{ type: 'text', text }, ...attachmentParts(input.attachments, place)]
}

/** Later tasks of a conversation see that there were files, and not what was in them. */
function fileNames({ attachments = [] }: RunInput): string[] {
  return attachments.map(({ filename }) => `(With the file ${JSON.stringify(filename)}.)`)
}

/** One that does not fit the template must not fail the run that it joined: the model gets its payload. */
async function renderRequest(
  agent: CompiledAgent,
  { payloadText, request }: ConversationRequest,
  scope: PromptScope,
  taskId: string,
): Promise<string> {
  const payload = await parseStored(Buffer.from(payloadText))
  try {
    return await renderMessage(agent.message, { ...scope, payload, payloadText, request }, taskId)
  } catch (error) {
    if (!(error instanceof RunFailure)) throw error
    return payloadMessage(payload, taskId, payloadText)
  }
}
