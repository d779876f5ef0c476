import type { Webhook } from '../../api/types.ts'
import { parseJson, prettyJson } from '../../lib/json.ts'
import { REPLY_FIELDS, replyOf, toReplyForm, type ReplyForm } from './replyForm.ts'
import { RESPOND_FIELDS, respondOf, toRespondForm, type RespondForm } from './respondForm.ts'
import {
  coalesceOf,
  conversationOf,
  toCoalesceForm,
  toConversationForm,
  type CoalesceForm,
  type ConversationForm,
} from './threadForm.ts'

/** How a source is verified that no entry of the table knows, as text. */
type HmacForm = Record<
  'header' | 'algorithm' | 'encoding' | 'prefix' | 'signed' | 'timestamp_header' | 'tolerance_seconds',
  string
>

/** A webhook as a person edits it: numbers and JSON as the text in the fields. */
export type WebhookForm = {
  name: string
  source: string
  /** When a request is expected at the latest after the one before: seconds, or a duration such as "1d". */
  expect_every: string
  /** New ones; the stored ones are never shown. */
  secrets: string[]
  /** What becomes of the stored ones. `replace`: they are kept unless there are new ones. */
  storedSecrets: 'replace' | 'keep' | 'newest' | 'remove'
  hmac: HmacForm
  /** Comma-separated. */
  methods: string
  allow_navigation: boolean
  payload_schema: string
  dedupe: 'default' | 'header' | 'json' | 'body' | 'none'
  /** The name of the header, or the pointer. */
  dedupeAt: string
  ttl_seconds: string
  on_mismatch: string
  split: 'default' | 'never' | 'list' | 'inside'
  splitAt: string
  hold: boolean
  requests: string
  per_seconds: string
  filter: string
  trusted: string
  ignore_own: boolean
  loop_limit: string
  conversation: ConversationForm
  coalesce: CoalesceForm
  respond: RespondForm
  reply: ReplyForm
}

/** The parts of the form that are saved as one value, with fields of their own. */
export type Group = 'hmac' | 'conversation' | 'coalesce' | 'respond' | 'reply'

/** A webhook has no more. */
export const MOST_SECRETS = 10

/** The fields that errors are shown at: JSON pointers without their first slash. */
export const FIELDS = [
  'name',
  'expect_every',
  'source',
  'secrets',
  'keep_secrets',
  'hmac/header',
  'hmac/algorithm',
  'hmac/encoding',
  'hmac/prefix',
  'hmac/signed',
  'hmac/timestamp_header',
  'hmac/tolerance_seconds',
  'methods',
  'allow_navigation',
  'payload_schema',
  'dedupe/from',
  'dedupe/ttl_seconds',
  'on_mismatch',
  'split',
  'rate_limit/requests',
  'rate_limit/per_seconds',
  'hold',
  'filter',
  'trusted',
  'ignore_own',
  'loop_limit',
  'conversation/key',
  'conversation/while_running',
  'conversation/keep_days',
  'coalesce/key',
  'coalesce/window_seconds',
  'coalesce/max',
  'respond',
  ...RESPOND_FIELDS.map((field) => `respond/${field}` as const),
  'reply',
  ...REPLY_FIELDS.map((field) => `reply/${field}` as const),
] as const
export type WebhookField = (typeof FIELDS)[number]
export type WebhookErrors = Partial<Record<WebhookField, string>>

/** Names of fields whose keys do not read as such. */
const LABELS: Partial<Record<string, string>> = {
  expect_every: 'Expected every',
  storedSecrets: 'Stored secrets',
  hmac: 'Signature',
  coalesce: 'Bursts',
  respond: 'Response',
  allow_navigation: 'Links in a browser',
  dedupe: 'Repeats',
  dedupeAt: 'Key of repeats',
  ttl_seconds: 'Repeats remembered (seconds)',
  on_mismatch: 'Repeats with another payload',
  split: 'Batches',
  splitAt: 'List to split',
  hold: 'Hold tasks',
  trusted: 'Trusted authors',
  requests: 'Rate limit: requests',
  per_seconds: 'Rate limit: seconds',
  ignore_own: 'Ignore own events',
}

/** What a field of the form is called. */
export function labelOf(field: string): string {
  const words = field.replaceAll('_', ' ')
  return LABELS[field] ?? words.slice(0, 1).toUpperCase() + words.slice(1)
}

/** Only these sources are verified the way that `hmac` describes. */
export function takesHmac(source: string): boolean {
  return source === 'hmac' || source === 'generic'
}

export function toForm(webhook: Webhook): WebhookForm {
  const { hmac, dedupe, split, rate_limit: rate } = webhook
  return {
    name: webhook.name,
    source: webhook.source,
    expect_every: String(webhook.expect_every ?? ''),
    secrets: [''],
    storedSecrets: 'replace',
    hmac: {
      header: hmac?.header ?? '',
      algorithm: hmac?.algorithm ?? 'sha256',
      encoding: hmac?.encoding ?? 'hex',
      prefix: hmac?.prefix ?? '',
      signed: hmac?.signed ?? '{body}',
      timestamp_header: hmac?.timestamp_header ?? '',
      tolerance_seconds: String(hmac?.tolerance_seconds ?? ''),
    },
    methods: webhook.methods.toSorted().join(','),
    allow_navigation: webhook.allow_navigation,
    payload_schema: webhook.payload_schema === undefined ? '' : prettyJson(webhook.payload_schema),
    ...dedupeForm(dedupe?.from),
    ttl_seconds: String(dedupe?.ttl_seconds ?? ''),
    on_mismatch: webhook.on_mismatch,
    split: split === undefined ? 'default' : split === false ? 'never' : split === true ? 'list' : 'inside',
    splitAt: typeof split === 'string' ? split : '',
    hold: webhook.hold,
    requests: String(rate?.requests ?? ''),
    per_seconds: String(rate?.per_seconds ?? ''),
    filter: webhook.filter ?? '',
    trusted: webhook.trusted ?? '',
    ignore_own: webhook.ignore_own,
    loop_limit: String(webhook.loop_limit),
    conversation: toConversationForm(webhook.conversation),
    coalesce: toCoalesceForm(webhook.coalesce),
    respond: toRespondForm(webhook.respond),
    reply: toReplyForm(webhook.reply),
  }
}

function dedupeForm(from: string | undefined): Pick<WebhookForm, 'dedupe' | 'dedupeAt'> {
  if (from === undefined) return { dedupe: 'default', dedupeAt: '' }
  if (from === 'body' || from === 'none') return { dedupe: from, dedupeAt: '' }
  const colon = from.indexOf(':')
  return { dedupe: from.startsWith('header:') ? 'header' : 'json', dedupeAt: from.slice(colon + 1) }
}

/**
 * The change that a form makes: only the fields that are not as before, so that what somebody else has changed
 * since stays. Only what the server could not read is found wrong here; the rest it checks itself.
 */
export function changeOf(
  before: WebhookForm,
  after: WebhookForm,
): { patch: Record<string, unknown> } | { errors: WebhookErrors } {
  const errors: WebhookErrors = {}
  const old = settingsOf(before, {})
  const patch: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(settingsOf(after, errors))) {
    if (JSON.stringify(value) !== JSON.stringify(old[field])) patch[field] = value
  }
  Object.assign(patch, secretsOf(after))
  return Object.keys(errors).length > 0 ? { errors } : { patch }
}

function secretsOf({ secrets, storedSecrets: stored }: WebhookForm): Record<string, unknown> {
  const made = secrets.filter((secret) => secret !== '')
  if (made.length === 0 && (stored === 'replace' || stored === 'keep')) return {}
  const kept = { replace: 0, remove: 0, newest: 1, keep: MOST_SECRETS }[stored]
  return { secrets: made, ...(kept === 0 ? {} : { keep_secrets: kept }) }
}

/** All settings of a form, as the API takes them. Notes in `errors` what cannot be read. */
function settingsOf(form: WebhookForm, errors: WebhookErrors): Record<string, unknown> {
  function number(field: WebhookField, text: string): number | undefined {
    const value = Number(text.trim())
    if (text.trim() !== '' && Number.isFinite(value)) return value
    errors[field] = 'Enter a number.'
    return undefined
  }
  const optional = (text: string): string | null => (text.trim() === '' ? null : text)

  return {
    name: form.name,
    expect_every: durationOf(form.expect_every),
    source: form.source,
    hmac: hmacOf(form, number),
    methods: form.methods.split(','),
    allow_navigation: form.allow_navigation,
    payload_schema: schemaOf(form.payload_schema, errors),
    dedupe: dedupeOf(form, number),
    on_mismatch: form.on_mismatch,
    split: { default: null, never: false, list: true, inside: form.splitAt.trim() }[form.split],
    hold: form.hold,
    rate_limit:
      form.requests.trim() === '' && form.per_seconds.trim() === ''
        ? null
        : {
            requests: number('rate_limit/requests', form.requests),
            per_seconds: number('rate_limit/per_seconds', form.per_seconds),
          },
    filter: optional(form.filter),
    trusted: optional(form.trusted),
    ignore_own: form.ignore_own,
    loop_limit: number('loop_limit', form.loop_limit),
    conversation: conversationOf(form.conversation, number),
    coalesce: coalesceOf(form.coalesce, number),
    respond: respondOf(form.respond, number, (detail) => (errors['respond/headers'] = detail)),
    reply: replyOf(form.reply),
  }
}

/** Digits are seconds. */
function durationOf(text: string): number | string | null {
  const trimmed = text.trim()
  if (trimmed === '') return null
  return /^\d+$/.test(trimmed) ? Number(trimmed) : trimmed
}

/** Reads the number in a field, and notes when there is none. */
export type ReadNumber = (field: WebhookField, text: string) => number | undefined

function hmacOf({ source, hmac }: WebhookForm, number: ReadNumber): unknown {
  if (!takesHmac(source) || hmac.header.trim() === '') return null
  return {
    header: hmac.header.trim(),
    algorithm: hmac.algorithm,
    encoding: hmac.encoding,
    ...(hmac.prefix === '' ? {} : { prefix: hmac.prefix }),
    signed: hmac.signed,
    ...(hmac.timestamp_header.trim() === '' ? {} : { timestamp_header: hmac.timestamp_header.trim() }),
    ...(hmac.tolerance_seconds.trim() === ''
      ? {}
      : { tolerance_seconds: number('hmac/tolerance_seconds', hmac.tolerance_seconds) }),
  }
}

function dedupeOf({ dedupe, dedupeAt, ttl_seconds: ttl }: WebhookForm, number: ReadNumber): unknown {
  if (dedupe === 'default') return null
  return {
    from: dedupe === 'header' || dedupe === 'json' ? `${dedupe}:${dedupeAt.trim()}` : dedupe,
    ...(ttl.trim() === '' || dedupe === 'none' ? {} : { ttl_seconds: number('dedupe/ttl_seconds', ttl) }),
  }
}

function schemaOf(text: string, errors: WebhookErrors): unknown {
  if (text.trim() === '') return null
  const parsed = parseJson(text)
  if (parsed.ok) return parsed.value
  errors.payload_schema = parsed.error
  return undefined
}
