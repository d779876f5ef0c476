import { isUtf8 } from 'node:buffer'
import { parseExact, ExactNumber } from '../../contract/exactJson.ts'
import { BellwireError } from '../../errors.ts'
import { readChildren, type JsonChild } from './jsonChildren.ts'
import { toJsonList, toJsonString } from './jsonBytes.ts'
import { QUOTE } from '../../contract/longJson/jsonSyntax.ts'
import { Payload } from './payload.ts'
import { anyJsonOrNothing } from './text.ts'
import { nextTurn, SLICE_BYTES } from '../../contract/longJson/turns.ts'

/** Events in one batch at most. */
const MAX_EVENTS = 1_000

/** Attributes of one event at most, and their bytes in total. */
const MAX_ATTRIBUTES = 1_000
const MAX_ATTRIBUTE_BYTES = 64 * 1024

/** The names of an event's parts as they are in JSON. */
const DATA = '"data"'
const BASE64 = '"data_base64"'

/**
 * The payload of a CloudEvent in structured mode: its `data`, as it came. Its attributes are kept under the names of
 * the headers that carry them in binary mode. A body that is no CloudEvent is what it is.
 *
 * @throws BellwireError `body_invalid`
 */
export async function readCloudEvent(body: Payload): Promise<Payload> {
  const event = await readEvent(body.json)
  return event ? payloadOfEvent(event) : body
}

/** The payload of a batch: the data of all events, and each event by itself. */
export async function readCloudEventBatch(body: Payload): Promise<Payload> {
  const list = await readChildren(body.json, MAX_EVENTS)
  if (!list || list.isObject || list.children.length === 0) throw notABatch()
  if (list.children.length > MAX_EVENTS) {
    throw new BellwireError('body_invalid', `The batch has more than ${MAX_EVENTS} events.`)
  }
  const batch: Payload[] = []
  let sinceTurn = 0
  for (const { value } of list.children) {
    const event = await readEvent(value)
    if (!event) throw notABatch()
    batch.push(await payloadOfEvent(event))
    sinceTurn += value.length
    if (sinceTurn >= SLICE_BYTES) {
      sinceTurn = 0
      await nextTurn()
    }
  }
  return new Payload(toJsonList(batch.map(({ json }) => json)), { batch })
}

function notABatch(): BellwireError {
  return new BellwireError('body_invalid', 'A batch of CloudEvents is a JSON list of events.')
}

type CloudEvent = {
  attributes: ReadonlyMap<string, unknown>
  /** JSON in UTF-8. */
  data: Buffer | undefined
  base64: Buffer | undefined
}

/** An event; undefined for JSON that is none. */
async function readEvent(json: Buffer): Promise<CloudEvent | undefined> {
  const object = await readChildren(json, MAX_ATTRIBUTES)
  if (!object?.isObject) return undefined
  const { children } = object
  const parts = new Map(children.map(({ name, value }) => [nameOf(name), value]))
  const version = parts.get('"specversion"')
  if (version?.[0] !== QUOTE || !parts.has('"id"') || !parts.has('"type"')) return undefined
  const data = parts.get(DATA)
  const base64 = parts.get(BASE64)
  return { attributes: readAttributes(children), data, base64: base64?.[0] === QUOTE ? base64 : undefined }
}

function readAttributes(children: readonly JsonChild[]): Map<string, unknown> {
  const own = children.filter(({ name }) => nameOf(name) !== DATA && nameOf(name) !== BASE64)
  const bytes = own.reduce((sum, { name, value }) => sum + (name?.length ?? 0) + value.length, 0)
  if (children.length > MAX_ATTRIBUTES || bytes > MAX_ATTRIBUTE_BYTES) {
    throw new BellwireError(
      'body_invalid',
      `The CloudEvent has more than ${MAX_ATTRIBUTES} attributes, or more than ${MAX_ATTRIBUTE_BYTES} bytes of them beside its data.`,
    )
  }
  return new Map(
    own.map(({ name, value }) => [nameOf(name).slice(1, -1), parseExact(value.toString('utf8'))]),
  )
}

/** Longer names are of nothing that is known here. */
function nameOf(name: Buffer | undefined): string {
  return name?.toString('utf8', 0, 100) ?? ''
}

async function payloadOfEvent({ attributes, data, base64 }: CloudEvent): Promise<Payload> {
  const named: Record<string, string> = {}
  for (const [name, value] of attributes) {
    if (!/^[a-z0-9]{1,50}$/.test(name)) continue
    if (typeof value === 'string') named[`ce-${name}`] = value
    else if (typeof value === 'number' || typeof value === 'boolean' || value instanceof ExactNumber) {
      named[`ce-${name}`] = value.toString()
    }
  }
  const json = base64 ? await decode(base64, attributes.get('datacontenttype')) : (data ?? NULL)
  return new Payload(json, { attributes: named, isEvent: true })
}

const NULL = Buffer.from('null')

/** Data that came as base64: JSON when its type says so, a text when it is one, else as it came. */
async function decode(base64: Buffer, type: unknown): Promise<Buffer> {
  if (base64.length > SLICE_BYTES) await nextTurn()
  const bytes = Buffer.from(JSON.parse(base64.toString('utf8')) as string, 'base64')
  if (!isUtf8(bytes)) return base64
  const isJson = type === undefined || (typeof type === 'string' && /json/i.test(type))
  const json = isJson ? await anyJsonOrNothing(bytes) : undefined
  return json ?? toJsonString(withoutMark(bytes))
}

function withoutMark(text: Buffer): Buffer {
  return text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? text.subarray(3) : text
}
