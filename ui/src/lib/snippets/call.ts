import type { Webhook } from '../../api/types.ts'

/** What a program makes at run time. `key`: what makes repeats of a request the same; `id`: that of the message. */
export type Variable = 'body' | 'timestamp' | 'id' | 'key' | 'signature' | 'secret' | 'url'

/** A piece of a text: itself, or a variable. */
export type Part = string | { use: Variable }

export type Signature = {
  algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512'
  encoding: 'hex' | 'base64' | 'base64url'
  /** Whether the secret is the key as it is, or base64 of it after `whsec_`. */
  isEncodedKey: boolean
  message: Part[]
}

/** One request to a webhook, for any language to write down. */
export type Call = {
  method: 'POST' | 'GET'
  payload: unknown
  headers: { name: string; value: Part[] }[]
  signature: Signature | undefined
  /** What comes back: the task, the task with its result, or what the webhook was told to send. */
  answer: 'task' | 'result' | 'own'
}

export type CallOptions = {
  payload: unknown
  /** Whether the request carries a key, so that a repeat of it starts nothing. */
  withKey: boolean
  /** Whether to wait for the result. */
  waits: boolean
}

/** How long a snippet waits for the result, in seconds. */
const WAIT_SECONDS = 30

/**
 * The request that this webhook accepts from a program of one's own.
 *
 * @returns `reason`: a sentence that says why no program can make such a request
 */
export function callOf(
  webhook: Pick<Webhook, 'source' | 'hmac' | 'secrets' | 'methods' | 'respond' | 'dedupe'>,
  { payload, withKey, waits }: CallOptions,
): { call: Call } | { reason: string } {
  const method = webhook.methods.includes('POST') ? 'POST' : 'GET'
  const signing = signingOf(webhook, method)
  if ('reason' in signing) return signing
  const { respond } = webhook
  const answer = typeof respond === 'string' ? (waits ? 'result' : respond) : 'own'
  return {
    call: {
      method,
      payload,
      headers: [
        ...(method === 'POST' ? [{ name: 'Content-Type', value: [JSON_TYPE] }] : []),
        ...signing.headers,
        ...(withKey ? [{ name: keyHeader(webhook), value: [{ use: 'key' } as const] }] : []),
        ...(waits ? [{ name: 'Prefer', value: [`wait=${WAIT_SECONDS}`] }] : []),
      ],
      signature: signing.signature,
      answer,
    },
  }
}

const JSON_TYPE = 'application/json'

/** A webhook may recognize repeats by a header of its own; an Idempotency-Key always counts. */
function keyHeader({ dedupe }: Pick<Webhook, 'dedupe'>): string {
  return dedupe?.from.startsWith('header:') ? dedupe.from.slice('header:'.length) : 'Idempotency-Key'
}

type Signing = { headers: Call['headers']; signature: Signature | undefined }

function signingOf(
  { source, hmac, secrets }: Pick<Webhook, 'source' | 'hmac' | 'secrets'>,
  method: string,
): Signing | { reason: string } {
  if (source === 'standard_webhooks') return STANDARD
  if (source === 'hmac' || (source === 'generic' && hmac)) {
    return hmacSigning(
      hmac ?? { header: 'X-Signature', algorithm: 'sha256', encoding: 'hex', signed: '{body}' },
      method,
    )
  }
  if (source !== 'generic') {
    return {
      reason:
        'This webhook expects requests as its source sends them, so a program of your own is refused. Add another webhook to call the agent from a program.',
    }
  }
  const headers = secrets.count === 0 ? [] : [{ name: 'Authorization', value: ['Bearer ', SECRET] }]
  return { headers, signature: undefined }
}

const SECRET: Part = { use: 'secret' }
const SIGNATURE: Part = { use: 'signature' }
const TIMESTAMP: Part = { use: 'timestamp' }

const STANDARD: Signing = {
  headers: [
    { name: 'Webhook-Id', value: [{ use: 'id' }] },
    { name: 'Webhook-Timestamp', value: [TIMESTAMP] },
    { name: 'Webhook-Signature', value: ['v1,', SIGNATURE] },
  ],
  signature: {
    algorithm: 'sha256',
    encoding: 'base64',
    isEncodedKey: true,
    message: [{ use: 'id' }, '.', TIMESTAMP, '.', { use: 'body' }],
  },
}

function hmacSigning(hmac: NonNullable<Webhook['hmac']>, method: string): Signing | { reason: string } {
  const { header, algorithm, encoding, prefix = '', timestamp_header: timeHeader } = hmac
  const message = messageOf(hmac, method)
  if ('reason' in message) return message
  const usesId = message.parts.some((part) => typeof part !== 'string' && part.use === 'id')
  const isOneHeader = timeHeader?.toLowerCase() === header.toLowerCase()
  const name = prefix === '' ? 'v1' : prefix.replace(/=$/, '')
  return {
    headers: [
      ...(usesId ? [{ name: 'Webhook-Id', value: [{ use: 'id' } as const] }] : []),
      ...(timeHeader === undefined || isOneHeader ? [] : [{ name: timeHeader, value: [TIMESTAMP] }]),
      {
        name: header,
        value: isOneHeader ? ['t=', TIMESTAMP, `,${name}=`, SIGNATURE] : joined([prefix, SIGNATURE]),
      },
    ],
    signature: { algorithm, encoding, isEncodedKey: false, message: message.parts },
  }
}

/** What the signature covers. */
function messageOf(
  { signed, timestamp_header: timeHeader }: NonNullable<Webhook['hmac']>,
  method: string,
): { parts: Part[] } | { reason: string } {
  const parts: Part[] = []
  for (const piece of signed.split(/(\{[^{}]*\})/)) {
    const name = /^\{(.*)\}$/.exec(piece)?.[1]
    const headerName = name?.startsWith('header:') ? name.slice('header:'.length).toLowerCase() : undefined
    if (name === undefined) parts.push(piece)
    else if (name === 'method') parts.push(method)
    else if (name === 'url' && method === 'GET')
      return { reason: 'The signature covers the URL with its query.' }
    else if (name === 'body' || name === 'timestamp' || name === 'id' || name === 'url')
      parts.push({ use: name })
    else if (headerName === 'content-type' && method === 'POST') parts.push(JSON_TYPE)
    else if (headerName !== undefined && headerName === timeHeader?.toLowerCase()) parts.push(TIMESTAMP)
    else {
      return {
        reason: `The signature covers the header ${headerName ?? piece}, of which only the sender knows the value.`,
      }
    }
  }
  return { parts: joined(parts) }
}

/** Without empty texts, and texts beside each other as one. */
function joined(parts: Part[]): Part[] {
  const found: Part[] = []
  for (const part of parts) {
    const before = found.at(-1)
    if (part === '') continue
    if (typeof part === 'string' && typeof before === 'string') found.splice(-1, 1, before + part)
    else found.push(part)
  }
  return found
}

/** The variables that a call needs, apart from the URL. */
export function variablesOf({ headers, signature }: Call): Set<Variable> {
  const parts = [...headers.flatMap(({ value }) => value), ...(signature?.message ?? [])]
  return new Set(parts.flatMap((part) => (typeof part === 'string' ? [] : [part.use])))
}

/** The payload as parameters of a query. What is no text is JSON. */
export function queryOf(payload: unknown): [name: string, value: string][] {
  if (typeof payload !== 'object' || payload === null) return []
  return Object.entries(payload).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
}
