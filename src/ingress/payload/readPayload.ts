import { isUtf8 } from 'node:buffer'
import { BellwireError } from '../../errors.ts'
import { toUtf8 } from './charset.ts'
import { checkJson } from './checkJson.ts'
import { checkQuickly } from './checkQuickly.ts'
import { readCloudEvent, readCloudEventBatch } from './cloudEvents.ts'
import { parseContentType, type ContentType } from './contentType.ts'
import { readForm } from './form.ts'
import { readMultipart } from './multipart.ts'
import { Payload } from './payload.ts'
import { SLICE_BYTES } from '../../contract/longJson/turns.ts'
import { isTextual, opensLikeJson, readText } from './text.ts'

/** JSON by any of the names that say so. */
const JSON_TYPE = /^(?:application|text)\/(?:[\w.-]+\+)?json$/

const TAKEN =
  'Send JSON (any +json), a form (urlencoded or multipart), XML or any other text, or a CloudEvent; or put files into a multipart form.'

/**
 * Makes the payload of a body, by what its Content-Type says: JSON as it is, a form by its fields, a text as a text.
 *
 * @param header the Content-Type
 * @throws BellwireError `content_type_unsupported`, `body_invalid`
 */
export function readPayload(header: string | undefined, body: Buffer): Payload | Promise<Payload> {
  // Nearly all requests: no promise, and no text to look through.
  if (header === 'application/json') return readJson(body)
  const contentType = parseContentType(header)
  const { type, charset } = contentType
  if (JSON_TYPE.test(type) && (charset === undefined || charset === 'utf-8') && !isCloudEvent(type)) {
    return readJson(body)
  }
  return readOther(contentType, body)
}

async function readOther({ type, charset, boundary }: ContentType, body: Buffer): Promise<Payload> {
  if (type === 'multipart/form-data') return readMultipart(body, boundary)
  if (JSON_TYPE.test(type)) {
    const json = await readJson(await toUtf8(body, charset))
    if (type === 'application/cloudevents+json') return readCloudEvent(json)
    return type === 'application/cloudevents-batch+json' ? readCloudEventBatch(json) : json
  }
  if (type === 'application/x-www-form-urlencoded') return readForm(await toUtf8(body, charset))
  if (isText(type)) return readText(await toUtf8(body, charset))
  const text = await toUtf8(body, charset)
  if (type === '' && opensLikeJson(text)) return readJson(text)
  if (await isTextual(text)) return readText(text)
  throw new BellwireError(
    'content_type_unsupported',
    type === '' ? `The body is neither JSON nor a text. ${TAKEN}` : `${type} is not supported. ${TAKEN}`,
    { headers: { accept: ACCEPT } },
  )
}

/** RFC 9110, 12.5.1: what a 415 says would be taken. */
const ACCEPT =
  'application/json, application/*+json, application/x-www-form-urlencoded, multipart/form-data, text/*, application/xml'

function isCloudEvent(type: string): boolean {
  return type.startsWith('application/cloudevents')
}

function isText(type: string): boolean {
  return type.startsWith('text/') || type === 'application/xml' || type.endsWith('+xml')
}

function readJson(body: Buffer): Payload | Promise<Payload> {
  // Nearly all bodies.
  const quick = body.length <= SLICE_BYTES && isUtf8(body) ? checkQuickly(body) : undefined
  if (quick) return new Payload(body, quick === 'valid' ? PLAIN_NUMBERS : undefined)
  if (isUtf16(body)) return toUtf8(body, undefined).then(readJson)
  const checked = checkJson(body)
  return checked instanceof Promise ? checked.then((json) => new Payload(json)) : new Payload(checked)
}

const PLAIN_NUMBERS = Object.freeze({ hasPlainNumbers: true })

/** By its byte order mark. */
function isUtf16(body: Buffer): boolean {
  return (body[0] === 0xff && body[1] === 0xfe) || (body[0] === 0xfe && body[1] === 0xff)
}
