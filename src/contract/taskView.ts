import { z } from 'zod'
import { Approval } from './approval.ts'
import { Id, Timestamp } from './name.ts'
import { pageOf } from './page.ts'
import { ReplayWrites } from './replay.ts'
import { TaskLinks } from './trigger.ts'
import { Held, InboundRequest, RequestWarning, RunError, RunResult, TaskState, Usage } from './task.ts'

/** A task in a list. */
export const TaskSummary = z
  .object({
    id: Id,
    agent_id: Id,
    agent_name: z.string(),
    revision: z.int().meta({ description: 'The agent revision the task is pinned to' }),
    webhook_id: Id.nullable(),
    conversation_id: Id.nullable().meta({ description: 'The conversation that it belongs to' }),
    webhook_name: z.string().nullable().meta({ description: 'Null also when the webhook was deleted' }),
    origin: z.string().meta({ description: 'webhook, answer, stream, schedule or replay' }),
    replay_of: Id.nullable().meta({ description: 'The task that it replays' }),
    replayed: z.boolean().meta({ description: 'Whether another task replays it' }),
    state: TaskState,
    attempt: z.int().meta({ description: 'Number of times a worker has started it' }),
    title: z.string().meta({
      description:
        "What it is about: the agent's title template, otherwise the text of a field such as title, subject or " +
        'question, otherwise the name of the event and its first fields. Secrets are redacted',
    }),
    excerpt: z.string().meta({
      description:
        'The beginning of the payload in one line; for a lone question, its text. Secrets are redacted',
    }),
    error: RunError.nullable(),
    usage: Usage.nullable(),
    held: Held.nullable().meta({ description: 'Why the task is held' }),
    created_at: Timestamp,
    started_at: Timestamp.nullable(),
    finished_at: Timestamp.nullable(),
    waited_ms: z.int().meta({ description: 'Total time spent WAITING, so far' }),
    duration_ms: z.int().nullable().meta({
      description: 'From the first attempt to the end, or to now, without waits; null until it starts',
    }),
  })
  .meta({ id: 'TaskSummary' })

/** One page of tasks. It may be short, or empty, although there are more: `next_cursor` is null only at the end. */
export const TaskList = pageOf(TaskSummary)
  .extend({
    searched_back_to: Timestamp.nullable().meta({
      description:
        'Set when the time for the search was up: tasks accepted before this time have not been searched yet. ' +
        'next_cursor continues',
    }),
  })
  .meta({ id: 'TaskList' })

/** One call of the run: to the model, or to a tool. */
export const StepView = z
  .object({
    key: z.string(),
    kind: z.enum(['model', 'tool', 'input']).meta({
      description: 'input: what was added to the prompt from outside: earlier turns, a request that joined',
    }),
    name: z.string(),
    step: z.int().meta({ description: 'The number of the model call; -1: before the first one' }),
    state: z.enum(['started', 'done', 'failed']),
    attempt: z.int(),
    input: z.unknown().meta({
      description: 'The input. Keys are redacted, and JSON over 64 KiB is truncated, as in the output',
    }),
    output: z.unknown(),
    usage: Usage.nullable(),
    started_at: Timestamp,
    finished_at: Timestamp.nullable(),
    duration_ms: z.int().nullable(),
    purged_at: Timestamp.nullable().meta({
      description: 'When its input and output were deleted because of their age',
    }),
  })
  .meta({ id: 'Step' })

/** One call of the run with everything that went in and came out. */
export const StepDetail = z
  .object({
    ...StepView.shape,
    input: z.unknown().meta({
      description:
        'The whole input, with keys redacted. Model call: "system", "messages", "tools" and "settings" as the model ' +
        'was sent them. Tool call: its arguments',
    }),
    input_source: z.enum(['recorded', 'replayed', 'changed', 'summary', 'purged']).meta({
      description:
        'recorded: as the journal has it; replayed: reconstructed from the journal, and verified by its fingerprint; ' +
        'changed: reconstructed, but the fingerprint differs, because Bellwire was updated since; summary: it cannot ' +
        'be reconstructed, and the input is the summary in the journal; purged: input and output were deleted because of ' +
        'their age',
    }),
    output: z.unknown().meta({ description: 'The whole output, with keys redacted' }),
  })
  .meta({ id: 'StepDetail' })

/** One attempt to run the task: its worker, and how it ended. */
export const AttemptView = z
  .object({
    attempt: z.int(),
    worker_id: z.int().nullable(),
    started_at: Timestamp,
    ended_at: Timestamp.nullable(),
    outcome: z
      .enum([
        'running',
        'succeeded',
        'failed',
        'retry',
        'paused',
        'handed_back',
        'joined',
        'worker_lost',
        'cancelled',
      ])
      .meta({
        description:
          'retry: it failed and is retried; paused: it waits, or waited, for a person or a callback; ' +
          'joined: a request joined the task just as it ended, and it continued',
      }),
    error: RunError.nullable(),
    next_attempt_at: Timestamp.nullable(),
  })
  .meta({ id: 'Attempt' })

const ShownPayload = z.unknown().meta({
  description:
    'The payload. Over 64 KiB, only its beginning: {"truncated": true, "bytes": …, "excerpt": …}; ' +
    'GET /api/tasks/{id}/payload returns the whole payload of the task',
})

/** A request that joined a task instead of starting one. */
const JoinedRequestView = z
  .object({
    n: z.int().meta({ description: 'Its place, from 1' }),
    coalesced: z.boolean().meta({ description: 'It joined before the task started, as part of a burst' }),
    payload: ShownPayload,
    request: InboundRequest,
    step: z.int().nullable().meta({
      description: 'The first model call that saw it; null for one of a burst, and if none has yet',
    }),
    created_at: Timestamp,
  })
  .meta({ id: 'JoinedRequest' })

/** Something that a run waits for. */
export const TaskWait = z
  .object({
    kind: z.enum(['approval', 'question', 'callback']),
    id: Id.meta({ description: 'The approval or question; for a callback the id of its URL' }),
    step: z.int().meta({ description: 'The model call that requested it, counted from 0' }),
    key: z.string().meta({ description: 'Begins with the key of the step' }),
    since: Timestamp,
    until: Timestamp.nullable().meta({ description: 'When the wait ends by itself; null: never' }),
  })
  .meta({ id: 'TaskWait' })
export type TaskWait = z.infer<typeof TaskWait>

/** How a task replays another one. */
const Replay = z.object({
  writes: ReplayWrites,
  draft: z.boolean().meta({ description: 'On an unsaved draft of the agent' }),
})

/** Something about a task that its agent's author should look at, although it stopped nothing. */
export const TaskWarning = z
  .discriminatedUnion('code', [
    z.object({
      code: z.literal('payload_path_missing'),
      template: z.enum(['instructions', 'message']),
      path: z.string().meta({ description: 'As written in the template: payload.issue.title' }),
      detail: z.string(),
    }),
    RequestWarning,
  ])
  .meta({ id: 'TaskWarning' })
export type TaskWarning = z.infer<typeof TaskWarning>

/** Everything that is known of a task. */
export const TaskDetail = z
  .object({
    ...TaskSummary.shape,
    failures: z.int().meta({ description: 'Failed runs, not counting worker crashes' }),
    sender_verified: z
      .boolean()
      .meta({ description: 'The request came with an API key or a valid signature' }),
    sender_trusted: z.boolean().meta({
      description: 'The sender was verified, and the author is trusted: decides about tools and approvals',
    }),
    links: TaskLinks.omit({ cancel: true }).meta({
      description:
        'Links that read this task without an API key. The events link is valid for a week; viewers get it without its key',
    }),
    replay: Replay.nullable().meta({ description: 'How it replays another task' }),
    replays: z.array(Id).meta({ description: 'Tasks that replay it, newest first; at most 100' }),
    crashes: z.int().meta({
      description: 'Workers that died while running it, since its latest step: from 3 on it runs alone',
    }),
    payload: ShownPayload,
    request: InboundRequest,
    result: RunResult.nullable(),
    partial: RunResult.nullable().meta({
      description: 'For a failed or cancelled task: its partial result, from its steps',
    }),
    warnings: z.array(TaskWarning).meta({
      description:
        'Paths below payload that a template of the agent writes and the payload does not have. Paths in conditions, ' +
        'below conditions, or with a default are not checked',
    }),
    attempts: z.array(AttemptView),
    joined: z.array(JoinedRequestView).meta({
      description: 'Requests that joined the task: those of its burst, and those added to its run',
    }),
    steps: z.array(StepView),
    approvals: z.array(Approval).meta({ description: 'Calls that wait, or waited, for approval' }),
    waiting_for: z
      .array(TaskWait)
      .meta({ description: 'What the run waits for; empty unless it is WAITING' }),
  })
  .meta({ id: 'Task' })
