import type { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Busboy } from '@fastify/busboy'
import type { Attachment } from '../../contract/task.ts'
import { BellwireError } from '../../errors.ts'
import { collectFields } from './fields.ts'
import { payloadOfFields } from './form.ts'
import { Payload } from './payload.ts'

/** Fields and files at most. */
const MAX_FIELDS = 1_000
const MAX_FILES = 20

/** Bytes to parse per turn of the event loop. */
const SLICE_BYTES = 64 * 1024

type FilePart = { name: string; filename: string; type: string; bytes: Buffer }

/**
 * The payload of a form with files: fields by name, as those of any form; in the place of a file what it is called,
 * its type and its size. The files themselves become attachments: they stay where they are in the body.
 *
 * @throws BellwireError `body_invalid`
 */
export async function readMultipart(body: Buffer, contentType: string): Promise<Payload> {
  const { fields, files } = await parse(body, contentType)
  if (files.length === 0) return payloadOfFields(collectFields(fields))
  const attachments = locate(body, files)
  const described = attachments.map((file): [string, unknown] => [
    file.field,
    { filename: file.filename, content_type: file.content_type, size: file.size },
  ])
  return Payload.of(collectFields([...fields, ...described]), { attachments })
}

/** Where the files are in the body. A place before with the same bytes is as good. */
function locate(body: Buffer, files: FilePart[]): Attachment[] {
  let from = 0
  return files.map(({ name, filename, type, bytes }) => {
    const offset = body.indexOf(bytes, from)
    if (offset < 0) throw new Error('a file of a form is not in its body')
    from = offset + bytes.length
    return { field: name, filename, content_type: type, size: bytes.length, offset }
  })
}

function parse(
  body: Buffer,
  contentType: string,
): Promise<{ fields: [string, unknown][]; files: FilePart[] }> {
  return new Promise((resolve, reject) => {
    const fields: [string, unknown][] = []
    const files: FilePart[] = []
    let isRefused = false
    const refuse = (detail: string): void => {
      isRefused = true
      reject(new BellwireError('body_invalid', detail))
    }
    const unreadable = (error: unknown): void =>
      refuse(`The form cannot be read: ${error instanceof Error ? error.message : String(error)}.`)
    let parser
    try {
      parser = new Busboy({
        headers: { 'content-type': contentType },
        limits: {
          fieldNameSize: 1_000,
          fieldSize: body.length,
          fields: MAX_FIELDS,
          files: MAX_FILES,
          headerPairs: 50,
        },
      })
    } catch (error) {
      unreadable(error)
      return
    }
    parser.on('field', (name, value, _nameCut, _valueCut, _encoding, type) => {
      fields.push([name, type === 'application/json' ? parsedOr(value) : value])
    })
    parser.on('file', (name, stream, filename, _encoding, type) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => files.push({ name, filename, type, bytes: Buffer.concat(chunks) }))
    })
    parser.on('fieldsLimit', () => refuse(`The form has more than ${MAX_FIELDS} fields.`))
    parser.on('filesLimit', () => refuse(`The form has more than ${MAX_FILES} files.`))
    parser.on('error', unreadable)
    parser.on('finish', () => resolve({ fields, files }))
    void feed(parser, body, () => isRefused)
  })
}

/** Hands a body to the parser in slices, with turns of the event loop between, until it is over or refused. */
async function feed(
  parser: Pick<Writable, 'write' | 'end'>,
  body: Buffer,
  isRefused: () => boolean,
): Promise<void> {
  for (let from = 0; from < body.length && !isRefused(); from += SLICE_BYTES) {
    parser.write(body.subarray(from, from + SLICE_BYTES))
    await nextTurn()
  }
  if (!isRefused()) parser.end()
}

/** A part that says that it is JSON, and is. */
function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
