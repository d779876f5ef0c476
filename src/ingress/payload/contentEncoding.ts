import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { BellwireError } from '../../errors.ts'

/** Encodings that are applied one over the other; nobody needs more. */
const MAX_LAYERS = 3

export type ExpandOptions = {
  /** Bytes that the body may have when it is expanded. */
  maxBytes: number
  /** Takes room in memory for so many bytes more; false when there is none. */
  takeRoom: (bytes: number) => boolean
}

/**
 * Expands a body by its Content-Encoding. Limits are checked while it grows.
 *
 * @throws BellwireError `content_encoding_unsupported`, `body_invalid`, `body_too_large`, `overloaded`
 */
export async function expandBody(body: Buffer, header: string, options: ExpandOptions): Promise<Buffer> {
  const layers = header
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
  if (layers.length > MAX_LAYERS) throw unsupported(header)
  let expanded = body
  for (const name of layers.toReversed()) {
    const stream = expander(name, expanded)
    if (!stream) throw unsupported(name)
    expanded = await collect(stream, expanded, { name, ...options })
  }
  return expanded
}

function expander(name: string, body: Buffer) {
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      // Meant is zlib (RFC 9110, 8.4.1.2); some send what is inside of it.
      return isZlib(body) ? createInflate() : createInflateRaw()
    case 'br':
      return createBrotliDecompress()
    default:
      return undefined
  }
}

/** RFC 1950, 2.2: the method is 8, and the first two bytes are a multiple of 31. */
function isZlib(body: Buffer): boolean {
  return body.length >= 2 && ((body[0] ?? 0) & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0
}

async function collect(
  stream: NonNullable<ReturnType<typeof expander>>,
  body: Buffer,
  { name, maxBytes, takeRoom }: ExpandOptions & { name: string },
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  stream.end(body)
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) {
        throw new BellwireError(
          'body_too_large',
          `The expanded body is larger than ${maxBytes} bytes, the most that is taken here.`,
        )
      }
      if (!takeRoom(chunk.length)) throw new BellwireError('overloaded', undefined, { retryAfter: 2 })
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof BellwireError) throw error
    throw new BellwireError('body_invalid', `The body cannot be expanded as ${name}.`, { cause: error })
  }
  return Buffer.concat(chunks, size)
}

function unsupported(name: string): BellwireError {
  return new BellwireError(
    'content_encoding_unsupported',
    `The Content-Encoding "${name}" is not supported: use gzip, deflate or br, or none.`,
    { headers: { 'accept-encoding': 'gzip, deflate, br' } },
  )
}
