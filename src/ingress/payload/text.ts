import { isUtf8 } from 'node:buffer'
import { BellwireError } from '../../errors.ts'
import { checkJson } from './checkJson.ts'
import { toJsonString } from './jsonBytes.ts'
import { Payload } from './payload.ts'
import { nextTurn, SLICE_BYTES } from '../../contract/longJson/turns.ts'

const SPACE = new Set(Buffer.from(' \t\r\n'))
const OPENING = new Set(Buffer.from('{['))

/** Bytes that are no text: control characters but those of layout. */
const CONTROL = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 && !SPACE.has(byte) && byte !== 0x0c ? 1 : 0,
)

/** The bytes of a body that is a JSON object or list; undefined for any other. */
export async function jsonOrNothing(body: Buffer): Promise<Buffer | undefined> {
  return opensLikeJson(body) ? anyJsonOrNothing(body) : undefined
}

/** The bytes of a body that is any JSON value; undefined for any other. */
export async function anyJsonOrNothing(body: Buffer): Promise<Buffer | undefined> {
  try {
    return await checkJson(body)
  } catch (error) {
    if (error instanceof BellwireError) return undefined
    throw error
  }
}

/** Whether a text begins as a JSON object or list does. */
export function opensLikeJson(body: Buffer): boolean {
  let at = 0
  while (SPACE.has(body[at] as number)) at += 1
  return OPENING.has(body[at] as number)
}

/**
 * The payload of a text: JSON objects and lists are what they say, as `navigator.sendBeacon` sends them; any other
 * text is a text.
 *
 * @throws BellwireError `body_invalid`
 */
export async function readText(text: Buffer): Promise<Payload> {
  const json = await jsonOrNothing(text)
  if (json) return new Payload(json)
  if (!isUtf8(text)) throw new BellwireError('body_invalid', 'The body is not valid UTF-8.')
  return new Payload(await toJsonString(text))
}

/** Whether bytes are a text, whatever their type says: valid UTF-8 without control characters but those of layout. */
export async function isTextual(body: Buffer): Promise<boolean> {
  if (!isUtf8(body)) return false
  for (let at = 0; at < body.length; at += 1) {
    if (CONTROL[body[at] as number] === 1) return false
    if (at % SLICE_BYTES === SLICE_BYTES - 1) await nextTurn()
  }
  return true
}
