import type { HttpTool } from '../../contract/agent.ts'
import type { GuardedFetch } from '../guardedFetch.ts'
import { makeCall, observeRequest, setHeader } from './httpCall.ts'
import { createArgumentCheck } from '../schemas/argumentCheck.ts'
import { createRedact } from '../redactSecrets.ts'
import { credentialsIn, readSecrets, type SecretLookup } from '../secretValues.ts'
import { parseTemplate, TemplateError } from '../templates/template.ts'
import { ToolError, type RunTool, type ToolContext } from '../tool.ts'
import { parseUrlTemplate } from '../templates/urlTemplate.ts'

export type HttpToolParts = {
  fetch: GuardedFetch
  secrets: SecretLookup
}

/**
 * Creates a tool that makes one HTTP call. Arguments are checked against the tool's parameters; secrets are read on
 * each call, and removed from responses.
 *
 * @throws TemplateError or Error when the stored configuration is invalid
 */
export function createHttpTool(config: HttpTool, { fetch, secrets }: HttpToolParts): RunTool {
  const input = createArgumentCheck(config.parameters)
  const url = parseUrlTemplate(config.url)
  const headers = Object.entries(config.headers ?? {}).map(([name, text]) => ({
    name,
    template: parseTemplate(text),
  }))
  const body = config.body === undefined ? undefined : parseTemplate(config.body)
  const secretNames = new Set(
    [url, body, ...headers.map(({ template }) => template)].flatMap((one) => one?.secrets ?? []),
  )

  async function call(given: unknown, context: ToolContext): Promise<unknown> {
    const values = await readSecrets(secretNames, secrets)
    const request = await write({ args: input.read(given), values, context })
    const secret = [...values.values(), ...request.credentials]
    const { signal, observer } = context
    const whole = { method: config.method, ...request }
    observeRequest(whole, { observer, secrets: secret })
    return makeCall(whole, { fetch, access: config.access, signal, redact: createRedact(secret), observer })
  }

  type Written = { url: URL; headers: Headers; body: string | undefined; credentials: string[] }

  /** Renders the templates. */
  async function write({
    args,
    values,
    context,
  }: {
    args: unknown
    values: Map<string, string>
    context: ToolContext
  }): Promise<Written> {
    const scope = { ...Object(args), arguments: args, secrets: Object.fromEntries(values) }
    try {
      const written = new Headers({ 'idempotency-key': context.idempotencyKey, 'user-agent': 'Bellwire' })
      const text = body ? await body.render(scope) : bodyOf(config.method, args)
      if (text !== undefined)
        written.set('content-type', body && !isJson(text) ? 'text/plain' : 'application/json')
      const credentials: string[] = []
      for (const { name, template } of headers) {
        const value = (await template.render(scope)).trim()
        setHeader(written, name, value)
        if (template.secrets.length > 0) {
          credentials.push(...credentialsIn(value), ...(await template.trace(scope)))
        }
      }
      credentials.push(...(await url.trace(scope)), ...((await body?.trace(scope)) ?? []))
      return { url: await url.render(scope), headers: written, body: text, credentials }
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      throw new ToolError(`A template of this tool failed: ${createRedact(values.values())(error.message)}.`)
    }
  }

  return {
    name: config.name,
    description: config.description,
    parameters: config.parameters,
    access: config.access,
    idempotent: config.idempotent ?? false,
    approval: config.approval,
    timeoutSeconds: config.timeout_seconds,
    check: input.check,
    call,
  }
}

/** Without a body template, the body of a request that has one is the arguments. */
function bodyOf(method: HttpTool['method'], args: unknown): string | undefined {
  return method === 'POST' || method === 'PUT' || method === 'PATCH' ? JSON.stringify(args) : undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
