import { z } from 'zod'
import { CallbackUrl, SigningSecret } from './callback.ts'
import { Id, Name, Timestamp } from './name.ts'
import { PageQuery, pageOf } from './page.ts'

/** What people are told about. */
export const NoticeKind = z.enum([
  'approvals',
  'failures',
  'budget',
  'callbacks',
  'silence',
  'loops',
  'queue',
])
export type NoticeKind = z.infer<typeof NoticeKind>

const ChannelUrl = CallbackUrl.meta({
  writeOnly: true,
  description: 'Never shown; kept if left out for a channel with an id',
})

const Address = z
  .string()
  .max(320)
  .regex(/^[^\s@,;<>]+@[^\s@,;<>]+$/, 'use a mail address such as ops@example.com')

const CHANNEL = {
  id: Id.optional().meta({
    description: 'The id of an existing channel; its secrets are kept unless new ones are sent',
  }),
  name: Name.optional(),
  kinds: z
    .array(NoticeKind)
    .min(1)
    .optional()
    .meta({ description: 'What this channel gets; everything by default' }),
}

/** A channel as it is saved. */
export const NoticeChannelInput = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('webhook'),
      ...CHANNEL,
      url: ChannelUrl.optional(),
      secret: SigningSecret.optional(),
    }),
    z.strictObject({ type: z.literal('slack'), ...CHANNEL, url: ChannelUrl.optional() }),
    z.strictObject({ type: z.literal('teams'), ...CHANNEL, url: ChannelUrl.optional() }),
    z.strictObject({ type: z.literal('discord'), ...CHANNEL, url: ChannelUrl.optional() }),
    z.strictObject({
      type: z.literal('telegram'),
      ...CHANNEL,
      bot_token: z
        .string()
        .regex(/^[\x21-\x7e]{1,200}$/, 'use the token of the bot')
        .optional()
        .meta({ writeOnly: true }),
      chat: z.string().min(1).max(100).meta({ description: 'Id or @name of the chat' }),
      base_url: z
        .url({ protocol: /^https?$/ })
        .max(500)
        .default('https://api.telegram.org'),
    }),
    z.strictObject({
      type: z.literal('email'),
      ...CHANNEL,
      to: z.union([Address, z.array(Address).min(1).max(20)]),
    }),
  ])
  .meta({ id: 'NoticeChannelSettings' })
export type NoticeChannelInput = z.infer<typeof NoticeChannelInput>

/** A channel as it is shown. */
export const NoticeChannel = z
  .object({
    id: Id,
    type: z.enum(['webhook', 'slack', 'teams', 'discord', 'telegram', 'email']),
    name: z.string().nullable(),
    kinds: z.array(NoticeKind).nullable(),
    shown: z.string().meta({ description: 'Where it sends to, without secrets' }),
    secret: z.string().optional().meta({ description: 'Only when it was just generated' }),
  })
  .meta({ id: 'NoticeChannel' })
export type NoticeChannel = z.infer<typeof NoticeChannel>

const ClockTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'use a time of day such as 22:00')

const TimeZone = z
  .string()
  .max(100)
  .refine(isTimeZone, 'is not a time zone; use one such as Europe/Berlin or UTC')

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

export const QuietHours = z
  .strictObject({
    from: ClockTime,
    to: ClockTime.meta({ description: 'May be on the next day' }),
    time_zone: TimeZone.default('UTC'),
    days: z
      .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
      .min(1)
      .optional()
      .meta({ description: 'Days on which quiet hours begin; every day by default' }),
    urgent: z.array(NoticeKind).default([]).meta({ description: 'What is sent even then' }),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'is the same as from' })
  .meta({ id: 'QuietHours', description: 'Notices are held back and sent together afterwards' })
export type QuietHours = z.infer<typeof QuietHours>

const RULES = {
  approvals: z
    .boolean()
    .default(true)
    .meta({ description: 'An approval or a question is waiting for a person' }),
  reminders_minutes: z
    .array(z.int().min(1).max(43_200))
    .max(10)
    .default([60, 480])
    .meta({ description: 'When to send reminders while it is still waiting' }),
  failures_in_a_row: z
    .int()
    .min(1)
    .max(100)
    .nullable()
    .default(3)
    .meta({ description: 'An agent has failed this many times in a row; null: never' }),
  budget: z.boolean().default(true).meta({ description: 'A daily budget is at 50%, 80% or 100%' }),
  callbacks: z
    .boolean()
    .default(true)
    .meta({ description: 'A callback was switched off, or deliveries or replies have failed' }),
  silence: z.boolean().default(true).meta({ description: 'A webhook with expect_every has been silent' }),
  loops: z.boolean().default(true).meta({ description: 'Tasks are held because a loop is suspected' }),
  queue_age_minutes: z
    .int()
    .min(1)
    .max(10_080)
    .nullable()
    .default(15)
    .meta({ description: 'A due task has not been started for this long; null: never' }),
  quiet_hours: QuietHours.nullable().default(null),
  group_seconds: z
    .int()
    .min(0)
    .max(3_600)
    .default(30)
    .meta({ description: 'How long notices of one kind are collected into one message' }),
  max_per_hour: z
    .int()
    .min(1)
    .max(60)
    .default(4)
    .meta({ description: 'Messages of one kind within an hour; further notices wait and are grouped' }),
}

export const NoticeRules = z.object(RULES)
export type NoticeRules = z.infer<typeof NoticeRules>

/** What is saved: it replaces everything. */
export const NoticeSettingsInput = z
  .strictObject({ channels: z.array(NoticeChannelInput).max(20).default([]), ...RULES })
  .meta({ id: 'NoticeSettingsChange' })
export type NoticeSettingsInput = z.infer<typeof NoticeSettingsInput>

export const NoticeSettings = z
  .object({
    channels: z.array(NoticeChannel),
    ...RULES,
    version: z.string().meta({ description: 'As in the ETag: changes with each change' }),
  })
  .meta({ id: 'NoticeSettings' })
export type NoticeSettings = z.infer<typeof NoticeSettings>

/** Something that has happened, or that is so: each is sent once. */
export const Notice = z
  .object({
    id: Id,
    kind: NoticeKind,
    title: z.string(),
    agent_id: Id.nullable(),
    webhook_id: Id.nullable(),
    task_id: Id.nullable(),
    approval_id: Id.nullable(),
    created_at: Timestamp,
  })
  .meta({ id: 'Notice' })
export type Notice = z.infer<typeof Notice>

/** A message that was made of the notices of one kind, and what became of it in each channel. */
export const NoticeMessage = z
  .object({
    id: Id,
    kind: NoticeKind,
    title: z.string(),
    notices: z.array(Notice),
    created_at: Timestamp,
    deliveries: z.array(
      z.object({
        channel_id: Id,
        state: z.enum(['pending', 'delivered', 'failed']),
        attempts: z.int(),
        next_attempt_at: Timestamp.nullable(),
        status: z.int().nullable(),
        error: z.string().nullable(),
        finished_at: Timestamp.nullable(),
      }),
    ),
  })
  .meta({ id: 'NoticeMessage' })

export const NoticeMessageList = pageOf(NoticeMessage).meta({ id: 'NoticeMessageList' })

export const NoticeMessageQuery = z.strictObject({ ...PageQuery.shape, kind: NoticeKind.optional() })

export const NoticeTest = z.strictObject({
  channel_id: Id.optional().meta({ description: 'All channels by default' }),
})

export const NoticeTestResult = z
  .object({
    data: z.array(
      z.object({
        channel_id: Id,
        type: z.string(),
        ok: z.boolean(),
        status: z.int().nullable(),
        error: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'NoticeTestResult' })
