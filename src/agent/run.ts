import { generateText, isStepCount, type StepResult, type ToolSet } from 'ai'
import type { AgentConfig } from '../contract/agent.ts'
import type { InboundRequest, RunResult, Usage } from '../contract/task.ts'
import { BellwireError } from '../errors.ts'
import type { Models } from '../models/models.ts'
import type { Log } from '../telemetry/log.ts'
import type { BuildTools } from '../tools/buildTools.ts'
import { createApprovalGate, trustedTools } from './approvalGate.ts'
import { createAgentCompiler, type CompiledAgent } from './compileAgent.ts'
import type { Journal } from './journal.ts'
import { journaledModel } from './modelCall.ts'
import { parseOutput } from './outputSchema.ts'
import { renderInstructions, renderMessage } from './prompt.ts'
import { createPromptRecorder } from './promptRecord.ts'
import { toRunResult } from './result.ts'
import { createRunContext, type RunContext } from './runContext.ts'
import { RunFailure } from './runFailure.ts'
import { RunPause, type Decision } from './runPause.ts'
import { createRunStop } from './runStop.ts'
import { journaledTools } from './toolCall.ts'

/** A piece of what the model writes, as it writes it. */
export type Piece = { type: 'answer' | 'thought'; text: string }

export type RunInput = {
  /** `senderVerified`: the request came with a key or a valid signature. */
  task: { id: string; createdAt: Date; senderVerified: boolean }
  agent: { id: string; revision: number; config: AgentConfig }
  /** The parsed JSON body. */
  payload: unknown
  request: InboundRequest
  journal: Journal
  /** What people have said about calls of this task, by the key of the call. */
  decisions?: (key: string) => Decision | undefined
  /**
   * When present somebody reads along: the model streams, and each piece is handed over at once. Pieces of
   * calls that the journal answers are not handed over again.
   */
  onPiece?: (piece: Piece) => void
  /** Asked before each model call: only when somebody reads along just then does it stream. Without it always. */
  isWatched?: () => boolean
  /** Aborted on cancel, shutdown and loss of the lease; its reason is rethrown. */
  signal: AbortSignal
  /** Instant (epoch milliseconds) after which the run is over, restarts or not. */
  deadline: number
}

export type RunOutcome = { result: RunResult; usage: Usage }

/** Runs agents. Any number of runs may be under way at once. */
export type AgentRunner = (input: RunInput) => Promise<RunOutcome>

/**
 * Makes the function that runs an agent on one task: model calls and tool calls in turns, until the model
 * answers. Whatever the journal of the task holds is not done again, so a run that was cut off is resumed by
 * running it once more with the same journal.
 *
 * A run rejects with a RunFailure that says why and whether trying again can help; with a RunPause when it
 * cannot go on before a person has decided; with the reason of its signal; or with what its journal throws, as
 * it is.
 */
export function createAgentRunner(deps: {
  models: Models
  /** Makes the tools of an agent ready: see createBuildTools. */
  buildTools: BuildTools
  log?: Log
}): AgentRunner {
  const compile = createAgentCompiler(deps.buildTools)

  return async (input) => {
    const { config } = input.agent
    const stop = createRunStop({
      signal: input.signal,
      deadline: input.deadline,
      timeoutSeconds: config.limits.timeout_seconds,
    })
    const context = createRunContext({
      taskId: input.task.id,
      modelRef: config.model,
      stop,
      journal: input.journal,
      onPiece: input.onPiece,
      isWatched: input.isWatched ?? (() => true),
      decisions: input.decisions ?? (() => undefined),
      log: deps.log?.child({ task_id: input.task.id }),
    })
    try {
      stop.signal.throwIfAborted()
      const agent = compile(input.agent)
      const steps = await stop.race(runLoop(deps.models, agent, input, context))
      return { result: readResult(agent, steps, context), usage: context.usage }
    } catch (error) {
      throw failureOf(error, context)
    } finally {
      stop.close()
      // The result does not wait for what is slow to end.
      context.scope
        .disposeAsync()
        .catch((err: unknown) => context.log?.warn({ err }, 'a tool did not end well'))
    }
  }
}

/** The loop itself: the model, then the tools that it asks for, then the model again. */
async function runLoop(
  models: Models,
  agent: CompiledAgent,
  input: RunInput,
  context: RunContext,
): Promise<StepResult<ToolSet>[]> {
  const { config } = agent
  const model = models.resolve(config.model)
  const scope = {
    payload: input.payload,
    request: input.request,
    agent: { id: input.agent.id, name: config.name, revision: input.agent.revision },
    now: input.task.createdAt.toISOString(),
  }
  const instructions = renderInstructions(agent.instructions, scope)
  const call = {
    model,
    context,
    recordPrompt: createPromptRecorder(config.model, context.recordedCalls),
    responseFormat: config.output_schema && {
      type: 'json' as const,
      schema: config.output_schema,
      name: 'output',
    },
    redact: (text: string) => models.redact(text),
  }
  const trust = { ...config, senderVerified: input.task.senderVerified }
  const tools = trustedTools(agent.tools, trust)
  const { steps } = await generateText({
    model,
    ...(instructions === undefined ? {} : { instructions }),
    prompt: renderMessage(agent.message, scope, input.task.id),
    tools: journaledTools(tools, context),
    toolApproval: createApprovalGate(tools, trust, context),
    stopWhen: isStepCount(config.limits.max_steps),
    prepareStep: ({ stepNumber }) => {
      context.step = stepNumber
      return { model: journaledModel(stepNumber, call) }
    },
    // Trying again is the task's affair: it waits outside, where it holds no slot, and repeats nothing that
    // is in the journal.
    maxRetries: 0,
    abortSignal: context.stop.signal,
  })
  return steps
}

function readResult(agent: CompiledAgent, steps: StepResult<ToolSet>[], context: RunContext): RunResult {
  const last = steps.at(-1)
  const maxSteps = agent.config.limits.max_steps
  if (last && last.toolCalls.length > 0 && steps.length >= maxSteps) {
    throw new RunFailure(
      'step_limit',
      `The run used all of its ${maxSteps} steps, and the model still asked for tools.`,
    )
  }
  const result = toRunResult(steps)
  const isCut = last?.finishReason === 'length' || last?.finishReason === 'content-filter'
  if (isCut && (last.text.trim() === '' || last.toolCalls.length > 0)) {
    const why = last.finishReason === 'length' ? 'at its output limit' : 'at a content filter'
    throw new RunFailure('answer_cut', `${context.modelRef} stopped ${why}, before it gave an answer.`)
  }
  if (context.undecided.length > 0) throw new RunPause(context.undecided)
  if (!agent.checkOutput) return result
  const text = context.lastAnswer?.structuredOutputText ?? last?.text ?? ''
  return { ...result, output: parseOutput(text, agent.checkOutput) }
}

/** Gives every failure the usage so far, and errors of the parts below the form of a failure. */
function failureOf(error: unknown, { stop, usage }: RunContext): unknown {
  const reason: unknown = stop.signal.aborted ? stop.signal.reason : error
  const failure =
    reason instanceof BellwireError ? new RunFailure(reason.code, reason.message, { cause: reason }) : reason
  if (failure instanceof RunFailure) failure.usage = usage
  return failure
}
