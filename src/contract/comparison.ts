import { z } from 'zod'
import { Id } from './name.ts'
import { RunError, TaskState, Usage } from './task.ts'

const DURATION = 'Milliseconds, without time spent waiting; null before the end'

const Side = z.object({
  id: Id,
  agent_id: Id,
  revision: z.int(),
  replay_of: Id.nullable(),
  state: TaskState,
  error: RunError.nullable(),
  answer: z.string().nullable(),
  output: z.unknown().meta({ description: 'The output, if the agent has an output schema; null otherwise' }),
  usage: Usage.nullable().meta({ description: 'Of its own calls, not those of the run that it continues' }),
  duration_ms: z.int().nullable().meta({ description: DURATION }),
  steps: z.int(),
})

const StepSide = z.object({
  key: z.string(),
  name: z.string(),
  step: z.int(),
  state: z.enum(['started', 'done', 'failed']),
  attempt: z.int().meta({ description: '0: carried over from the run that it continues' }),
  input: z.unknown().meta({ description: 'As in the task' }),
  output: z.unknown(),
  usage: Usage.nullable(),
  duration_ms: z.int().nullable(),
})

export const ComparedStep = z.object({
  kind: z.enum(['model', 'tool', 'input']),
  differs: z
    .array(z.enum(['name', 'state', 'input', 'output']))
    .nullable()
    .meta({ description: 'What differs; null when only one of the runs has the step' }),
  left: StepSide.nullable(),
  right: StepSide.nullable(),
})
export type ComparedStep = z.infer<typeof ComparedStep>

/** Two tasks side by side. */
export const Comparison = z
  .object({
    left: Side,
    right: Side,
    differs: z
      .array(z.enum(['payload', 'state', 'error', 'answer', 'output', 'steps']))
      .meta({ description: 'What differs. Cost and time are not compared' }),
    steps: z.array(ComparedStep).meta({
      description: 'In order. Calls of the same tool are paired, preferring those with the same arguments',
    }),
  })
  .meta({ id: 'Comparison' })
export type Comparison = z.infer<typeof Comparison>
