import { z } from 'zod'

/** Where a webhook's requests come from: the name of an entry of the table of sources. */
const SourceName = z.string().min(1).max(64).meta({
  description: 'The system that sends the requests: decides how they are verified',
  example: 'github',
})

const Methods = z
  .array(z.enum(['GET', 'POST']))
  .min(1)
  .refine((methods) => new Set(methods).size === methods.length, 'names a method twice')
  .meta({ description: 'The methods that start the agent' })

/** What an operator decides about the requests of a webhook. Secrets are apart: they are never shown. */
export const WebhookOptions = z.strictObject({
  source: SourceName.default('generic'),
  methods: Methods.default(['GET', 'POST']),
})
export type WebhookOptions = z.infer<typeof WebhookOptions>

/** The same, for a change: what is left out stays, and null unsets what is optional. */
export const WebhookOptionsPatch = z.strictObject({
  source: SourceName.optional(),
  methods: Methods.optional(),
})

export type WebhookOptionsPatch = z.infer<typeof WebhookOptionsPatch>

/**
 * Options as they were stored, with the defaults of what has come to the contract since. Options that today's rules
 * would refuse are given as they are, for the edit that mends them.
 */
export function fromStoredOptions(stored: WebhookOptions): WebhookOptions {
  const parsed = WebhookOptions.safeParse(stored)
  return parsed.success ? parsed.data : stored
}
