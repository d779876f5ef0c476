import { hostForms } from './hostForms.ts'
import type { Check } from './jsonSchema.ts'
import { checkVariables, parseTemplate, TemplateError } from './template.ts'
import { ToolError } from './tool.ts'

/** The URL of a tool, with places for arguments and secrets. */
export type UrlTemplate = {
  /** Writes the URL. Rejects with TemplateError, or ToolError when the arguments would lead to another place. */
  render(scope: Record<string, unknown>): Promise<URL>
  secrets: readonly string[]
  /** The first names of the paths that it reads. */
  roots: readonly string[]
  /** What secrets become in the URL, as it is written and as it is read. */
  trace(scope: Record<string, unknown>): Promise<string[]>
}

const SECRET = String.raw`\{\{-?\s*secrets\.[A-Za-z_][A-Za-z0-9_]*\s*-?\}\}`

/** Scheme and host, written out or taken from secrets, up to where the path, the query or the end begins. */
const HEAD = new RegExp(String.raw`^(?:https?://(?:[^/?#\\{}\s]|${SECRET})+|${SECRET})(?=[/?#]|$)`, 'i')

/**
 * Parses the template of a tool's URL. The author says where it leads: scheme and host are written out or come
 * from a secret as it is, and every value behind them is percent-encoded as one piece (unless its last filter
 * is `raw`). So no argument can change the host, add a segment to the path, or add to the query.
 *
 * @throws TemplateError
 */
export function parseUrlTemplate(text: string): UrlTemplate {
  const trimmed = text.trim()
  const head = HEAD.exec(trimmed)?.[0]
  if (head === undefined) {
    throw new TemplateError(
      'a URL begins with its scheme and host, written out or from a secret, and then /, ? or the end: ' +
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
      const start = toUrl((await base.render({ secrets: scope['secrets'] })).trim().replace(/\/+$/, ''))
      const end = await rest.render(scope)
      const path = pathOf(end)
      if (path.split('/').some(isDotSegment)) {
        throw new ToolError('an argument would lead to another path: "." and ".." are not allowed there')
      }
      if (!mayEndEmpty && hasEmptySegment(path)) {
        throw new ToolError('an argument that is part of the path is empty')
      }
      const url = toUrl(start.text + end)
      if (url.url.origin !== start.url.origin || url.url.host !== start.url.host) {
        throw new ToolError('the arguments would lead to another host')
      }
      return url.url
    },
  }
}

/**
 * Whether the template of a tool's URL can be used.
 *
 * @param known the variables that there are; without them any may exist
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

/** The path at the beginning of a text, read as a URL parser reads it. */
function pathOf(text: string): string {
  return (text.split(/[?#]/, 1)[0] ?? '').replaceAll(/[\t\n\r]/g, '').replaceAll('\\', '/')
}

/** Whether a piece of a path means this level, or the one above. */
export function isDotSegment(segment: string): boolean {
  return /^(?:\.|%2e){1,2}$/i.test(segment)
}

/** A slash with nothing behind it. The slash that a path may begin with stands alone when there is no path. */
function hasEmptySegment(path: string): boolean {
  return path.length > 1 && (path.includes('//') || path.endsWith('/'))
}
