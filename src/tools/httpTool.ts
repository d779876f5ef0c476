import type { HttpTool } from '../contract/agent.ts'
import { GuardedFetchError, type GuardedFetch } from './guardedFetch.ts'
import { describeHttpError, readBodyText, toHttpResult } from './httpResult.ts'
import { compileJsonSchema } from './jsonSchema.ts'
import { createRedact } from './redactSecrets.ts'
import { parseTemplate, TemplateError, type Template } from './template.ts'
import { ToolError, type RunTool, type ToolContext } from './tool.ts'
import { parseUrlTemplate } from './urlTemplate.ts'

export type HttpToolParts = {
  fetch: GuardedFetch
  /** Looks the value of a secret up; undefined when there is none of that name. */
  secrets: (name: string) => Promise<string | undefined>
}

/**
 * Makes a tool that makes one HTTP call. Arguments are checked against the tool's parameters; secrets are
 * looked up at each call, and taken out again of whatever comes back.
 *
 * @throws TemplateError or Error when the tool cannot be used as it was saved
 */
export function createHttpTool(config: HttpTool, { fetch, secrets }: HttpToolParts): RunTool {
  const validate = compileJsonSchema(config.parameters)
  const url = parseUrlTemplate(config.url)
  const headers = Object.entries(config.headers ?? {}).map(([name, text]) => ({
    name,
    template: parseTemplate(text),
  }))
  const body = config.body === undefined ? undefined : parseTemplate(config.body)
  const secretNames = new Set(
    [url, body, ...headers.map(({ template }) => template)].flatMap((one) => one?.secrets ?? []),
  )

  async function call(args: unknown, context: ToolContext): Promise<unknown> {
    const values = await readSecrets(secretNames, secrets)
    const request = write({ args, values, context })
    const redact = createRedact([...values.values(), ...request.credentials])
    try {
      return await send(request, context.signal, redact)
    } catch (error) {
      if (context.signal.aborted) throw context.signal.reason
      throw describeFailure(error, config, redact)
    }
  }

  type Written = { url: URL; headers: Headers; body: string | undefined; credentials: string[] }

  /** Fills the templates in. */
  function write({
    args,
    values,
    context,
  }: {
    args: unknown
    values: Map<string, string>
    context: ToolContext
  }): Written {
    const scope = { ...Object(args), arguments: args, secrets: Object.fromEntries(values) }
    try {
      const written = new Headers({ 'idempotency-key': context.idempotencyKey, 'user-agent': 'Bellwire' })
      const text = body ? body.render(scope) : bodyOf(config.method, args)
      if (text !== undefined)
        written.set('content-type', body && !isJson(text) ? 'text/plain' : 'application/json')
      const credentials: string[] = []
      for (const { name, template } of headers) credentials.push(...setHeader(written, name, template, scope))
      return { url: url.render(scope), headers: written, body: text, credentials }
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      throw new ToolError(`A template of this tool failed: ${createRedact(values.values())(error.message)}.`)
    }
  }

  async function send(
    request: Written,
    signal: AbortSignal,
    redact: (text: string) => string,
  ): Promise<unknown> {
    const { url: target, headers: sent, body: text } = request
    const response = await fetch(target, {
      method: config.method,
      headers: sent,
      signal,
      ...(text === undefined ? {} : { body: text }),
    })
    const read = await readBodyText(response)
    const clean = { ...read, text: redact(read.text) }
    if (response.ok) return toHttpResult(response, clean)
    throw new ToolError(redact(describeHttpError(response, clean)))
  }

  return {
    name: config.name,
    description: config.description,
    parameters: config.parameters,
    access: config.access,
    idempotent: config.idempotent ?? false,
    approval: config.approval,
    check(args) {
      const complaint = validate(args)
      return complaint === undefined ? undefined : `The arguments do not fit the parameters: ${complaint}.`
    },
    call,
  }
}

/** Without a template for it, the body of a request that has one is the arguments. */
function bodyOf(method: HttpTool['method'], args: unknown): string | undefined {
  return method === 'POST' || method === 'PUT' || method === 'PATCH' ? JSON.stringify(args) : undefined
}

/** Sets one header; gives back what in it must not be seen again. */
function setHeader(
  headers: Headers,
  name: string,
  template: Template,
  scope: Record<string, unknown>,
): string[] {
  const value = template.render(scope).trim()
  try {
    headers.set(name, value)
  } catch {
    throw new ToolError(`the header ${name} would get a value that headers cannot hold, such as a line break`)
  }
  // A scheme and its credentials: `Basic dXNlcjpwYXNz` is made of secrets, but holds none of them as it is.
  return template.secrets.length > 0 ? [value, value.slice(value.indexOf(' ') + 1)] : []
}

async function readSecrets(
  names: Iterable<string>,
  secrets: HttpToolParts['secrets'],
): Promise<Map<string, string>> {
  const entries = await Promise.all(
    [...names].map(async (name): Promise<[string, string]> => {
      const value = await secrets(name)
      if (value === undefined) throw new ToolError(`The secret ${name}, which this tool needs, is not set.`)
      return [name, value]
    }),
  )
  return new Map(entries)
}

function describeFailure(error: unknown, config: HttpTool, redact: (text: string) => string): unknown {
  if (!(error instanceof GuardedFetchError)) return error
  const isInDoubt = config.access === 'write' && error.kind !== 'refused'
  const doubt = isInDoubt ? ' Whether the call took effect is unknown.' : ''
  return new ToolError(`The call failed: ${redact(error.message)}.${doubt}`, { cause: error })
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
