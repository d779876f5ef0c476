import { Context, Liquid, LiquidError, toValueSync, type Template as Part } from 'liquidjs'
import { traceSecrets } from './traceSecrets.ts'
import type { Check } from './jsonSchema.ts'

/** A parsed Liquid template. Rendering is pure: the same scope gives the same text. */
export type Template = {
  /** @throws TemplateError */
  render(scope: Record<string, unknown>): string
  /** The names under `secrets` that it uses. */
  secrets: readonly string[]
  /**
   * What the secrets of a scope become in the text: filtered, put together, cut.
   *
   * @throws TemplateError
   */
  trace(scope: Record<string, unknown>): string[]
}

/** A template that cannot be parsed or rendered: what is wrong, and where. */
export class TemplateError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'TemplateError'
  }
}

/** How values are written into the text: as they are, or percent-encoded as one piece of a URL. */
export type Writing = 'text' | 'url'

const LIMITS = {
  /** Characters of one template. */
  parseLimit: 1_000_000,
  /** Milliseconds of one rendering. It blocks everything else in the process. */
  renderLimit: 1_000,
  /** Roughly, characters and list entries that one rendering may make. */
  memoryLimit: 50_000_000,
}

let engines: Record<Writing, Liquid> | undefined

/**
 * Parses a Liquid template. Variables that do not exist are written as nothing; a filter or tag that does
 * not exist is an error. There are no files to include.
 *
 * @throws TemplateError
 */
export function parseTemplate(text: string, writing: Writing = 'text'): Template {
  if (!text.includes('{{') && !text.includes('{%'))
    return { render: () => text, secrets: [], trace: () => [] }
  engines ??= { text: createEngine(writeText), url: createEngine(writeUrlPart) }
  const engine = engines[writing]
  try {
    const parts = engine.parse(text)
    const secrets = secretsOf(engine, parts)
    return {
      secrets,
      render(scope) {
        try {
          return String(engine.renderSync(parts, scope))
        } catch (error) {
          throw toTemplateError(error)
        }
      },
      trace(scope) {
        try {
          return secrets.length > 0 ? traceSecrets((one) => renderPieces(engine, parts, one), scope) : []
        } catch (error) {
          throw toTemplateError(error)
        }
      },
    }
  } catch (error) {
    throw toTemplateError(error)
  }
}

/** Whether a Liquid template can be parsed; the detail says where it cannot. */
export function checkTemplate(text: string): Check {
  try {
    parseTemplate(text)
    return { ok: true }
  } catch (error) {
    if (error instanceof TemplateError) return { ok: false, detail: error.message }
    throw error
  }
}

function createEngine(outputEscape: (value: unknown) => string): Liquid {
  const engine = new Liquid({
    ...LIMITS,
    outputEscape,
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    // An in-memory set of no files, instead of the disk.
    templates: {},
    // A replay on another machine renders the same.
    timezoneOffset: 0,
    locale: 'en-US',
  })
  for (const tag of ['include', 'render', 'layout', 'block']) delete engine.tags[tag]
  return engine
}

/** The pieces that a text is put together from: what stands between outputs, and each output. */
function renderPieces(engine: Liquid, parts: Part[], scope: Record<string, unknown>): string[] {
  const pieces: string[] = []
  const emitter = { buffer: '', write: (piece: unknown) => void pieces.push(writeText(piece)) }
  const context = new Context(scope, engine.options, { sync: true }, { liquid: engine })
  toValueSync(engine.renderer.renderTemplates(parts, context, emitter))
  return pieces
}

/** Texts and numbers as they are, everything else as JSON. */
function writeText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function writeUrlPart(value: unknown): string {
  return encodeURIComponent(writeText(value).toWellFormed())
}

/** Only secrets that the template names are looked up, so it must name them. */
function secretsOf(engine: Liquid, parts: Part[]): string[] {
  const names = new Set<string>()
  for (const [root, name] of engine.globalVariableSegmentsSync(parts)) {
    if (root !== 'secrets') continue
    if (typeof name !== 'string') throw new TemplateError('write the name of the secret: secrets.NAME')
    names.add(name)
  }
  return [...names]
}

function toTemplateError(error: unknown): TemplateError {
  if (error instanceof TemplateError) return error
  if (!LiquidError.is(error)) {
    return new TemplateError(error instanceof Error ? error.message : String(error), { cause: error })
  }
  const [line, column] = error.token.getPosition()
  const message = error.message.replace(/, (file:.*, )?line:\d+, col:\d+$/, '')
  return new TemplateError(`${message} (line ${line}, column ${column})`, { cause: error })
}
