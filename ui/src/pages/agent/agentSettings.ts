/** What the number of a setting counts; durations and sizes can be written in several units. */
export type Measure = 'count' | 'usd' | 'seconds' | 'days' | 'bytes' | 'tokens'

/** A setting of an agent that is a number. */
export type NumberSetting = {
  /** The server's name of it. */
  pointer: string
  label: string
  help: string
  measure: Measure
  /** The value that applies while the field is empty. */
  standard?: number
  /** What an empty field means, where there is no such value. */
  empty?: string
  /** What the switch says that sets it to "never". */
  never?: string
}

/** Every setting of an agent that is a number, by the name of its field in the form. */
export const NUMBERS = {
  max_steps: {
    pointer: 'limits/max_steps',
    label: 'Max steps',
    help: 'Model calls in one run.',
    measure: 'count',
    standard: 20,
  },
  timeout_seconds: {
    pointer: 'limits/timeout_seconds',
    label: 'Timeout of a run',
    help: 'For all attempts together, not counting time spent waiting for people.',
    measure: 'seconds',
    standard: 600,
  },
  max_attempts: {
    pointer: 'retry/max_attempts',
    label: 'Max attempts',
    help: 'A failed run is retried until this many runs have failed.',
    measure: 'count',
    standard: 3,
  },
  max_concurrent_runs: {
    pointer: 'limits/max_concurrent_runs',
    label: 'Max concurrent runs',
    help: 'Across all workers. Other tasks wait.',
    measure: 'count',
    empty: 'No limit',
  },
  max_total_tokens: {
    pointer: 'limits/max_total_tokens',
    label: 'Max tokens per run',
    help: 'Input and output of all model calls.',
    measure: 'tokens',
    empty: 'No limit',
  },
  max_pending_tasks: {
    pointer: 'limits/max_pending_tasks',
    label: 'Max pending tasks',
    help: 'Tasks that may wait for their first run. Further requests get 429.',
    measure: 'count',
    empty: 'No limit',
  },
  step_timeout_seconds: {
    pointer: 'limits/step_timeout_seconds',
    label: 'Timeout of a model call',
    help: 'A call that takes longer counts as failed.',
    measure: 'seconds',
    standard: 300,
  },
  tool_timeout_seconds: {
    pointer: 'limits/tool_timeout_seconds',
    label: 'Timeout of a tool call',
    help: 'A tool’s own “timeout_seconds” takes precedence.',
    measure: 'seconds',
    standard: 60,
  },
  max_output_bytes: {
    pointer: 'limits/max_output_bytes',
    label: 'Max model output per run',
    help: 'Text, reasoning and tool arguments together.',
    measure: 'bytes',
    standard: 1_048_576,
  },
  max_conversation_tokens: {
    pointer: 'limits/max_conversation_tokens',
    label: 'Max tokens of earlier turns',
    help: 'What a run sees of its conversation. Older turns are summarised.',
    measure: 'tokens',
    standard: 8_000,
  },
  max_cost_usd: {
    pointer: 'limits/max_cost_usd',
    label: 'Max cost per run',
    help: 'Requires a model with a known price.',
    measure: 'usd',
    empty: 'No limit',
  },
  max_cost_usd_per_day: {
    pointer: 'budget/max_cost_usd_per_day',
    label: 'Daily budget',
    help: 'Requires a model with a known price.',
    measure: 'usd',
    empty: 'No limit',
  },
  max_tokens_per_day: {
    pointer: 'budget/max_tokens_per_day',
    label: 'Daily tokens',
    help: 'Input and output of all model calls.',
    measure: 'tokens',
    empty: 'No limit',
  },
  approval_timeout: {
    pointer: 'approvals/timeout_seconds',
    label: 'Time to decide',
    help: 'After this time an undecided call is denied, and a question is closed.',
    measure: 'seconds',
    standard: 86_400,
    never: 'No time limit: wait until someone decides',
  },
  keep_days: {
    pointer: 'keep_days',
    label: 'Keep tasks for',
    help: 'Tasks are deleted this long after they end, with their payloads and steps.',
    measure: 'days',
    empty: 'Same as all agents',
  },
} as const satisfies Record<string, NumberSetting>

export type NumberField = keyof typeof NUMBERS

/** All of them, in order. */
export const numberSettings: readonly (NumberSetting & { field: NumberField })[] = Object.entries(
  NUMBERS,
).map(([field, setting]) => ({ ...setting, field: field as NumberField }))

/** A setting by its field. */
export function settingOf(field: NumberField): NumberSetting {
  return NUMBERS[field]
}
