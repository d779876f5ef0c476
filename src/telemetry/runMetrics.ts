import type { Metrics } from './metrics.ts'

/** Records metrics of a worker's runs. */
export type RunMetrics = {
  /** A task changed its state, for one of the few reasons of a transition. */
  transition(state: string, reason: string): void
  /** A run of a task ended or paused; its seconds include all attempts. */
  run(outcome: string, seconds: number): void
  /** A model call was made, as opposed to answered from the journal. `outcome` is `ok` or an error code. */
  modelCall(model: string, outcome: string, seconds: number): void
  toolCall(outcome: string, seconds: number): void
}

const CALL_BOUNDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
const RUN_BOUNDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600]

export function createRunMetrics(metrics: Metrics): RunMetrics {
  const transitions = metrics.counter(
    'bellwire_task_transitions_total',
    'Task state changes, by new state and reason.',
  )
  const runs = metrics.histogram(
    'bellwire_run_duration_seconds',
    'Time from the first start of a task to its end, by final state.',
    RUN_BOUNDS,
  )
  const modelCalls = metrics.histogram(
    'bellwire_model_call_duration_seconds',
    'Model calls, by model and outcome: ok, or the error code.',
    CALL_BOUNDS,
  )
  const toolCalls = metrics.histogram(
    'bellwire_tool_call_duration_seconds',
    'Tool calls, by outcome.',
    CALL_BOUNDS,
  )
  return {
    transition: (state, reason) => transitions.add({ state, reason }),
    run: (outcome, seconds) => runs.observe({ outcome }, seconds),
    modelCall: (model, outcome, seconds) => modelCalls.observe({ model, outcome }, seconds),
    toolCall: (outcome, seconds) => toolCalls.observe({ outcome }, seconds),
  }
}

/** Records nothing. */
export const noRunMetrics: RunMetrics = {
  transition: () => {},
  run: () => {},
  modelCall: () => {},
  toolCall: () => {},
}
