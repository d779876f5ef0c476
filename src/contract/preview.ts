import { z } from 'zod'
import { AgentConfig } from './agent.ts'
import { Id } from './name.ts'

/** What is rendered: the templates as they are now, saved or not, for one request. */
const Templates = z.strictObject({
  name: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'The value of agent.name; by default its saved name' }),
  instructions: AgentConfig.shape.instructions.default(''),
  message: AgentConfig.shape.message.unwrap().nullish().meta({
    description: 'A Liquid template; without it, the payload is the message',
  }),
  payload: z.unknown().optional().meta({ description: 'The payload to render them with' }),
})

/** A preview for an agent that is not saved yet. */
export const NewPreviewRequest = Templates.meta({ id: 'NewPreviewRequest' })

export const PreviewRequest = Templates.extend({
  task_id: Id.optional().meta({
    description:
      'Render them with the payload and the request of this task of the agent, instead of "payload"',
  }),
})
  .refine((body) => body.task_id === undefined || !('payload' in body), {
    path: ['payload'],
    message: 'cannot be used together with task_id',
  })
  .meta({ id: 'PreviewRequest' })
export type PreviewRequest = z.infer<typeof PreviewRequest>

const Place = {
  template: z.enum(['instructions', 'message']),
  detail: z.string(),
  line: z.int().nullable().meta({ description: 'Starts at 1; null if the fault has no position' }),
  column: z.int().nullable(),
}

/** What the model would be sent for a request. */
export const Preview = z
  .object({
    system: z.string().nullable().meta({
      description: 'The rendered instructions; null when they are empty, or cannot be rendered',
    }),
    message: z.string().nullable().meta({
      description:
        'The rendered message, or what the payload becomes without one; null when it cannot be rendered',
    }),
    truncated: z.array(z.enum(['system', 'message'])).meta({
      description: 'Which of the texts are cut here, after 100,000 characters',
    }),
    faults: z.array(z.object(Place)).meta({
      description: 'Errors that prevent a template from being rendered, or the agent from being saved',
    }),
    warnings: z.array(z.object({ ...Place, path: z.string() })).meta({
      description: 'Paths that a template writes and this request does not have: they render as nothing',
    }),
  })
  .meta({ id: 'Preview' })
export type Preview = z.infer<typeof Preview>
