import type { Writable } from 'node:stream'
import { Busboy } from '@fastify/busboy'
import { BellwireError } from '../../errors.ts'
import { nextTurn, SLICE_BYTES } from '../../contract/longJson/turns.ts'

/** Fields and files at most. */
const MAX_FIELDS = 1_000
const MAX_FILES = 20

/** RFC 2046, 5.1.1; it says 70 characters at most, and some senders take more. */
const BOUNDARY = /^[\w'()+,./:=? -]{1,200}$/

/** A part of a form. Fields of short forms come as texts, those of long ones as they were sent. */
export type Part =
  | { kind: 'text'; name: string; type: string; text: string }
  | { kind: 'bytes'; name: string; type: string; bytes: Buffer; filename: string | undefined }

/**
 * Reads the parts of a form, in slices with turns of the event loop in between.
 *
 * @param isLong its fields may be long, and are left in bytes: decoding one would hold up other requests
 * @throws BellwireError `body_invalid`
 */
export async function readParts(
  body: Buffer,
  boundary: string | undefined,
  isLong: boolean,
): Promise<Part[]> {
  if (boundary === undefined || !BOUNDARY.test(boundary)) {
    throw new BellwireError(
      'body_invalid',
      'The form cannot be read: its Content-Type has no boundary, or one that is not valid.',
    )
  }
  return new Promise((resolve, reject) => {
    const parts: Part[] = []
    let isRefused = false
    let counts = { fields: 0, files: 0 }
    const refuse = (detail: string): void => {
      isRefused = true
      reject(new BellwireError('body_invalid', detail))
    }
    const tooMany = (max: number, what: string): void => refuse(`The form has more than ${max} ${what}.`)
    const parser = new Busboy({
      headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` },
      limits: { fieldNameSize: 1_000, fieldSize: body.length, headerPairs: 50 },
      isPartAFile: (_name, type, filename) => isLong || isFile(type, filename),
    })
    const count = (part: { isFile: boolean }): void => {
      counts = { fields: counts.fields + (part.isFile ? 0 : 1), files: counts.files + (part.isFile ? 1 : 0) }
      if (counts.fields > MAX_FIELDS) tooMany(MAX_FIELDS, 'fields')
      if (counts.files > MAX_FILES) tooMany(MAX_FILES, 'files')
    }
    // The types say otherwise, but a part may have no name.
    parser.on('field', (name: string | undefined, text, _nameCut, _valueCut, _encoding, type) => {
      count({ isFile: false })
      if (!isRefused) parts.push({ kind: 'text', name: name ?? '', type, text })
    })
    parser.on('file', (name: string | undefined, stream, filename: string | undefined, _encoding, type) => {
      const isFileOfForm = isFile(type, filename)
      count({ isFile: isFileOfForm })
      if (isRefused) return void stream.resume()
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () =>
        parts.push({
          kind: 'bytes',
          name: name ?? '',
          type,
          bytes: Buffer.concat(chunks),
          filename: isFileOfForm ? (filename ?? '') : undefined,
        }),
      )
    })
    parser.on('error', (error: unknown) =>
      refuse(`The form cannot be read: ${error instanceof Error ? error.message : String(error)}.`),
    )
    parser.on('finish', () => resolve(parts))
    void feed(parser, body, () => isRefused)
  })
}

function isFile(type: string | undefined, filename: string | undefined): boolean {
  return type === 'application/octet-stream' || filename !== undefined
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
