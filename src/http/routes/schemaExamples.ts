import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import {
  InferredSchema,
  InferSchemaRequest,
  SchemaExample,
  SchemaExampleRequest,
} from '../../contract/schemaExample.ts'
import { BellwireError, type FieldError } from '../../errors.ts'
import { inferOutputSchema } from '../../ingress/firstRing/inferSchema.ts'
import { json } from '../openapi/responses.ts'
import { problems } from '../problems/problem.ts'

/** `/api/schemas`: from examples to a JSON Schema, and back. */
export function schemaExampleRoutes({
  checkSchema,
  makeExample,
  findMismatches,
}: {
  /** Says why a schema cannot be used; undefined when it can. */
  checkSchema: (schema: unknown) => Promise<string | undefined>
  makeExample: (schema: unknown) => unknown
  findMismatches: (schema: object, value: unknown) => Promise<FieldError[]>
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.post(
      '/api/schemas/infer',
      {
        config: { exactNumbers: true },
        schema: {
          operationId: 'inferSchema',
          tags: ['Agents'],
          summary: 'Make a JSON Schema from examples',
          description:
            'The examples fit the schema. Use it as the output_schema of an agent, and change it as needed.',
          body: InferSchemaRequest,
          response: { 200: json('The schema', InferredSchema), ...problems(400, 413, 415, 422) },
        },
      },
      ({ body: { examples } }) => {
        const [first, ...more] = examples
        return { schema: inferOutputSchema(first, ...more) }
      },
    )

    app.post(
      '/api/schemas/example',
      {
        schema: {
          operationId: 'exampleOfSchema',
          tags: ['Agents'],
          summary: 'Make an example that fits a JSON Schema',
          body: SchemaExampleRequest,
          response: { 200: json('The example', SchemaExample), ...problems(400, 413, 415, 422) },
        },
      },
      async ({ body: { schema } }) => {
        const detail = await checkSchema(schema)
        if (detail !== undefined) {
          throw new BellwireError('schema_invalid', undefined, { errors: [{ pointer: '/schema', detail }] })
        }
        const example = makeExample(schema)
        return { example, mismatches: (await findMismatches(schema, example)).slice(0, 20) }
      },
    )
    done()
  }
}
