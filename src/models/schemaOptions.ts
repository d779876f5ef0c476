import type {
  JSONSchema7,
  LanguageModelV4CallOptions,
  LanguageModelV4Middleware,
  LanguageModelV4Prompt,
} from '@ai-sdk/provider'
import type { SchemaWithTools } from '../config/config.ts'
import { completeSchema } from './completeSchema.ts'

/** Sends schemas in the form that a provider accepts. */
export function schemaMiddleware(withTools: SchemaWithTools): LanguageModelV4Middleware {
  return {
    specificationVersion: 'v4',
    transformParams: ({ params }) => Promise.resolve(withSchemas(params, withTools)),
  }
}

function withSchemas(
  params: LanguageModelV4CallOptions,
  withTools: SchemaWithTools,
): LanguageModelV4CallOptions {
  const { tools, responseFormat, prompt, ...rest } = params
  const schema = responseFormat?.type === 'json' ? responseFormat.schema : undefined
  const inPrompt = schema !== undefined && withTools === 'prompt' && tools !== undefined && tools.length > 0
  const format =
    responseFormat?.type === 'json' && schema
      ? { ...responseFormat, schema: completeSchema(schema) }
      : responseFormat
  return {
    ...rest,
    prompt: inPrompt ? withInstruction(prompt, completeSchema(schema)) : prompt,
    ...(format && !inPrompt ? { responseFormat: format } : {}),
    ...(tools
      ? {
          tools: tools.map((tool) =>
            tool.type === 'function' ? { ...tool, inputSchema: completeSchema(tool.inputSchema) } : tool,
          ),
        }
      : {}),
  }
}

function withInstruction(prompt: LanguageModelV4Prompt, schema: JSONSchema7): LanguageModelV4Prompt {
  const instruction =
    'When you give your answer, write only JSON that matches this JSON Schema, with nothing around it:\n' +
    JSON.stringify(schema)
  const [first, ...rest] = prompt
  return first?.role === 'system'
    ? [{ ...first, content: `${first.content}\n\n${instruction}` }, ...rest]
    : [{ role: 'system', content: instruction }, ...prompt]
}
