import { z } from 'zod'
import { ERRORS, type ErrorCode } from '../errors.ts'

/** The URN that identifies a kind of error; docs/errors.md explains each. */
export function problemType(code: ErrorCode): string {
  return `urn:bellwire:error:${code}`
}

const codes = Object.keys(ERRORS)

/** The body of every HTTP error: a problem document (RFC 9457), plus the fields that webhook clients expect. */
export const Problem = z
  .looseObject({
    type: z.string().meta({ example: problemType('agent_not_found') }),
    title: z.string(),
    status: z.int().optional().meta({
      description:
        "The HTTP status. Absent from errors of GET /api/task_status, where `status` is the task's",
    }),
    detail: z.string(),
    code: z.string().meta({ description: 'Stable; docs/errors.md lists them all', enum: codes }),
    success: z.literal(false),
    message: z.string().meta({ description: 'Same as detail' }),
    request_id: z.string().meta({ description: 'Identifies the request in the server log' }),
    errors: z
      .array(
        z.object({
          pointer: z
            .string()
            .meta({ description: 'A JSON pointer into the body, ?name in the query, {name} in the path' }),
          detail: z.string(),
        }),
      )
      .optional(),
    etag: z.string().optional().meta({ description: 'For precondition_failed: the current ETag' }),
    changes: z
      .array(
        z.object({
          pointer: z.string().meta({ description: 'A JSON pointer into the agent' }),
          before: z.unknown().optional(),
          after: z.unknown().optional(),
        }),
      )
      .optional()
      .meta({
        description:
          'For precondition_failed on an agent: what has changed since the revision in If-Match. A value is absent where the field was not set',
      }),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof Problem>
