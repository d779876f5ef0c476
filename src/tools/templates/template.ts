import { nearest } from '../../contract/nearest.ts'
import { hasExactNumber } from '../../contract/exactJson.ts'
import { countNames, evaluatedParts, MAX_TEMPLATE_NAMES } from '../../contract/templateParts.ts'
import type { Check } from '../schemas/jsonSchema.ts'
import { parseLiquid, TemplateError, type LiquidTemplate, type Writing } from './liquid.ts'
import { isAtMostLarge } from '../size.ts'
import { WorkError, WorkLimitError } from '../threads/threadPool.ts'
import type { RenderJob } from '../threads/job.ts'
import { inThread, isShared } from '../threads/threads.ts'

export { TemplateError }

/** A parsed Liquid template. Rendering is pure: the same scope gives the same text. */
export type Template = {
  /** Rejects with TemplateError. */
  render(scope: Record<string, unknown>): Promise<string>
  /** The names of the secrets that it uses. */
  secrets: readonly string[]
  /** The first names of the paths that it reads. */
  roots: readonly string[]
  /** The rendered forms of a scope's secrets: filtered, concatenated, cut. Rejects with TemplateError. */
  trace(scope: Record<string, unknown>): Promise<string[]>
}

/** Filters whose time and result grow no faster than their input. */
const PLAIN_FILTERS = new Set(
  (
    'abs append at_least at_most base64_encode capitalize ceil cgi_escape default divided_by downcase escape first ' +
    'floor json jsonify last lstrip minus modulo plus prepend raw round rstrip size strip times upcase uri_escape ' +
    'url_decode url_encode xml_escape'
  ).split(' '),
)

/** Tags that render their content at most once. */
const PLAIN_TAGS =
  /^\{%-?\s*(?:if|elsif|else|endif|unless|endunless|case|when|endcase|comment|endcomment|raw|endraw)\b/

/** Maximum characters of the scope times written values: up to here a rendering takes a few milliseconds. */
const MAX_INLINE = 1_000_000

const NOTHING: Template['trace'] = () => Promise.resolve([])

/** The scope as sent to another thread: numbers that keep their digits are sent as text. */
function toCopy(scope: Record<string, unknown>): RenderJob['scope'] {
  return hasExactNumber(scope) ? { json: JSON.stringify(scope) } : { value: scope }
}

/**
 * Parses a Liquid template. Variables that do not exist render as nothing; a filter or tag that does not exist is an
 * error. There are no files to include.
 *
 * A template without loops and expensive filters over a small scope is rendered here; any other one in a thread that is
 * ended at its time limit.
 *
 * @throws TemplateError
 */
export function parseTemplate(text: string, writing: Writing = 'text'): Template {
  if (!text.includes('{{') && !text.includes('{%')) {
    return { render: () => Promise.resolve(text), secrets: [], roots: [], trace: NOTHING }
  }
  const names = countNames(text)
  if (names > MAX_TEMPLATE_NAMES) {
    throw new TemplateError(
      `it contains ${names} names and filters; at most ${MAX_TEMPLATE_NAMES} are allowed`,
    )
  }
  const liquid = parseLiquid(text, writing)
  const paths = liquid.paths()
  const secrets = secretsOf(paths)
  const isPlain = isPlainTemplate(text)
  const isInline = (scope: Record<string, unknown>): boolean =>
    !isShared || (isPlain && isAtMostLarge(scope, MAX_INLINE / names))
  const away = (kind: 'render' | 'trace', scope: Record<string, unknown>): Promise<unknown> =>
    inThread({ kind, text, writing, scope: toCopy(scope) }, text).catch(toTemplateError)

  return {
    secrets,
    roots: [...new Set(paths.map(([root]) => String(root)))],
    async render(scope) {
      return isInline(scope) ? liquid.render(scope) : String(await away('render', scope))
    },
    async trace(scope) {
      if (secrets.length === 0) return []
      if (isInline(scope)) return liquid.trace(scope)
      const pieces = await away('trace', scope)
      return Array.isArray(pieces) ? pieces.map(String) : []
    },
  }
}

/**
 * Whether a Liquid template can be parsed; the detail contains the position of the error.
 *
 * @param known the variables that exist; if omitted, any name is allowed
 */
export function checkTemplate(text: string, known?: readonly string[]): Check {
  try {
    return checkVariables(parseTemplate(text).roots, known)
  } catch (error) {
    if (error instanceof TemplateError) return { ok: false, detail: error.message }
    throw error
  }
}

/** Whether variables of these names can exist. */
export function checkVariables(roots: readonly string[], known: readonly string[] | undefined): Check {
  const unknown = known && roots.find((root) => !known.includes(root))
  if (unknown === undefined) return { ok: true }
  const similar = nearest(unknown, known ?? [])
  const advice = similar === undefined ? '' : ` Did you mean ${similar}?`
  const detail =
    `there is no variable ${unknown} here; there are ${known?.join(', ')}.${advice} ` +
    `To keep the braces as they are, write {% raw %}{{ ${unknown} }}{% endraw %}`
  return { ok: false, detail }
}

/** Only secrets named in the template are read, so names must be literal. */
function secretsOf(paths: ReturnType<LiquidTemplate['paths']>): string[] {
  const names = new Set<string>()
  for (const [root, name] of paths) {
    if (root !== 'secrets') continue
    if (typeof name !== 'string') throw new TemplateError('write the name of the secret: secrets.NAME')
    names.add(name)
  }
  return [...names]
}

function isPlainTemplate(text: string): boolean {
  return evaluatedParts(text).every((part) => {
    if (part.startsWith('{%') && !PLAIN_TAGS.test(part)) return false
    // A ".." creates a list as long as its numbers say.
    if (part.includes('..')) return false
    return [...part.matchAll(/\|\s*(\w*)/g)].every(([, filter = '']) => PLAIN_FILTERS.has(filter))
  })
}

function toTemplateError(error: unknown): never {
  if (error instanceof WorkLimitError) {
    throw new TemplateError(`rendering was stopped: ${error.message}`, { cause: error })
  }
  if (error instanceof WorkError && error.kind === 'TemplateError') {
    throw new TemplateError(error.message, { cause: error })
  }
  throw error
}
