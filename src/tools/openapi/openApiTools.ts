import type { OpenApiCredential, OpenApiTool } from '../../contract/openApiTool.ts'
import type { GuardedFetch } from '../guardedFetch.ts'
import { makeCall, observeRequest } from '../httpTools/httpCall.ts'
import { createArgumentCheck } from '../schemas/argumentCheck.ts'
import { createRedact } from '../redactSecrets.ts'
import { credentialsIn, readSecrets, type SecretLookup } from '../secretValues.ts'
import { parseTemplate, TemplateError, type Template } from '../templates/template.ts'
import { ToolError, type RunTool, type ToolContext } from '../tool.ts'
import { parseUrlTemplate } from '../templates/urlTemplate.ts'
import { writeRequest, type FilledCredential } from './writeRequest.ts'

/**
 * Creates callable tools from the imported operations of a document. Secrets are read on each call, and removed from
 * responses.
 *
 * @throws TemplateError or Error when the stored configuration is invalid
 */
export function createOpenApiTools(
  config: OpenApiTool,
  { fetch, secrets }: { fetch: GuardedFetch; secrets: SecretLookup },
): RunTool[] {
  if (!config.imported) throw new Error('its operations were never imported')
  const server = config.server === undefined ? undefined : parseUrlTemplate(config.server)
  const auth = new Map(
    Object.entries(config.auth ?? {}).map(([scheme, text]) => [scheme, parseTemplate(text)]),
  )

  return config.imported.operations.map((operation): RunTool => {
    const { name, description, parameters } = operation
    const input = createArgumentCheck(parameters)
    const access = config.access?.[operation.operation] ?? operation.access
    const templates = operation.credentials.map((place) => fillable(place, auth))
    const secretNames = [server, ...templates.map(({ template }) => template)].flatMap(
      (one) => one?.secrets ?? [],
    )
    const ownServer = operation.server === undefined ? undefined : new URL(operation.server)
    if (!server && !ownServer) throw new Error(`${operation.operation} has no server`)

    async function fill(
      values: Map<string, string>,
    ): Promise<{ base: URL; credentials: FilledCredential[]; traces: string[] }> {
      const scope = { secrets: Object.fromEntries(values) }
      try {
        const base = (await server?.render(scope)) ?? ownServer
        if (!base) throw new ToolError('this tool has no server')
        const traces = (await server?.trace(scope)) ?? []
        return {
          base,
          traces,
          credentials: await Promise.all(templates.map((one) => fillCredential(one, scope))),
        }
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error
        const message = createRedact(values.values())(error.message)
        throw new ToolError(`A template of this tool failed: ${message}.`, { cause: error })
      }
    }

    async function call(args: unknown, { idempotencyKey, signal, observer }: ToolContext): Promise<unknown> {
      const values = await readSecrets(secretNames, secrets)
      const filled = await fill(values)
      const request = await writeRequest(operation, { ...Object(input.read(args)) }, filled)
      if (access === 'write') request.headers.set('idempotency-key', idempotencyKey)
      const secret = [
        ...values.values(),
        ...filled.traces,
        ...filled.credentials.flatMap(({ value }) => credentialsIn(value)),
      ]
      observeRequest(request, { observer, secrets: secret })
      return makeCall(request, { fetch, access, signal, redact: createRedact(secret), observer })
    }

    return {
      name,
      description,
      parameters,
      access,
      idempotent: operation.idempotent || access === 'read',
      approval: config.approval?.[operation.operation],
      timeoutSeconds: config.timeout_seconds,
      check: input.check,
      call,
    }
  })
}

type Fillable = { place: OpenApiCredential; template: Template }

function fillable(place: OpenApiCredential, auth: ReadonlyMap<string, Template>): Fillable {
  const template = auth.get(place.scheme)
  if (!template) throw new Error(`"auth" has no credential for ${place.scheme}`)
  return { place, template }
}

/** `prefix` is added to a credential that does not start with it; Basic takes `user:password`. */
async function fillCredential(
  { place: { in: place, name, prefix }, template }: Fillable,
  scope: Record<string, unknown>,
): Promise<FilledCredential> {
  const value = (await template.render(scope)).trim()
  if (prefix === undefined || value.toLowerCase().startsWith(`${prefix.toLowerCase()} `)) {
    return { in: place, name, value }
  }
  const credential = prefix === 'Basic' ? Buffer.from(value).toString('base64') : value
  return { in: place, name, value: `${prefix} ${credential}` }
}
