import { BellwireError } from '../../errors.ts'
import { collectFields, parseFields, type Fields } from './fields.ts'
import { toJsonObject, toJsonString } from './jsonBytes.ts'
import { jsonOrNothing } from './text.ts'
import { Payload } from './payload.ts'
import { nextTurn, SLICE_BYTES } from '../../contract/longJson/turns.ts'
import { hasMoreFields, readLongForm } from './urlencoded.ts'

/** Fields at most: reading them takes time for each. */
const MAX_FIELDS = 10_000

/** A field that holds the payload itself, when it is the only one. */
const LONE = 'payload'

/**
 * The payload of a form: its fields by name; or, when its only field is called `payload` and holds JSON, that JSON,
 * as Slack and GitHub send it. JSON that was sent as a form by mistake, as curl does by default, is JSON.
 *
 * @throws BellwireError `body_invalid`
 */
export async function readForm(body: Buffer, sliceBytes = SLICE_BYTES): Promise<Payload> {
  const json = await jsonOrNothing(body)
  if (json) return new Payload(json)
  if (hasMoreFields(body, MAX_FIELDS)) {
    throw new BellwireError('body_invalid', `The form has more than ${MAX_FIELDS} fields.`)
  }
  if (body.length <= sliceBytes) return payloadOfFields(collectFields(parseFields(body.toString('utf8'))))
  return payloadOfLongFields(await readLongForm(body, sliceBytes), sliceBytes)
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

/**
 * The same of fields that are too long to convert at once.
 *
 * @param fields names and texts in UTF-8; `{ json }` is a value in JSON
 */
export async function payloadOfLongFields(
  fields: readonly (readonly [name: Buffer, value: Buffer | { json: Buffer }])[],
  sliceBytes = SLICE_BYTES,
  more?: ConstructorParameters<typeof Payload>[1],
): Promise<Payload> {
  const [only] = fields
  if (fields.length === 1 && only && Buffer.isBuffer(only[1]) && only[0].equals(Buffer.from(LONE))) {
    const json = await jsonOrNothing(only[1])
    if (json) return new Payload(json, more)
  }
  const members: [Buffer, Buffer][] = []
  let sinceTurn = 0
  for (const [name, value] of fields) {
    const json = Buffer.isBuffer(value) ? await toJsonString(value, sliceBytes) : value.json
    members.push([await toJsonString(name, sliceBytes), json])
    sinceTurn += name.length + json.length
    if (sinceTurn >= sliceBytes) {
      sinceTurn = 0
      await nextTurn()
    }
  }
  return new Payload(toJsonObject(members), more)
}
