import { isUtf8 } from 'node:buffer'
import type { FilePart, TextPart } from 'ai'
import { seesImages } from '../../models/vision.ts'
import { delimit } from './delimit.ts'

/** A file that came with the request that started a run. */
export type ReceivedFile = { filename: string; contentType: string; bytes: Uint8Array }

/** Image types that models read. */
const IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/** Bytes of a text that a model gets. */
const MAX_TEXT_BYTES = 256 * 1024

/**
 * The parts of the user message for files: texts as data from outside, images for models that see them; of all others
 * the model learns that they are there.
 */
export function attachmentParts(
  files: readonly ReceivedFile[],
  { taskId, modelRef }: { taskId: string; modelRef: string },
): (TextPart | FilePart)[] {
  return files.map((file) => toPart(file, taskId, modelRef))
}

function toPart({ filename, contentType, bytes }: ReceivedFile, taskId: string, modelRef: string) {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [type = ''] = contentType.toLowerCase().split(';')
  if (IMAGES.has(type) && seesImages(modelRef)) {
    return { type: 'file' as const, mediaType: type, data: data.toString('base64') }
  }
  const what = `the file ${JSON.stringify(filename)} that came with the request`
  if (!isUtf8(data) || data.includes(0)) {
    const text = `${what} (${contentType}, ${data.length} bytes); its content is not shown`
    return { type: 'text' as const, text: delimit(text, 'a note about a file', taskId) }
  }
  const text = data.subarray(0, MAX_TEXT_BYTES).toString('utf8')
  const isCut = data.length > MAX_TEXT_BYTES
  return { type: 'text' as const, text: delimit(text, isCut ? `the beginning of ${what}` : what, taskId) }
}
