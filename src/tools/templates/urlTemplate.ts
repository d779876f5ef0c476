import { hostForms } from './hostForms.ts'
import type { Check } from '../schemas/jsonSchema.ts'
import { checkVariables, parseTemplate, TemplateError } from './template.ts'
import { ToolError } from '../tool.ts'
import { withoutTrailing } from '../../contract/withoutTrailing.ts'

/** A tool's URL, with placeholders for arguments and secrets. */
export type UrlTemplate = {
  /** Renders the URL. Rejects with TemplateError, or ToolError when the arguments would change the host or path. */
  render(scope: Record<string, unknown>): Promise<URL>
  secrets: readonly string[]
  /** The first names of the paths that it reads. */
  roots: readonly string[]
  /** The forms of secrets in the URL, as written and as parsed. */
  trace(scope: Record<string, unknown>): Promise<string[]>
}

const SECRET = String.raw`\{\{-?\s*secrets\.[A-Za-z_][A-Za-z0-9_]*\s*-?\}\}`

/** Scheme and host, literal or from secrets, up to the start of the path, the query or the end. */
const HEAD = new RegExp(String.raw`^(?:https?://(?:[^/?#\\{}\s]|${SECRET})+|${SECRET})(?=[/?#]|$)`, 'i')

/**
 * Parses the template of a tool's URL. Only the author chooses the host: scheme and host are literal or come from a
 * secret unchanged, and every value after them is percent-encoded as one piece (unless its last filter is `raw`). So no
 * argument can change the host, add a segment to the path, or add to the query.
 *
 * @throws TemplateError
 */
export function parseUrlTemplate(text: string): UrlTemplate {
  const trimmed = text.trim()
  const head = HEAD.exec(trimmed)?.[0]
  if (head === undefined) {
    throw new TemplateError(
      'a URL starts with its scheme and host, literal or from a secret, followed by /, ? or the end: ' +
        'https://api.example.com/... or {{ secrets.BASE_URL }}/...',
    )
  }
  const tail = trimmed.slice(head.length)
  const base = parseTemplate(head)
  const rest = parseTemplate(tail, 'url')
  const mayEndEmpty = hasEmptySegment(pathOf(tail))

  return {
    secrets: [...new Set([...base.secrets, ...rest.secrets])],
    roots: [...new Set([...base.roots, ...rest.roots])],
    async trace(scope) {
      const texts = [...(await base.trace(scope)), ...(await rest.trace(scope))]
      const decoded = texts.flatMap((text) => [text, decode(text)])
      if (base.secrets.length === 0) return decoded
      const values = new Map(
        Object.entries(Object(scope['secrets'])).map(([name, value]) => [name, String(value)]),
      )
      const start = (await base.render({ secrets: scope['secrets'] })).trim()
      return [
        ...decoded,
        ...hostForms(
          start,
          base.secrets.map((name) => values.get(name) ?? ''),
        ),
      ]
    },
    async render(scope) {
      const start = toUrl(withoutTrailing((await base.render({ secrets: scope['secrets'] })).trim(), '/'))
      const end = await rest.render(scope)
      const path = pathOf(end)
      if (path.split('/').some(isDotSegment)) {
        throw new ToolError('an argument would change the path: "." and ".." are not allowed there')
      }
      if (!mayEndEmpty && hasEmptySegment(path)) {
        throw new ToolError('an argument that is part of the path is empty')
      }
      const url = toUrl(start.text + end)
      if (url.url.origin !== start.url.origin || url.url.host !== start.url.host) {
        throw new ToolError('the arguments would change the host')
      }
      return url.url
    },
  }
}

/**
 * Whether the template of a tool's URL is valid.
 *
 * @param known the variables that exist; if omitted, any name is allowed
 */
export async function checkUrlTemplate(text: string, known?: readonly string[]): Promise<Check> {
  try {
    const url = parseUrlTemplate(text)
    const variables = checkVariables(url.roots, known)
    if (!variables.ok) return variables
    if (url.secrets.length === 0 && !text.includes('{')) await url.render({})
    return { ok: true }
  } catch (error) {
    if (error instanceof TemplateError || error instanceof ToolError)
      return { ok: false, detail: error.message }
    throw error
  }
}

function toUrl(text: string): { text: string; url: URL } {
  if (!URL.canParse(text)) throw new ToolError('the URL of this tool is not valid')
  return { text, url: new URL(text) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The path at the start of a text, as a URL parser reads it. */
function pathOf(text: string): string {
  return (text.split(/[?#]/, 1)[0] ?? '').replaceAll(/[\t\n\r]/g, '').replaceAll('\\', '/')
}

/** Whether a path segment means the current or the parent level. */
export function isDotSegment(segment: string): boolean {
  return /^(?:\.|%2e){1,2}$/i.test(segment)
}

/** A trailing slash. The leading slash of an empty path is kept. */
function hasEmptySegment(path: string): boolean {
  return path.length > 1 && (path.includes('//') || path.endsWith('/'))
}
