import { z } from 'zod'

const HeaderName = z
  .string()
  .max(100)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is not a valid header name')

/** How requests of a sender are signed that no other source knows. */
export const HmacSettings = z.strictObject({
  header: HeaderName.meta({ description: 'The header that holds the signature', example: 'X-Signature' }),
  algorithm: z.enum(['sha1', 'sha256', 'sha384', 'sha512']).default('sha256'),
  encoding: z.enum(['hex', 'base64', 'base64url']).default('hex'),
  prefix: z
    .string()
    .max(50)
    .optional()
    .meta({ description: 'Prefix of the signature in the header', example: 'sha256=' }),
  signed: z.string().min(1).max(500).default('{body}').meta({
    description:
      'What the signature covers: a template with {body}, and {timestamp}, {id} (the header Webhook-Id), {url}, {method} or {header:NAME}',
    example: '{timestamp}.{body}',
  }),
  timestamp_header: HeaderName.optional().meta({
    description:
      'The header that holds the signing time. If it is the signature header, the time is its element t=',
  }),
  tolerance_seconds: z.int().min(1).max(86_400).optional().meta({
    description:
      'How far the signing time may be from the current time. 300 by default when there is a timestamp_header',
  }),
})
export type HmacSettings = z.infer<typeof HmacSettings>
