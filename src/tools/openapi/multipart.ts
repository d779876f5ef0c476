import { ToolError } from '../tool.ts'

/** A body as sent. */
export type WrittenBody = { content: string | Uint8Array<ArrayBuffer>; contentType: string }

/**
 * Encodes the fields of a multipart body: strings unchanged, files as bytes, anything else as JSON. A list is the same
 * field several times.
 *
 * @param files names of the fields that are files
 * @throws ToolError for a file that is not Base64
 */
export async function writeMultipart(
  fields: Record<string, unknown>,
  files: readonly string[],
): Promise<WrittenBody> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one === null || one === undefined) continue
      if (files.includes(name)) form.append(name, new Blob([readFile(name, one)]), name)
      else if (typeof one === 'object') {
        form.append(name, new Blob([JSON.stringify(one)], { type: 'application/json' }))
      } else form.append(name, String(one))
    }
  }
  const written = new Response(form)
  return {
    content: new Uint8Array(await written.arrayBuffer()),
    contentType: written.headers.get('content-type') ?? 'multipart/form-data',
  }
}

/**
 * The bytes of a file, which a model writes as Base64, in either alphabet, or as a data URL.
 *
 * @throws ToolError
 */
export function readFile(name: string, value: unknown): Uint8Array<ArrayBuffer> {
  const text =
    typeof value === 'string' ? value.replace(/^data:[^,]{0,200};base64,/, '').replaceAll(/\s+/g, '') : ''
  if (typeof value === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) {
    return new Uint8Array(Buffer.from(text, 'base64'))
  }
  throw new ToolError(`the file ${name} is not written in Base64`)
}
