import { z } from 'zod'
import { ModelOffer } from './modelOffer.ts'
import { Id, Timestamp } from './name.ts'
import { ProviderKind, ProviderSource } from './providerKind.ts'
import { SENDERS_OWN_HEADERS } from './toolParts.ts'

/** The part of a model's name before its first slash. */
export const ProviderName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,39}$/,
    'use lower-case letters, digits, - and _, at most 40, starting with a letter',
  )
  .refine((name) => name !== 'demo', 'demo is the name of the built-in model; use another name')

const BaseUrl = z
  .string()
  .max(500)
  .refine(
    isBaseUrl,
    'use an http or https URL without query and credentials, such as http://localhost:11434/v1',
  )

function isBaseUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  return isWeb && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/

const Headers = z
  .record(
    z.string(),
    z
      .string()
      .max(4_000)
      .regex(/^[\x20-\x7e]*$/, 'use printable ASCII characters')
      .nullable(),
  )
  .refine((headers) => Object.keys(headers).length <= 20, 'at most 20 headers')
  .superRefine((headers, context) => {
    for (const name of Object.keys(headers)) {
      const message = headerFault(name)
      if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message })
    }
  })

function headerFault(name: string): string | undefined {
  if (!HEADER_NAME.test(name)) return 'is not a valid header name: use letters, digits and -'
  return SENDERS_OWN_HEADERS.has(name.toLowerCase()) ? 'is set by Bellwire: leave it out' : undefined
}

/** How an output schema is sent to a model that also has tools. */
const SchemaWithToolsSetting = z.enum(['response_format', 'prompt'])

/** The settings of a provider as they are saved. */
export const ProviderInput = z
  .strictObject({
    kind: ProviderKind.meta({ description: 'The API of the provider' }),
    base_url: BaseUrl.nullable().optional().meta({
      description: "With its version; the provider's own by default. Required for openai_compatible",
      example: 'https://api.groq.com/openai/v1',
    }),
    api_key: z
      .string()
      .max(4_000)
      .regex(/^[\x21-\x7e]+$/, 'use printable ASCII characters without spaces')
      .nullable()
      .optional()
      .meta({ writeOnly: true, description: 'Never shown. Omit it to keep the saved key; null removes it' }),
    headers: Headers.optional().meta({
      writeOnly: true,
      description:
        'Sent with every request. Values are never shown: null keeps a saved value; if omitted, all are kept',
    }),
    schema_with_tools: SchemaWithToolsSetting.nullable().optional().meta({
      description: 'How an output_schema is sent together with tools; null: the default for the kind',
    }),
    images: z.enum(['always', 'never']).nullable().optional().meta({
      description: 'Whether images that tools return are sent to models; null: decided by the model name',
    }),
  })
  .meta({ id: 'ModelProviderSettings' })
export type ProviderInput = z.infer<typeof ProviderInput>

/** Agents whose latest revision uses a model of the provider. */
const UsedBy = z.array(z.object({ agent_id: Id, name: z.string() }))

/** A provider as it is shown: never with its key. */
export const Provider = z
  .object({
    name: z.string(),
    kind: ProviderKind,
    source: ProviderSource.meta({ description: 'environment: read only' }),
    variables: z.array(z.string()).meta({ description: 'The environment variables that configure it' }),
    base_url: z.string().nullable().meta({ description: "null: the provider's own" }),
    api_key: z.object({
      set: z.boolean(),
      updated_at: Timestamp.nullable().meta({ description: 'null: none, or set by the environment' }),
    }),
    headers: z.array(z.string()).meta({ description: 'Names of the headers that are sent' }),
    schema_with_tools: SchemaWithToolsSetting.nullable(),
    images: z.enum(['always', 'never']).nullable(),
    version: z.string().nullable().meta({ description: 'As in the ETag; null: read only' }),
    used_by: UsedBy.meta({ description: 'Agents whose latest revision uses one of its models' }),
    created_at: Timestamp.nullable(),
    updated_at: Timestamp.nullable(),
  })
  .meta({ id: 'ModelProviderDetail' })
export type Provider = z.infer<typeof Provider>

export const ProviderList = z.object({ data: z.array(Provider) }).meta({ id: 'ModelProviderDetailList' })

export const DeleteProviderQuery = z.strictObject({
  in_use: z.enum(['refuse', 'delete']).default('refuse').meta({
    description: 'delete: delete it even if agents use it; their runs then fail with provider_not_configured',
  }),
})

export const ProviderTest = z
  .strictObject({
    settings: ProviderInput.optional().meta({
      description: 'Settings to test without saving them; the saved ones by default',
    }),
    model: z.string().min(1).max(200).optional().meta({
      description: 'A model to call, without the provider prefix',
    }),
  })
  .meta({ id: 'ModelProviderTest' })
export type ProviderTest = z.infer<typeof ProviderTest>

export const ProviderTestResult = z
  .object({
    ok: z.boolean(),
    reachable: z.boolean(),
    key: z.enum(['accepted', 'rejected', 'unknown', 'none']).meta({
      description: 'none: no key is set; unknown: the test could not determine whether it is valid',
    }),
    error: z.string().nullable().meta({ description: 'What went wrong, as reported by the provider' }),
    latency_ms: z.int().meta({ description: 'Duration of the first request' }),
    call: z
      .object({ model: z.string(), ok: z.boolean(), latency_ms: z.int() })
      .nullable()
      .meta({ description: 'The call to a model, with at most 16 tokens; null: none was made' }),
    models_found: z.int().nullable().meta({ description: 'null: the provider gave no list' }),
    models: z.array(ModelOffer).meta({ description: 'The first 200 of them' }),
  })
  .meta({ id: 'ModelProviderTestResult' })
export type ProviderTestResult = z.infer<typeof ProviderTestResult>
