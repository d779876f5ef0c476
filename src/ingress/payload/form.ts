import { BellwireError } from '../../errors.ts'
import { collectFields, type Fields } from './fields.ts'
import { jsonOrNothing } from './text.ts'
import { Payload } from './payload.ts'

/** Fields at most: reading them takes time for each. */
const MAX_FIELDS = 10_000

const AMPERSAND = 0x26

/**
 * The payload of a form: its fields by name; or, when its only field is called `payload` and holds JSON, that JSON,
 * as Slack and GitHub send it. JSON that was sent as a form by mistake, as curl does by default, is JSON.
 *
 * @throws BellwireError `body_invalid`
 */
export async function readForm(body: Buffer): Promise<Payload> {
  const json = await jsonOrNothing(body)
  if (json) return new Payload(json)
  let fields = 1
  for (const byte of body) if (byte === AMPERSAND) fields += 1
  if (fields > MAX_FIELDS) {
    throw new BellwireError('body_invalid', `The form has more than ${MAX_FIELDS} fields.`)
  }
  return payloadOfFields(collectFields(new URLSearchParams(body.toString('utf8'))))
}

/** The fields themselves, or the JSON of a lone field `payload`. */
export async function payloadOfFields(fields: Fields<unknown>): Promise<Payload> {
  const { payload } = fields
  if (typeof payload === 'string' && Object.keys(fields).length === 1) {
    const json = await jsonOrNothing(Buffer.from(payload))
    if (json) return new Payload(json)
  }
  return Payload.of(fields)
}
