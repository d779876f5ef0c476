import { z } from 'zod'

/** The longest time that a request may be held until its task ends, in seconds. */
export const MAX_WAIT_SECONDS = 60

/**
 * Headers that a webhook may not set: those that frame the response, and those that decide what browsers do on the
 * origin of the console.
 */
const RESERVED = new Set(
  `
  alt-svc clear-site-data connection content-encoding content-length content-range content-security-policy
  content-security-policy-report-only date host idempotency-replayed keep-alive nel origin-agent-cluster
  permissions-policy preference-applied public-key-pins refresh report-to reporting-endpoints server
  service-worker-allowed set-cookie set-cookie2 sourcemap strict-transport-security te trailer transfer-encoding
  upgrade vary x-content-type-options x-frame-options x-request-id x-xss-protection
  `
    .trim()
    .split(/\s+/),
)
const RESERVED_PREFIX = /^(?:access-control|cross-origin|proxy|sec)-/

const MAX_HEADERS = 20

const Headers = z
  .record(z.string(), z.string().max(2_000))
  .superRefine((headers, context) => {
    const names = Object.keys(headers)
    if (names.length > MAX_HEADERS) context.addIssue(`has more than ${MAX_HEADERS} headers`)
    const seen = new Set<string>()
    for (const name of names) {
      const fault = faultOf(name) ?? (seen.has(name.toLowerCase()) ? 'is there twice' : undefined)
      seen.add(name.toLowerCase())
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault, path: [name] })
    }
  })
  .meta({
    description: 'Headers of the response; the values are Liquid templates, too',
    example: { 'Content-Type': 'text/xml' },
  })

function faultOf(name: string): string | undefined {
  const lower = name.toLowerCase()
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/.test(lower)) return 'is not a valid header name'
  if (RESERVED.has(lower) || RESERVED_PREFIX.test(lower)) return 'is set by Bellwire; choose another header'
  return undefined
}

/** A response of its own form, for senders that expect one. */
const ResponseTemplate = z
  .strictObject({
    wait_seconds: z
      .int()
      .min(0)
      .max(MAX_WAIT_SECONDS)
      .default(0)
      .meta({ description: 'How long the response waits for the task to end' }),
    status: z.int().min(200).max(299).default(200),
    headers: Headers.default({}),
    body: z.string().max(65_536).optional().meta({
      description:
        'A Liquid template over task_id, links, payload, status and result; the usual JSON if left out',
    }),
  })
  .refine(({ status, body }) => !isBodyless(status) || body === undefined || body === '', {
    message: 'must be left out: a response with this status has no body',
    path: ['body'],
  })

/** Whether a response with this status has no body. */
export function isBodyless(status: number): boolean {
  return status === 204 || status === 205
}

/** How a webhook answers requests that have started a task. */
export const Respond = z.union([z.enum(['task', 'result']), ResponseTemplate]).meta({
  description:
    '"task": immediately, with the task. "result": with the result, if it is ready within 60 seconds. An object: a ' +
    'response of your own form. Prefer: wait in a request decides how long that request waits',
})
export type Respond = z.infer<typeof Respond>
