import { isUtf8 } from 'node:buffer'
import { BellwireError } from '../../errors.ts'
import { checkJson } from './checkJson.ts'
import { Payload } from './payload.ts'

const SPACE = new Set(Buffer.from(' \t\r\n'))
const OPENING = new Set(Buffer.from('{['))

/** The bytes of a body that is a JSON object or list; undefined for any other. */
export async function jsonOrNothing(body: Buffer): Promise<Buffer | undefined> {
  if (!opensLikeJson(body)) return undefined
  try {
    return await checkJson(body)
  } catch (error) {
    if (error instanceof BellwireError) return undefined
    throw error
  }
}

/** Whether a text begins as a JSON object or list does. */
export function opensLikeJson(body: Buffer): boolean {
  const first = body.find((byte) => !SPACE.has(byte))
  return first !== undefined && OPENING.has(first)
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
  return Payload.of(text.toString('utf8'))
}

/** Whether bytes are a text, whatever their type says: valid UTF-8 without control characters but those of layout. */
export function isTextual(body: Buffer): boolean {
  return isUtf8(body) && !body.some((byte) => byte < 0x20 && !SPACE.has(byte) && byte !== 0x0c)
}
