import { z } from 'zod'

/** A model provider, and whether it is configured. */
export const ModelProvider = z
  .object({
    name: z.string().meta({ description: 'The part before the slash in provider/model' }),
    configured: z.boolean(),
    set: z
      .string()
      .nullable()
      .meta({ description: 'The environment variable that configures it; null: none' }),
  })
  .meta({ id: 'ModelProvider' })
export type ModelProvider = z.infer<typeof ModelProvider>

export const ModelProviderList = z.object({ data: z.array(ModelProvider) })
