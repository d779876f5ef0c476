import { z } from 'zod'
import { JsonSchema } from './agent.ts'
import { isAtMostDeep } from './depth.ts'
import { Id, Timestamp } from './name.ts'
import { PageQuery, pageOf } from './page.ts'

/** `expired`: not decided in time, which counts as denied. `cancelled`: its task was cancelled first. */
export const ApprovalState = z.enum(['waiting', 'approved', 'denied', 'expired', 'cancelled'])
export type ApprovalState = z.infer<typeof ApprovalState>

/** How a person decided: over the API with a key, in the console, or with a signed link. */
export const DecidedVia = z.enum(['api', 'console', 'link'])
export type DecidedVia = z.infer<typeof DecidedVia>

/** Signed links to the page of an approval. They work without a key, for 30 days. */
export const ApprovalLinks = z.object({ approve: z.string(), deny: z.string() }).meta({ id: 'ApprovalLinks' })
export type ApprovalLinks = z.infer<typeof ApprovalLinks>

/** A call of a tool that waits, or waited, for a person, or a question that a tool asks during a call. */
export const Approval = z
  .object({
    id: Id,
    task_id: Id,
    task_title: z.string().meta({ description: 'What the task is about, as in task lists' }),
    agent_id: Id,
    agent_name: z.string(),
    tool: z.string(),
    access: z.enum(['read', 'write']),
    step: z.int().meta({ description: 'The model call that requested it, counted from 0' }),
    key: z.string().meta({
      description: 'The key of the step that the call becomes; for a question it begins with that key',
    }),
    question: z.string().nullable().meta({
      description: 'The question for a person; null when the call itself needs approval',
    }),
    arguments: z.unknown().meta({
      description: 'As the model wrote them; for a question the suggested answer',
    }),
    parameters: JsonSchema.meta({
      description: 'The JSON Schema that edited arguments, or the answer, must match',
    }),
    state: ApprovalState.meta({
      description:
        'expired: nobody decided in time, which counts as denied; cancelled: the task was cancelled meanwhile',
    }),
    edited_arguments: z
      .unknown()
      .meta({ description: 'The edited arguments or the answer, if they differ from `arguments`' }),
    reason: z.string().nullable().meta({ description: 'Why it was denied' }),
    decided_by: Id.nullable().meta({
      description:
        'The user or the API key that decided, directly or through a session; null for a signed link and for a session opened with a printed link',
    }),
    decided_by_name: z.string().nullable().meta({ description: 'The name of that user or key at the time' }),
    decided_via: DecidedVia.nullable().meta({ description: 'How a person decided it' }),
    created_at: Timestamp,
    expires_at: Timestamp.nullable().meta({
      description: 'When it is denied automatically, or the question is closed; null: never',
    }),
    decided_at: Timestamp.nullable(),
    links: ApprovalLinks.nullable().meta({
      description:
        'While it is waiting, and for those who may decide: pages where anyone with the link can decide or answer. GET changes nothing; POST decides',
    }),
  })
  .meta({ id: 'Approval' })
export type Approval = z.infer<typeof Approval>

export const ApprovalList = pageOf(Approval).meta({ id: 'ApprovalList' })

export const ApprovalListQuery = z.strictObject({
  ...PageQuery.shape,
  state: z
    .enum(['waiting', 'decided'])
    .optional()
    .meta({ description: 'decided: every state except waiting' }),
  agent_id: Id.optional(),
})

export const Approve = z
  .strictObject({
    arguments: z
      .record(z.string(), z.unknown())
      .refine((value) => isAtMostDeep(value, 100), 'is nested too deeply')
      .optional()
      .meta({
        description:
          'Arguments to use instead, or the answer to a question; they must match the parameters schema',
      }),
  })
  .meta({ id: 'Approve' })

export const Deny = z
  .strictObject({
    reason: z
      .string()
      .trim()
      .max(2_000)
      .regex(/^[^\0\p{Cs}]*$/u, 'use text without NUL characters')
      .optional()
      .meta({ description: 'Passed to the model' }),
  })
  .meta({ id: 'Deny' })
