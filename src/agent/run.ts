import { BellwireError } from '../errors.ts'
import type { Log } from '../telemetry/log.ts'
import { noRunMetrics, type RunMetrics } from '../telemetry/runMetrics.ts'
import { noTracer, type Span, type Tracer } from '../telemetry/tracing.ts'
import type { BuildTools } from '../tools/buildTools.ts'
import { createAgentCompiler } from './compileAgent.ts'
import { createLoop, type RunModels } from './loop.ts'
import { createProcessMemory, type ProcessMemory } from './processMemory.ts'
import { readResult } from './result/readResult.ts'
import { createRunContext, type RunContext } from './runContext.ts'
import { RunFailure } from './runFailure.ts'
import { firstTaskOf, type RunInput, type RunOutcome } from './runInput.ts'
import { RunPause } from './runPause.ts'
import { createRunStop } from './runStop.ts'
import { startAgentSpan, usageAttributes } from './spans.ts'

/** Runs agents. Any number of runs may be in progress at once. */
export type AgentRunner = (input: RunInput) => Promise<RunOutcome>

/**
 * Creates the function that runs an agent on one task: alternating model calls and tool calls, until the model answers.
 * Whatever is in the task's journal is not done again, so an interrupted run is resumed by running it again with the
 * same journal.
 *
 * A run rejects with a RunFailure that says why and whether a retry can help; with a RunPause when it waits for a person or
 * a callback; with the reason of its signal; or with the journal's own error.
 */
export function createAgentRunner(deps: {
  models: RunModels
  /** Prepares an agent's tools: see createBuildTools. */
  buildTools: BuildTools
  /** Shared by all runs of the process. */
  memory?: ProcessMemory
  tracer?: Tracer
  metrics?: RunMetrics
  log?: Log
}): AgentRunner {
  const { models, memory = createProcessMemory(), tracer = noTracer, metrics = noRunMetrics } = deps
  const compile = createAgentCompiler(deps.buildTools)

  return async (input) => {
    const { config } = input.agent
    const stop = createRunStop({
      signal: input.signal,
      deadline: input.deadline,
      timeoutSeconds: config.limits.timeout_seconds,
    })
    const span = startAgentSpan(
      { tracer, parent: input.trace?.parent },
      {
        taskId: input.task.id,
        attempt: input.trace?.attempt,
        agent: { id: input.agent.id, name: config.name, revision: input.agent.revision },
        model: config.model,
      },
    )
    const context = createRunContext({
      taskId: input.task.id,
      firstTaskId: firstTaskOf(input).id,
      attempt: input.trace?.attempt ?? 1,
      modelRef: config.model,
      limits: config.limits,
      price: input.price,
      tracer,
      traceParent: span.traceParent,
      metrics,
      stop,
      journal: input.journal,
      onModelCall: input.onModelCall,
      onPiece: input.onPiece,
      isWatched: input.isWatched ?? (() => true),
      decisions: input.decisions ?? (() => undefined),
      record: input.record,
      callbackUrls: input.callbackUrls,
      memory: input.memory,
      log: deps.log?.child({ task_id: input.task.id }),
    })
    try {
      stop.signal.throwIfAborted()
      refuseUnpriced(context)
      const agent = compile(input.agent)
      const loop = await stop.race(createLoop({ models, memory }, agent, input, context))
      let result = await stop.race(readResult(agent, loop, context))
      while (await stop.race(loop.takeJoined())) result = await stop.race(readResult(agent, loop, context))
      return { result, usage: context.state.usage, said: loop.said() }
    } catch (error) {
      const failure = failureOf(error, context)
      noteFailure(span, failure)
      throw failure
    } finally {
      span.set(usageAttributes(context.state.usage))
      span.end()
      stop.close()
      // The result does not wait for tools that are slow to close.
      context.scope
        .disposeAsync()
        .catch((err: unknown) => context.log?.warn({ err }, 'a tool could not be closed'))
    }
  }
}

/** A cost limit cannot be enforced when the price is unknown: such a run does not start. */
function refuseUnpriced({ limits, price, modelRef }: RunContext): void {
  if (limits.max_cost_usd === undefined || price) return
  throw new RunFailure(
    'price_unknown',
    `The price of ${modelRef} is unknown, but the agent has limits.max_cost_usd. Set its price with PUT /api/prices.`,
  )
}

/** A pause is not a failure, and neither is a stop from outside. */
function noteFailure(span: Span, failure: unknown): void {
  if (failure instanceof RunFailure) span.fail(failure.code)
  else if (failure instanceof RunPause) span.set({ 'bellwire.paused': true })
  else span.set({ 'bellwire.stopped': true })
}

/** Adds the usage so far to every failure, and converts errors of lower layers to failures. */
function failureOf(error: unknown, { stop, state }: RunContext): unknown {
  const reason: unknown = stop.signal.aborted ? stop.signal.reason : error
  const failure =
    reason instanceof BellwireError ? new RunFailure(reason.code, reason.message, { cause: reason }) : reason
  if (failure instanceof RunFailure) failure.usage = state.usage
  return failure
}
