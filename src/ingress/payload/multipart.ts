import type { Attachment } from '../../contract/task.ts'
import { toUtf8, toValidUtf8 } from './charset.ts'
import { parseContentType } from './contentType.ts'
import { collectFields } from './fields.ts'
import { payloadOfFields, payloadOfLongFields } from './form.ts'
import { locateParts, type Place } from './locateParts.ts'
import { readParts, type Part } from './multipartParts.ts'
import { Payload } from './payload.ts'
import { anyJsonOrNothing } from './text.ts'
import { nextTurn, SLICE_BYTES } from '../../contract/longJson/turns.ts'

const JSON_TYPE = 'application/json'

/**
 * The payload of a form with files: fields by name, as those of any form; in the place of a file what it is called,
 * its type and its size. The files themselves become attachments: they stay where they are in the body.
 *
 * @param longBytes from which length on it is converted in slices
 * @throws BellwireError `body_invalid`; `content_type_unsupported` for a long field in a charset that is not known
 */
export async function readMultipart(
  body: Buffer,
  boundary: string | undefined,
  longBytes = SLICE_BYTES,
): Promise<Payload> {
  const isLong = body.length > longBytes
  const parts = await readParts(body, boundary, isLong)
  const inBytes = parts.filter((part) => part.kind === 'bytes')
  const found = await locateParts(
    body,
    boundary ?? '',
    inBytes.map(({ bytes }) => bytes),
  )
  const places = new Map(inBytes.map((part, index) => [part as Part, found[index] as Place]))
  const files = inBytes.filter(({ filename }) => filename !== undefined)
  const attachments = files.map(({ name, filename = '', type, bytes }, index): Attachment => {
    const offset = places.get(files[index] as Part)?.offset ?? 0
    return { field: name, filename, content_type: type, size: bytes.length, offset }
  })
  const described = attachments.map((file): [string, object] => [
    file.field,
    { filename: file.filename, content_type: file.content_type, size: file.size },
  ])
  if (isLong) {
    const fields = [...(await longFields(parts, places)), ...described.map(toLongField)]
    return payloadOfLongFields(fields, longBytes, { attachments })
  }
  const fields = parts.flatMap((part): [string, unknown][] =>
    part.kind === 'text' ? [[part.name, part.type === JSON_TYPE ? parsedOr(part.text) : part.text]] : [],
  )
  if (files.length === 0) return payloadOfFields(collectFields(fields))
  return Payload.of(collectFields([...fields, ...described]), { attachments })
}

async function longFields(
  parts: readonly Part[],
  places: ReadonlyMap<Part, Place>,
): Promise<[Buffer, Buffer | { json: Buffer }][]> {
  const fields: [Buffer, Buffer | { json: Buffer }][] = []
  for (const part of parts) {
    if (part.kind !== 'bytes' || part.filename !== undefined) continue
    const text = await toText(part.bytes, places.get(part)?.headers)
    const json = part.type === JSON_TYPE ? await anyJsonOrNothing(text) : undefined
    fields.push([Buffer.from(part.name), json ? { json } : text])
    if (part.bytes.length > SLICE_BYTES) await nextTurn()
  }
  return fields
}

/** Reads a field in the charset that its part names. */
async function toText(bytes: Buffer, headers: Buffer | undefined): Promise<Buffer> {
  const [, header] = /^content-type:(.*)$/im.exec(headers?.toString('latin1', 0, MAX_HEADERS) ?? '') ?? []
  return toValidUtf8(await toUtf8(bytes, parseContentType(header?.trim()).charset))
}

/** Bytes of the headers of one part that are looked at. */
const MAX_HEADERS = 8 * 1024

function toLongField([name, value]: readonly [string, object]): [Buffer, { json: Buffer }] {
  return [Buffer.from(name), { json: Buffer.from(JSON.stringify(value)) }]
}

/** A part that says that it is JSON, and is. */
function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
