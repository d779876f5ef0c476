import { z } from 'zod'
import { Duration } from './duration.ts'
import { HmacSettings } from './hmacSettings.ts'
import { isPointer } from './jsonPointer.ts'
import { RateLimit } from './rateLimit.ts'
import { Reply } from './reply.ts'
import { Respond } from './respond.ts'
import { JsonSchema } from './toolParts.ts'

/** Where a webhook's requests come from: the name of an entry of the table of sources. */
const SourceName = z.string().min(1).max(64).meta({
  description: 'The system that sends the requests; it determines how they are verified',
  example: 'github',
})

const Hmac = HmacSettings.meta({ description: 'How requests are signed, for the sources hmac and generic' })

const Methods = z
  .array(z.enum(['GET', 'POST']))
  .min(1)
  .refine((methods) => new Set(methods).size === methods.length, 'names a method twice')
  .meta({ description: 'The methods that start the agent' })

/** What makes two requests the same one. */
const Dedupe = z.strictObject({
  from: z
    .string()
    .max(1_000)
    .refine(isDedupeSource, 'use "header:NAME", "json:/POINTER", "body" or "none"')
    .meta({
      description:
        'What makes two requests the same: "header:NAME", "json:/POINTER" into the payload, "body" (all of it) or "none"',
      example: 'json:/id',
    }),
  ttl_seconds: z
    .int()
    .min(1)
    .max(90 * 86_400)
    .optional()
    .meta({ description: 'How long it is remembered; seven days by default' }),
})

function isDedupeSource(from: string): boolean {
  if (from === 'body' || from === 'none') return true
  if (from.startsWith('json:')) return isPointer(from.slice(5))
  return /^header:[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(from)
}

const Split = z
  .union([
    z.boolean(),
    z
      .string()
      .max(1_000)
      .refine(
        (text) => isPointer(text.replace(/^json:/, '')),
        'use true, or a JSON pointer such as "/items"',
      ),
  ])
  .meta({
    description:
      'One task for each element of a list: true when the payload is the list, else a JSON pointer to it',
    example: '/items',
  })

const OnMismatch = z.enum(['original', 'reject']).meta({
  description:
    'What a repeated key with another payload gets: the original task, or an error with status 422',
})

const Hold = z.boolean().meta({
  description: 'Tasks are accepted and held until somebody releases or discards them',
})

const AllowNavigation = z.boolean().meta({
  description:
    'A GET from a browser that opens the URL, or from a link preview, starts the agent without a confirmation page',
})

const PayloadSchema = JsonSchema.meta({
  description: 'A JSON Schema (2020-12) that payloads must match; others get an error with status 422',
})

export const Filter = z.string().min(1).max(4_096).meta({
  description:
    'A CEL expression over payload, headers, query, event, method and source. Requests for which it is not true are acknowledged and do not start the agent',
  example: 'payload.action == "opened" && !payload.issue.user.login.endsWith("[bot]")',
})

const Trusted = z.string().min(1).max(4_096).meta({
  description:
    'A CEL expression over the verified request: whether its author is trusted. Never true without a valid signature',
  example: 'payload.comment.author_association in ["OWNER", "MEMBER"]',
})

const IgnoreOwn = z.boolean().meta({
  description: "Events about objects that the agent's write tools created within the last hour are ignored",
})

const LoopLimit = z.int().min(0).max(1_000).meta({
  description:
    'How many events about one object may start the agent within ten minutes; tasks of further events are held. 0: no limit',
})

const Key = z.string().min(1).max(4_096)

const Conversation = z
  .strictObject({
    key: Key.meta({
      description:
        'A CEL expression over payload, headers, query, event, method and source: requests with the same value (a text ' +
        'or a number) continue each other; null for none',
      example: 'payload.issue.number',
    }),
    while_running: z
      .enum(['queue', 'append', 'restart', 'parallel'])
      .default('queue')
      .meta({
        description:
          'While a task of the conversation has not ended, a request waits for its end (queue), is added to its run ' +
          '(append), cancels it and starts with all requests so far (restart), or runs at the same time (parallel)',
      }),
    keep_days: z.int().min(1).max(3_650).default(90).meta({
      description: 'Days after its last request until a conversation is forgotten',
    }),
  })
  .meta({ description: 'Groups requests into conversations: later tasks see the earlier ones' })

const Coalesce = z
  .strictObject({
    key: Key.meta({
      description: "A CEL expression, like a conversation's key: requests with the same value make one task",
      example: 'payload.repository.full_name',
    }),
    window_seconds: z.number().min(0.1).max(3_600).meta({
      description: 'How long after the first request others can join its task before it starts',
    }),
    max: z.int().min(2).max(1_000).default(100).meta({
      description: 'With this many requests the task starts immediately',
    }),
  })
  .meta({ description: 'One task for a burst of requests; its payload is {"events":[…]}' })

const ExpectEvery = Duration.meta({
  description:
    'How often a request is expected, in seconds or as a duration: a notice is sent when none has arrived for longer',
  example: '1d',
})

/** What an operator decides about the requests of a webhook. Secrets are apart: they are never shown. */
export const WebhookOptions = z.strictObject({
  source: SourceName.default('generic'),
  hmac: Hmac.optional(),
  methods: Methods.default(['GET', 'POST']),
  allow_navigation: AllowNavigation.default(false),
  payload_schema: PayloadSchema.optional(),
  dedupe: Dedupe.optional(),
  on_mismatch: OnMismatch.default('original'),
  split: Split.optional(),
  hold: Hold.default(false),
  rate_limit: RateLimit.optional(),
  filter: Filter.optional(),
  trusted: Trusted.optional(),
  ignore_own: IgnoreOwn.default(true),
  loop_limit: LoopLimit.default(20),
  conversation: Conversation.optional(),
  coalesce: Coalesce.optional(),
  reply: Reply.optional(),
  expect_every: ExpectEvery.optional(),
  respond: Respond.default('task'),
})
export type WebhookOptions = z.infer<typeof WebhookOptions>

/** The same, for a change: what is left out stays, and null unsets what is optional. */
export const WebhookOptionsPatch = z.strictObject({
  source: SourceName.optional(),
  hmac: Hmac.nullish(),
  methods: Methods.optional(),
  allow_navigation: AllowNavigation.optional(),
  payload_schema: PayloadSchema.nullish(),
  dedupe: Dedupe.nullish(),
  on_mismatch: OnMismatch.optional(),
  split: Split.nullish(),
  hold: Hold.optional(),
  rate_limit: RateLimit.nullish(),
  filter: Filter.nullish(),
  trusted: Trusted.nullish(),
  ignore_own: IgnoreOwn.optional(),
  loop_limit: LoopLimit.optional(),
  conversation: Conversation.nullish(),
  coalesce: Coalesce.nullish(),
  reply: Reply.nullish(),
  expect_every: ExpectEvery.nullish(),
  respond: Respond.optional(),
})
export type WebhookOptionsPatch = z.infer<typeof WebhookOptionsPatch>

/**
 * Options as they were stored, with the defaults of what has come to the contract since. Options that today's rules
 * would refuse are given as they are, for the edit that mends them.
 */
export function fromStoredOptions(stored: WebhookOptions): WebhookOptions {
  const parsed = WebhookOptions.safeParse(stored)
  return parsed.success ? parsed.data : stored
}
