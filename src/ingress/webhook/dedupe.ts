import { hash } from 'node:crypto'
import { parseExact } from '../../contract/exactJson.ts'
import { valueAt } from '../../contract/jsonPointer.ts'
import type { WebhookOptions } from '../../contract/webhookOptions.ts'
import type { KeyKind } from '../../tasks/dedupeKey.ts'
import type { Arrival } from '../arrival.ts'
import { readIdempotencyKey } from '../idempotencyKey.ts'
import { hashInTurns } from '../payload/hashInTurns.ts'
import { locateValue } from '../payload/locateValue.ts'
import { SLICE_BYTES } from '../../contract/longJson/turns.ts'

/** What makes a request the same as another one, and for how long. */
export type RequestKey = { kind: KeyKind; text: string; ttlSeconds: number }

/** How long an Idempotency-Key is remembered, and how long by default what the sender calls an event. */
const KEY_TTL_SECONDS = 24 * 3600
const EVENT_TTL_SECONDS = 7 * 24 * 3600

/** Finds the key of a request; undefined when it has none. A promise only where it is looked for in a long payload. */
export type FindKey = (arrival: Arrival) => RequestKey | undefined | Promise<RequestKey | undefined>

/**
 * Makes the function that finds the key of a request: an Idempotency-Key comes first; then what the webhook says, or
 * the id that the source gives to its events.
 *
 * The function throws BellwireError `idempotency_key_too_long`.
 */
export function compileDedupe({ dedupe }: Pick<WebhookOptions, 'dedupe'>): FindKey {
  const find: FindText = dedupe ? finder(dedupe.from) : ({ eventId }) => eventId
  const ttlSeconds = dedupe?.ttl_seconds ?? EVENT_TTL_SECONDS
  return (arrival) => {
    const key = readIdempotencyKey(arrival.inbound.headers['idempotency-key'])
    if (key !== undefined) return { kind: 'idempotency_key', text: key, ttlSeconds: KEY_TTL_SECONDS }
    const found = find(arrival)
    const toKey = (text: string | undefined): RequestKey | undefined =>
      text === undefined || text === '' ? undefined : { kind: 'event', text, ttlSeconds }
    return found instanceof Promise ? found.then(toKey) : toKey(found)
  }
}

type FindText = (arrival: Arrival) => string | undefined | Promise<string | undefined>

function finder(from: string): FindText {
  if (from === 'none') return () => undefined
  if (from === 'body') return bodyHash
  const [kind, where] = splitOnce(from, ':')
  if (kind === 'header') {
    const name = where.toLowerCase()
    return ({ headers }) => {
      const value = headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    }
  }
  return ({ payload }) =>
    payload?.isLong ? findText(payload.json, where) : textOf(valueAt(payload?.exact, where))
}

/** {@link textOf} the value at a pointer in long JSON. A long value is represented by the hash of its JSON. */
async function findText(json: Buffer, pointer: string): Promise<string | undefined> {
  const value = await locateValue(json, pointer)
  if (value && value.length > SLICE_BYTES) return `sha256:${(await hashInTurns(value)).toString('hex')}`
  return value && textOf(parseExact(value.toString('utf8')))
}

/** Over what came in; of a GET, over its query. */
function bodyHash({ rawBody, payload }: Arrival): string | Promise<string> {
  const bytes = rawBody.length > 0 ? rawBody : (payload?.json ?? rawBody)
  if (bytes.length <= SLICE_BYTES) return hash('sha256', bytes, 'hex')
  return hashInTurns(bytes).then((found) => found.toString('hex'))
}

/** A value as a key: any value but none and null. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return [text.slice(0, at), text.slice(at + 1)]
}
