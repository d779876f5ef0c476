import { Context, Liquid, LiquidError, toValueSync, type Template as Part } from 'liquidjs'
import { toSlackText } from './slackText.ts'
import { traceSecrets } from './traceSecrets.ts'

/** A template that cannot be parsed or rendered: the error and its position. */
export class TemplateError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'TemplateError'
  }
}

/**
 * How values are written into the text. `text`: unchanged. `url`: percent-encoded as one piece of a URL. `slack`: as
 * Slack's markup, without mentions. `comment`: so that no line begins a slash command. The
 * template's own text is never changed.
 */
export type Writing = 'text' | 'url' | 'slack' | 'comment'

/** A parsed template, rendered in this thread. Its methods throw TemplateError. */
export type LiquidTemplate = {
  render(scope: Record<string, unknown>): string
  /** The rendered forms of a scope's secrets. */
  trace(scope: Record<string, unknown>): string[]
  /** The paths that it reads from the scope, as far as they are static: `['payload', 'ticket', 'id']`. */
  paths(): (string | number)[][]
}

const LIMITS = {
  /** Maximum characters of one template. */
  parseLimit: 1_000_000,
  /** Maximum milliseconds of one rendering. */
  renderLimit: 1_000,
  /** Approximate maximum of characters and list entries that one rendering may create. */
  memoryLimit: 50_000_000,
}

/** Maximum characters of a rendered text. No model reads as much. */
const MAX_RENDERED = 10_000_000

let engines: Record<Writing, Liquid> | undefined

/**
 * Parses a Liquid template. Variables that do not exist render as nothing; a filter or tag that does not exist is an
 * error. There are no files to include.
 *
 * @throws TemplateError
 */
export function parseLiquid(text: string, writing: Writing): LiquidTemplate {
  engines ??= {
    text: createEngine(writeText),
    url: createEngine(writeUrlPart),
    slack: createEngine((value) => toSlackText(writeText(value))),
    comment: createEngine(writeComment),
  }
  const engine = engines[writing]
  return guard(() => {
    const parts = engine.parse(text)
    return {
      render: (scope) => guard(() => refuseLong(String(engine.renderSync(parts, scope)))),
      trace: (scope) => guard(() => traceSecrets((one) => renderPieces(engine, parts, one), scope)),
      paths: () => guard(() => pathsOf(engine, parts)),
    }
  })
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

/** The pieces of a text: the literal text between outputs, and each output. */
function renderPieces(engine: Liquid, parts: Part[], scope: Record<string, unknown>): string[] {
  const pieces: string[] = []
  const emitter = { buffer: '', write: (piece: unknown) => void pieces.push(writeText(piece)) }
  const context = new Context(scope, engine.options, { sync: true }, { liquid: engine })
  toValueSync(engine.renderer.renderTemplates(parts, context, emitter))
  return pieces
}

function pathsOf(engine: Liquid, parts: Part[]): (string | number)[][] {
  return engine.globalVariableSegmentsSync(parts).map((segments) => {
    // A lookup by another variable ends the path: its value is not known statically.
    const end = segments.findIndex((part) => typeof part !== 'string' && typeof part !== 'number')
    return (end === -1 ? segments : segments.slice(0, end)).filter(
      (part): part is string | number => typeof part === 'string' || typeof part === 'number',
    )
  })
}

function refuseLong(text: string): string {
  if (text.length <= MAX_RENDERED) return text
  throw new TemplateError(`the text would be ${text.length} characters long; the limit is ${MAX_RENDERED}`)
}

/** Strings and numbers unchanged, everything else as JSON. */
function writeText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function writeUrlPart(value: unknown): string {
  return encodeURIComponent(writeText(value).toWellFormed())
}

/** In comments of GitLab, and to bots at GitHub, a line such as `/close` is a command, with the rights of our token. */
function writeComment(value: unknown): string {
  return writeText(value).replaceAll(/^([ \t>]*)\/(?=[a-z])/gim, '$1\\/')
}

function guard<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw toTemplateError(error)
  }
}

function toTemplateError(error: unknown): TemplateError {
  if (error instanceof TemplateError) return error
  if (!LiquidError.is(error)) {
    return new TemplateError(error instanceof Error ? error.message : String(error), { cause: error })
  }
  const [line, column] = error.token.getPosition()
  const message = error.message.replace(/, (file:[^,]*, )?line:\d+, col:\d+$/, '')
  return new TemplateError(`${message} (line ${line}, column ${column})`, { cause: error })
}
