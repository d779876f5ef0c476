import { z } from 'zod'
import { AgentPatch } from './agent.ts'
import { Id, Timestamp } from './name.ts'
import { PageQuery, pageOf } from './page.ts'
import { RunError, TaskState, Usage } from './task.ts'
import { TaskFilterQuery } from './taskQuery.ts'

/** Tasks that one rehearsal runs at most: each costs model calls. */
export const MAX_REHEARSED = 100

/** What an agent rehearses, and on which configuration. */
export const RehearsalRequest = z
  .strictObject({
    draft: AgentPatch.optional().meta({
      description: 'Fields that replace those of the latest revision, without being saved',
    }),
    revision: z
      .union([z.literal('latest'), z.int().min(1)])
      .optional()
      .meta({ description: 'A revision of the agent instead of a draft; the latest by default' }),
    webhook_id: Id.optional().meta({ description: 'Rehearse the tasks that this webhook holds' }),
    task_id: Id.optional().meta({ description: 'Rehearse this task of the agent alone' }),
    payload: z.unknown().optional().meta({
      description: 'Rehearse a request with this payload, which no task has received',
    }),
    filter: TaskFilterQuery.omit({ agent_id: true })
      .optional()
      .meta({ description: 'Rehearse tasks of the agent that match, as in GET /api/tasks' }),
    last: z
      .int()
      .min(1)
      .max(MAX_REHEARSED)
      .optional()
      .meta({
        description: `How many, newest first: 10 by default, at a webhook ${MAX_REHEARSED}`,
      }),
  })
  .check(({ value, issues }) => {
    const both = (path: string, other: string): void => {
      issues.push({
        code: 'custom',
        path: [path],
        input: value,
        message: `cannot be used together with ${other}`,
      })
    }
    if (value.draft !== undefined && value.revision !== undefined) both('revision', 'draft')
    const [first, ...others] = (['task_id', 'payload', 'webhook_id', 'filter'] as const).filter(
      (name) => name in value && (name === 'payload' || value[name] !== undefined),
    )
    if (first !== undefined) for (const other of others) both(other, first)
    if (value.last !== undefined && (first === 'task_id' || first === 'payload')) both('last', first)
  })
  .meta({ id: 'RehearsalRequest' })
export type RehearsalRequest = z.infer<typeof RehearsalRequest>

const Summary = z.object({
  id: Id,
  agent_id: Id,
  revision: z.int(),
  draft: z.boolean().meta({ description: 'It runs on an unsaved draft' }),
  tasks: z.int(),
  open: z.int().meta({ description: 'Tasks that have not ended' }),
  created_at: Timestamp,
})

export const RehearsalList = pageOf(Summary).meta({ id: 'RehearsalList' })
export const RehearsalListQuery = PageQuery

export const RehearsalStarted = z
  .object({
    ...Summary.shape,
    task_ids: z.array(Id).meta({ description: "The rehearsal's tasks, newest first" }),
  })
  .meta({ id: 'RehearsalStarted' })

const Write = z.object({
  tool: z.string(),
  arguments: z.unknown(),
})

const RehearsedWrite = Write.extend({
  answered: z.enum(['recorded', 'simulated']).meta({
    description: "Where its result came from: the original task's record, or simulation",
  }),
  needs_approval: z.boolean().meta({ description: 'The call would have waited for a person' }),
})

const Outcome = z.object({
  state: TaskState,
  answer: z.string().nullable(),
  output: z.unknown(),
  error: RunError.nullable(),
  usage: Usage.nullable(),
  duration_ms: z.int().nullable(),
})

export const RehearsedTask = z.object({
  task_id: Id,
  ...Outcome.shape,
  writes: z.array(RehearsedWrite).meta({ description: 'What would have been done, in order' }),
  original: z
    .object({ task_id: Id, ...Outcome.shape, writes: z.array(Write) })
    .nullable()
    .meta({ description: 'The task that was rehearsed; null when it was deleted, and for a payload' }),
  differs: z
    .array(z.enum(['state', 'answer', 'output', 'error', 'writes']))
    .nullable()
    .meta({ description: 'What differs from the original; null unless both have ended' }),
})
export type RehearsedTask = z.infer<typeof RehearsedTask>

/** What an agent would have done. */
export const Rehearsal = z
  .object({
    ...Summary.shape,
    cost_usd: z.string().nullable().meta({ description: 'Of all model calls; null if a price is unknown' }),
    writes: z.int().meta({ description: 'Writes that would have been made, in all tasks' }),
    data: z.array(RehearsedTask).meta({ description: 'The tasks, newest original first' }),
  })
  .meta({ id: 'Rehearsal' })
