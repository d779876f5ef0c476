import { z } from 'zod'
import { Instant } from './instant.ts'
import { Id, Timestamp } from './name.ts'
import { PageQuery, pageOf } from './page.ts'
import { isSigningSecret } from './signingSecret.ts'
import type { ReplyOutcome } from './reply.ts'

/**
 * `end`: the task has succeeded, failed or was cancelled. `waiting`: it waits for a person. `step`: a call of a model or
 * a tool is in the journal.
 */
export const CallbackEvent = z.enum(['end', 'waiting', 'step'])
export type CallbackEvent = z.infer<typeof CallbackEvent>

const Content = z.enum(['full', 'thin']).meta({
  description: 'full: with the result or the error; thin: ids only; read the task with GET /api/tasks/{id}',
})

/** URLs with a user or a password are not called, and addresses are listed. */
export const NO_CREDENTIALS = 'must not contain a user name or a password: such URLs are not called'

/** Whether a URL holds a user or a password. */
export function hasCredentials({ username, password }: URL): boolean {
  return username + password !== ''
}

/** An address that deliveries can go to. */
export const CallbackUrl = z
  .string()
  .max(2_000)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: 'use an http or https URL',
    abort: true,
  })
  .refine((text) => !hasCredentials(new URL(text)), NO_CREDENTIALS)

const Hosts = z
  .array(z.string().regex(/^(?:\*\.)?[a-z0-9.-]+$/, 'use a host name such as example.com or *.example.com'))
  .max(100)
  .meta({ description: 'Hosts that a request may name in X-Bellwire-Callback; none by default' })

export const SigningSecret = z
  .string()
  .max(200)
  .refine(
    isSigningSecret,
    'use whsec_ followed by 24 to 64 bytes in base64, or leave it out to have one generated',
  )
  .meta({
    description: 'whsec_ and 24 to 64 bytes in base64; generated when left out, and shown once',
    writeOnly: true,
  })

/** Where and how the outcome of a webhook's tasks is sent. */
export const CallbackSettings = z
  .strictObject({
    url: CallbackUrl.nullable()
      .default(null)
      .meta({ description: 'Null if each request names its own in X-Bellwire-Callback' }),
    secret: SigningSecret.optional(),
    events: z.array(CallbackEvent).min(1).default(['end']),
    content: Content.default('full'),
    hosts: Hosts.default([]),
  })
  .meta({ id: 'CallbackSettings' })
export type CallbackSettings = z.infer<typeof CallbackSettings>

export const Callback = z
  .object({
    webhook_id: Id,
    url: z.string().nullable(),
    events: z.array(CallbackEvent),
    content: Content,
    hosts: z.array(z.string()),
    disabled_at: Timestamp.nullable().meta({
      description: 'When the receiver answered 410 Gone. Nothing is sent until the callback is saved again',
    }),
    secret: z.string().optional().meta({ description: 'Only when it was just generated' }),
    updated_at: Timestamp,
  })
  .meta({ id: 'Callback' })
export type Callback = z.infer<typeof Callback>

/** The same as a field of its webhook. */
export const WebhookCallback = Callback.omit({ webhook_id: true }).meta({ id: 'WebhookCallback' })
export type WebhookCallback = z.infer<typeof WebhookCallback>

export const SecretRotation = z.strictObject({
  secret: SigningSecret.optional(),
  grace_seconds: z
    .int()
    .min(0)
    .max(2_592_000)
    .default(86_400)
    .meta({ description: 'How long deliveries are also signed with the previous secret' }),
})

/** What a task keeps of its callback, and the outcomes that get a reply. */
export type TaskCallback = {
  url: string | null
  content: 'full' | 'thin'
  events: CallbackEvent[]
  reply?: ReplyOutcome[]
}

/** `callback`: the outcome, signed, to a URL. `reply`: the answer, to where the event came from. */
export const DeliveryKind = z.enum(['callback', 'reply'])
export type DeliveryKind = z.infer<typeof DeliveryKind>

export const DeliveryState = z.enum(['pending', 'delivered', 'failed'])
export type DeliveryState = z.infer<typeof DeliveryState>

export const Delivery = z
  .object({
    id: z.string().meta({ description: 'The webhook-id of every attempt' }),
    task_id: Id,
    agent_id: Id,
    webhook_id: Id,
    kind: DeliveryKind,
    event: z.string(),
    url: z.string().nullable(),
    state: DeliveryState,
    attempts: z.int(),
    next_attempt_at: Timestamp.nullable(),
    error: z.string().nullable(),
    created_at: Timestamp,
    finished_at: Timestamp.nullable(),
  })
  .meta({ id: 'Delivery' })
export type Delivery = z.infer<typeof Delivery>

export const DeliveryAttempt = z
  .object({
    attempt: z.int(),
    started_at: Timestamp,
    duration_ms: z.int(),
    status: z.int().nullable(),
    error: z.string().nullable(),
    response: z.string().nullable().meta({ description: 'The beginning of the response body' }),
  })
  .meta({ id: 'DeliveryAttempt' })

export const DeliveryDetail = z
  .object({
    ...Delivery.shape,
    body: z.string().nullable().meta({ description: 'What is sent; set by the first attempt' }),
    attempt_list: z.array(DeliveryAttempt),
  })
  .meta({ id: 'DeliveryDetail' })

export const DeliveryList = pageOf(Delivery).meta({ id: 'DeliveryList' })

const Filter = {
  state: DeliveryState.optional(),
  agent_id: Id.optional(),
  webhook_id: Id.optional(),
  task_id: Id.optional(),
  since: Instant.optional().meta({ description: 'Created at this time or later' }),
  until: Instant.optional().meta({ description: 'Created before this time' }),
}

export const DeliveryListQuery = z.strictObject({ ...PageQuery.shape, ...Filter })

/** Which deliveries are sent again: failed ones, unless a state is named. */
export const ResendFilter = z.strictObject(Filter)
export type ResendFilter = z.infer<typeof ResendFilter>
export const Resent = z.object({ resent: z.int() })
