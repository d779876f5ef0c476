import { z } from 'zod'
import { isAtMostDeep } from './depth.ts'
import { JsonSchema } from './toolParts.ts'

/** How many examples a schema is made of at most. */
const MAX_EXAMPLES = 20

export const InferSchemaRequest = z
  .strictObject({
    examples: z
      .array(z.unknown().refine((value) => isAtMostDeep(value, 100), 'is nested too deeply'))
      .min(1)
      .max(MAX_EXAMPLES)
      .meta({ description: 'Answers that must fit the schema' }),
  })
  .meta({ id: 'InferSchemaRequest' })

export const InferredSchema = z
  .object({
    schema: JsonSchema.meta({
      description:
        'Allows the fields of the examples and no others; what all examples have is required. Fields that are null in ' +
        'some examples may be null',
    }),
  })
  .meta({ id: 'InferredSchema' })

export const SchemaExampleRequest = z
  .strictObject({ schema: JsonSchema })
  .meta({ id: 'SchemaExampleRequest' })

export const SchemaExample = z
  .object({
    example: z.unknown(),
    mismatches: z.array(z.object({ pointer: z.string(), detail: z.string() })).meta({
      description:
        'Parts of the example that do not fit: values for keywords such as pattern and not cannot be generated',
    }),
  })
  .meta({ id: 'SchemaExample' })
