import { z } from 'zod'
import { Agent, AgentConfig } from './agent.ts'
import { CallbackSettings } from './callback.ts'
import { Schedule, ScheduleSettings } from './schedule.ts'
import { Webhook, WebhookSettings } from './webhook.ts'

/** A webhook in a file: everything but its URL and its secrets. */
const FileWebhook = WebhookSettings.omit({ secrets: true }).extend({
  callback: CallbackSettings.omit({ secret: true }).nullish(),
})

/** Entries of a list at most: each is created by a request of its own. */
const MAX_ENTRIES = 100

/** An agent with its webhooks and schedules, as it is exported and imported. It contains no secret and no URL. */
export const AgentFile = z
  .strictObject({
    bellwire: z
      .literal(1, 'write 1: the version of this format')
      .meta({ description: 'Version of the format' }),
    agent: AgentConfig,
    webhooks: z
      .array(FileWebhook)
      .max(MAX_ENTRIES)
      .default([])
      .meta({ description: 'The first becomes the default webhook' }),
    schedules: z.array(ScheduleSettings).max(MAX_ENTRIES).default([]),
  })
  .meta({ id: 'AgentFile' })
export type AgentFile = z.infer<typeof AgentFile>

/** What an import has created. */
export const ImportedAgent = z
  .object({
    agent: Agent,
    webhooks: z.array(Webhook).meta({
      description: 'With their new URLs and new callback secrets; their own secrets must still be set',
    }),
    schedules: z.array(Schedule.pick({ id: true, name: true })),
  })
  .meta({ id: 'ImportedAgent' })
