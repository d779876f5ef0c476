import { z } from 'zod'
import { isAtMostDeep } from './depth.ts'
import { ApprovalRule, ImportedAt, ImportedTool, ToolAccess, ToolPrefix, ToolTimeout } from './toolParts.ts'

/** Where an argument of the model goes in the request. */
export const OpenApiArgument = z.object({
  argument: z.string(),
  in: z.enum(['path', 'query', 'header', 'cookie']),
  name: z.string(),
  style: z.enum(['simple', 'form', 'spaceDelimited', 'pipeDelimited', 'deepObject', 'json']),
  explode: z.boolean(),
})
export type OpenApiArgument = z.infer<typeof OpenApiArgument>

/** A place in the request that a template of `auth` fills. */
export const OpenApiCredential = z.object({
  scheme: z.string().meta({ description: 'Its key in "auth"' }),
  in: z.enum(['header', 'query', 'cookie']),
  name: z.string(),
  prefix: z.string().optional().meta({ description: 'Bearer, Basic, ...' }),
})
export type OpenApiCredential = z.infer<typeof OpenApiCredential>

/** An operation of a document, with everything needed to call it. */
export const OpenApiOperation = z.object({
  operation: z.string().meta({ description: 'As named in "operations"' }),
  ...ImportedTool.shape,
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string(),
  server: z.string().optional().meta({ description: 'Base URL, unless "server" overrides it' }),
  arguments: z.array(OpenApiArgument),
  body: z
    .object({
      argument: z.string(),
      content_type: z.string(),
      files: z.array(z.string()).optional().meta({
        description: 'Fields of a multipart body that are files, in Base64; an empty name is the body itself',
      }),
      nested: z.array(z.string()).optional().meta({ description: 'Fields of a form written as name[key]' }),
    })
    .optional()
    .meta({ description: 'Which argument is the body, and how it is written' }),
  credentials: z.array(OpenApiCredential),
})
export type OpenApiOperation = z.infer<typeof OpenApiOperation>

/** The chosen operations as of the last import of the document. */
export const OpenApiImport = z
  .object({
    imported_at: ImportedAt,
    title: z.string(),
    version: z.string(),
    operations: z.array(OpenApiOperation),
  })
  .meta({ id: 'OpenApiImport' })
export type OpenApiImport = z.infer<typeof OpenApiImport>

/** Operations of an HTTP API described by an OpenAPI document. */
export const OpenApiTool = z
  .strictObject({
    type: z.literal('openapi'),
    name: ToolPrefix.meta({ description: 'Prefix of the operation names: NAME_operation' }),
    url: z.string().min(1).max(8192).optional().meta({
      description: 'URL of the document (OpenAPI 3, Swagger 2.0): a Liquid template over secrets',
    }),
    document: z
      .union([z.string().min(1), z.record(z.string(), z.unknown())])
      .refine((document) => isAtMostDeep(document, 200), 'is nested too deeply')
      .optional()
      .meta({ description: 'The document itself, instead of a URL: JSON, or a JSON or YAML string' }),
    operations: z
      .array(z.string().min(1).max(1000))
      .min(1)
      .max(128)
      .meta({ description: 'Which operations: operationIds, or "METHOD /path" as the document writes it' }),
    server: z.string().min(1).max(8192).optional().meta({
      description:
        "Base URL of the API, a Liquid template over secrets; without it, the document's first server",
    }),
    auth: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'The credential for each security scheme: a Liquid template over secrets' }),
    access: z.record(z.string(), ToolAccess).optional().meta({
      description:
        'By operation, as named in "operations"; by default GET and HEAD are read, all others write',
    }),
    approval: z
      .record(z.string(), ApprovalRule)
      .optional()
      .meta({ description: 'By operation, as named in "operations"' }),
    timeout_seconds: ToolTimeout.optional(),
    imported: OpenApiImport.optional().meta({
      description: 'The operations as of the last save or refresh. Read-only: ignored in requests',
    }),
  })
  .check(({ value, issues }) => {
    if ((value.url === undefined) === (value.document === undefined)) {
      const message = 'give either a url or a document'
      issues.push({ code: 'custom', path: ['url'], input: value.url ?? null, message })
    }
  })
  .meta({ id: 'OpenApiTool' })
export type OpenApiTool = z.infer<typeof OpenApiTool>
