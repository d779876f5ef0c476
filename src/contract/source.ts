import { z } from 'zod'

/** Something that a person fills in to verify a sender. */
const SourceField = z
  .object({
    name: z.enum(['secrets', 'hmac']).meta({ description: 'The field of the webhook' }),
    label: z.string(),
    hint: z.string().meta({ description: 'Where to find it' }),
    required: z.boolean(),
  })
  .meta({ id: 'SourceField' })

/** A kind of sender, for those who set up a webhook. */
export const SourceDescription = z
  .object({
    name: z.string().meta({ description: 'The value of `source`', example: 'github' }),
    title: z.string(),
    about: z.string(),
    reference: z.string().nullable().meta({ description: "The sender's own documentation" }),
    verification: z.string().meta({ description: 'What is checked, in Markdown' }),
    fields: z.array(SourceField),
    setup: z.array(z.string()).meta({
      description: 'What to do at the sender, in Markdown; {url} stands for the URL of the webhook',
    }),
    batch: z.string().nullable().meta({
      description: 'A JSON pointer to the list of events in one request, each of which becomes a task',
    }),
  })
  .meta({ id: 'Source' })
export type SourceDescription = z.infer<typeof SourceDescription>

export const SourceList = z.object({ data: z.array(SourceDescription) })
