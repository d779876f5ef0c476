import { z } from 'zod'
import { Id } from './name.ts'
import { RejectionReason } from './rejectionReason.ts'
import { RunError, RunResult, TaskState } from './task.ts'

/** The states known to existing clients: WAITING is returned as STARTED, CANCELLED as FAILURE. */
export const PublicState = z.enum(['PENDING', 'STARTED', 'SUCCESS', 'FAILURE'])
export type PublicState = z.infer<typeof PublicState>

/** Null until the end; then the result, or the error. */
export const PublicResult = z.union([RunResult, z.object({ error: RunError })]).nullable()
export type PublicResult = z.infer<typeof PublicResult>

export const TaskLinks = z
  .object({
    status: z.string().meta({ description: 'Task status; add &wait=SECONDS to wait for completion' }),
    events: z
      .string()
      .meta({ description: 'Server-sent events; the key in the URL is valid for seven days' }),
    cancel: z.string().meta({ description: 'POST cancels the task; GET shows a confirmation page' }),
  })
  .meta({ id: 'TaskLinks' })

/** An element of a request that was split, and that started no task. */
const IgnoredElement = z
  .object({
    index: z.int().min(0).meta({ description: 'Its position in the list, from 0' }),
    reason: RejectionReason,
    task_id: Id.optional().meta({ description: 'For own_echo: the task that created the object' }),
  })
  .meta({ id: 'IgnoredElement' })

/** The response to a trigger: the task is durable from here on. */
export const TriggerAnswer = z
  .object({
    success: z.literal(true),
    task_id: Id,
    task_ids: z.array(Id).optional().meta({ description: 'If the webhook splits: all tasks, task_id first' }),
    joined: z.literal(true).optional().meta({
      description: 'The request started no task of its own; it joined this existing one',
    }),
    ignored_elements: z
      .array(IgnoredElement)
      .optional()
      .meta({ description: 'If the webhook splits: the elements that started no task, if any' }),
    links: TaskLinks,
    status: PublicState.optional().meta({ description: 'If the response waited for the task' }),
    result: PublicResult.optional().meta({
      description: 'If the response waited for the task; null if it has not ended',
    }),
    warning: z.string().optional().meta({
      description: 'Why the response is not the requested one. The task is not affected',
    }),
  })
  .meta({ id: 'TriggerAnswer' })
export type TriggerAnswer = z.infer<typeof TriggerAnswer>

/** The answer to a request that was taken in and starts nothing. */
export const IgnoredAnswer = z
  .object({
    success: z.literal(true),
    ignored: z.literal(true),
    reason: RejectionReason,
    task_id: Id.optional().meta({ description: 'For own_echo: the task that created the object' }),
  })
  .meta({ id: 'IgnoredAnswer' })
const WAIT = 'must be a number of seconds, such as 30; more than 60 counts as 60'

export const StatusQuery = z.object({
  task_id: z.string().optional().meta({ description: 'Required' }),
  wait: z.coerce
    .number(WAIT)
    .min(0, WAIT)
    .optional()
    .meta({ description: 'Seconds to wait for completion, capped at 60' }),
})

export const StatusAnswer = z.object({ status: PublicState, result: PublicResult }).meta({ id: 'TaskStatus' })
export type StatusAnswer = z.infer<typeof StatusAnswer>

/** A question to an agent, whose answer the caller waits for. Fields known to other servers are ignored. */
export const Question = z
  .looseObject({
    question: z.string().min(1).max(1_000_000),
    api_key: z.string().optional().meta({ description: 'Or Authorization: Bearer' }),
    agent_id: Id.optional().meta({ description: 'With an admin key: which agent' }),
    conversation_id: z
      .union([z.string().min(1).max(500), z.int()])
      .nullish()
      .meta({
        description:
          'Questions with the same value are one conversation: a name of your choice, or the conversation_id of an earlier ' +
          'answer. It belongs to this agent and this API key',
      }),
  })
  .meta({ id: 'Question' })
export type Question = z.infer<typeof Question>

export const Answer = z
  .object({
    ...RunResult.shape,
    task_id: Id,
    conversation_id: Id.optional().meta({ description: 'If the request has a conversation_id' }),
  })
  .meta({ id: 'Answer' })

/** The run takes longer than the request may: poll its status. */
export const StillRunning = z
  .object({
    task_id: Id,
    status: PublicState,
    links: TaskLinks,
    conversation_id: Answer.shape.conversation_id,
  })
  .meta({ id: 'StillRunning' })

export const CancelAnswer = z.object({ task_id: Id, state: TaskState }).meta({ id: 'CancelAnswer' })
