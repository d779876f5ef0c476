import { formatBytes } from '../../contract/formatBytes.ts'
import { MAX_SHOWN, parseJson } from '../httpTools/httpResult.ts'
import { base64Bytes, type ToolImage } from '../toolImages.ts'
import type { CallToolResult } from './client.ts'

/** What the model gets for the result of a call. */
export type McpResult = {
  /** The text of the result. */
  text?: string
  /** The structured data; then the text, which repeats it, is omitted. */
  data?: unknown
  /** Images, for models that can see them. */
  images?: ToolImage[]
  /** What was omitted. */
  note?: string
}

/** Image types that every provider with vision takes. */
const IMAGE_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/** Images of one result that are passed on, and the characters of Base64 that they may have in all. */
const MAX_IMAGES = 8
const MAX_IMAGE_CHARACTERS = 4 * 1024 * 1024

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** Characters of notes: a server may send any number of parts that are left out. */
const MAX_NOTE = 2_000

/** Makes what the model gets for a result: at a length that it can take, without secrets. */
export function toMcpResult(result: CallToolResult, redact: (text: string) => string): McpResult {
  const { texts, notes, images } = readContent(result.content)
  const pictures = images.length > 0 ? { images } : {}
  const data = result.structuredContent && cleanJson(result.structuredContent, redact)
  if (data !== undefined) return { data, ...pictures, ...noteOf(notes, redact) }
  const text = redact(texts.join('\n\n'))
  if (text.length <= MAX_SHOWN) {
    return { ...(text === '' ? {} : { text }), ...pictures, ...noteOf(notes, redact) }
  }
  const cut = `The text is truncated: these are the first ${MAX_SHOWN} of ${text.length} characters.`
  return {
    text: text.slice(0, MAX_SHOWN).toWellFormed(),
    ...pictures,
    ...noteOf([cut, ...notes], redact),
  }
}

/** Characters shown in an error. */
const MAX_EXCERPT = 2_000

/** What the model gets when the server calls a result an error. */
export function describeMcpFailure(result: CallToolResult, redact: (text: string) => string): string {
  const text = redact(readContent(result.content).texts.join('\n\n')).trim()
  if (text === '') return 'The tool failed without an error message.'
  return text.length > MAX_EXCERPT ? `${text.slice(0, MAX_EXCERPT).toWellFormed()} …` : text
}

type Content = { texts: string[]; notes: string[]; images: ToolImage[] }

function readContent(content: CallToolResult['content']): Content {
  const found: Content = { texts: [], notes: [], images: [] }
  for (const part of content) {
    if (part.type === 'text') found.texts.push(part.text)
    else if (part.type === 'resource_link') found.texts.push(describeLink(part))
    else if (part.type === 'image') addImage(found, part.mimeType, part.data)
    else if (part.type === 'audio') found.notes.push(leftOut('Audio', part.mimeType, part.data))
    else if (part.type === 'resource' && 'text' in part.resource) found.texts.push(part.resource.text)
    else if (part.type === 'resource' && 'blob' in part.resource) addBlob(found, part.resource)
    else found.notes.push('A part of an unknown type is not shown.')
  }
  return found
}

type Link = { name: string; uri: string; title?: string; description?: string; mimeType?: string }

function describeLink(link: Partial<Record<keyof Link, string | undefined>>): string {
  const { name, uri, title, description, mimeType } = link
  const type = mimeType === undefined ? '' : ` (${mimeType})`
  const about = description === undefined ? '' : `\n${description}`
  return `${title ?? name}: ${uri}${type}${about}`
}

function addBlob(
  found: Content,
  {
    uri,
    mimeType = 'application/octet-stream',
    blob,
  }: { uri: string; mimeType?: string | undefined; blob: string },
): void {
  if (mimeType.startsWith('image/')) addImage(found, mimeType, blob)
  else found.notes.push(leftOut(`The file ${uri}`, mimeType, blob))
}

function addImage(found: Content, mimeType: string, data: string): void {
  const why = refusal(found.images, mimeType, data)
  if (why === undefined) found.images.push({ media_type: mimeType, data })
  else found.notes.push(leftOut('An image', mimeType, data, why))
}

function refusal(images: readonly ToolImage[], mimeType: string, data: string): string | undefined {
  if (!IMAGE_TYPES.has(mimeType)) return 'models cannot read this type'
  if (!BASE64.test(data)) return 'it is not valid Base64'
  if (images.length >= MAX_IMAGES) return `a result can have ${MAX_IMAGES} images`
  const total = images.reduce((sum, image) => sum + image.data.length, data.length)
  return total > MAX_IMAGE_CHARACTERS ? 'the images of the result are too large' : undefined
}

function leftOut(what: string, mimeType: string, data: string, why?: string): string {
  const reason = why === undefined ? '' : `: ${why}`
  return `${what} (${mimeType}, ${formatBytes(base64Bytes(data))}) is not shown${reason}.`
}

/** Data without secrets; undefined when it is too long or too deep, or is no longer valid without them. */
function cleanJson(data: unknown, redact: (text: string) => string): unknown {
  const text = redact(JSON.stringify(data))
  return text.length > MAX_SHOWN ? undefined : parseJson(text)
}

function noteOf(notes: string[], redact: (text: string) => string): { note?: string } {
  if (notes.length === 0) return {}
  const note = redact([...new Set(notes)].join(' '))
  return { note: note.length > MAX_NOTE ? `${note.slice(0, MAX_NOTE).toWellFormed()} …` : note }
}
