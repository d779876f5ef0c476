import type { McpTool } from '../../contract/mcpTool.ts'
import type { GuardedFetch } from '../guardedFetch.ts'
import { createRedact } from '../redactSecrets.ts'
import { credentialsIn, MissingSecretError, readSecrets, type SecretLookup } from '../secretValues.ts'
import { parseTemplate, TemplateError } from '../templates/template.ts'
import { ToolError } from '../tool.ts'
import { parseUrlTemplate } from '../templates/urlTemplate.ts'
import type { McpConnection, McpEndpoint } from './client.ts'
import { createCommandCheck, type CheckCommand } from './commands.ts'
import { McpError } from './mcpError.ts'

export type McpServer = Pick<McpTool, 'url' | 'headers' | 'command' | 'args' | 'env'>

/** A server that can be connected to, once per run. */
export type PreparedServer = {
  /** @throws McpError */
  connect(): Promise<McpConnection & { redact: (text: string) => string }>
}

/** Connects to MCP servers. */
export type McpConnector = {
  checkCommand: CheckCommand
  /** @throws TemplateError for invalid templates */
  prepare(server: McpServer): PreparedServer
  /** Ends every connection and every program. */
  close(): Promise<void>
}

export type McpConnectorParts = {
  fetch: GuardedFetch
  secrets: SecretLookup
  /** What BELLWIRE_MCP_COMMANDS allows. */
  commands: readonly string[]
  /** The environment of programs; variables added by an agent take precedence. */
  environment: Record<string, string>
  /** Our version, which is reported to servers. */
  version: string
}

/** Number of servers whose protocol version is cached. */
const MAX_REMEMBERED = 1_000

export function createMcpConnector(parts: McpConnectorParts): McpConnector {
  const checkCommand = createCommandCheck(parts.commands)
  /** Servers that speak the protocol of 2025: they need not be asked again. */
  const legacy = new Set<string>()
  const open = new Set<McpConnection>()
  let isClosed = false

  /** The same connection, tracked here until it has ended. */
  function watch<T extends McpConnection>(connection: T): T {
    let ended: Promise<void> | undefined
    const watched = { ...connection, close: () => (ended ??= end()) }
    const end = (): Promise<void> => connection.close().finally(() => open.delete(watched))
    open.add(watched)
    return watched
  }

  return {
    checkCommand,

    prepare(server) {
      const { url, headers, command, args = [], env } = server
      const key = JSON.stringify([url, headers, command, args, env])
      const fill = parseServer(server, parts.environment)
      return {
        async connect() {
          const refusal = command === undefined ? undefined : checkCommand(command, args)
          if (refusal !== undefined) throw new McpError('refused', refusal)
          const values = await readSecrets(fill.secrets, parts.secrets).catch(toRefusal)
          const { endpoint, credentials } = await fill.render(values)
          const redact = createRedact([...values.values(), ...credentials])
          const { connect } = await import('./client.ts')
          const isLegacy = legacy.delete(key)
          const connection = await connect(endpoint, {
            fetch: (url, init) => parts.fetch(url, init),
            redact,
            isLegacy,
            version: parts.version,
          })
          if (connection.isLegacy && legacy.size < MAX_REMEMBERED) legacy.add(key)
          const watched = watch({ ...connection, redact })
          if (!isClosed) return watched
          await watched.close()
          throw new McpError('refused', 'Bellwire is stopping')
        },
      }
    },

    async close() {
      isClosed = true
      await Promise.allSettled([...open].map((connection) => connection.close()))
    },
  }
}

type Filled = { endpoint: McpEndpoint; credentials: string[] }

type ServerTemplate = { secrets: string[]; render(values: Map<string, string>): Promise<Filled> }

function parseServer(server: McpServer, environment: Record<string, string>): ServerTemplate {
  const url = server.url === undefined ? undefined : parseUrlTemplate(server.url)
  const texts = Object.entries(server.headers ?? server.env ?? {}).map(
    ([name, text]) => [name, parseTemplate(text)] as const,
  )
  const secrets = [url, ...texts.map(([, template]) => template)].flatMap((one) => one?.secrets ?? [])

  return {
    secrets: [...new Set(secrets)],
    async render(values) {
      const scope = { secrets: Object.fromEntries(values) }
      try {
        const filled = await Promise.all(
          texts.map(async ([name, template]) => [name, (await template.render(scope)).trim()] as const),
        )
        const credentials = texts.flatMap(([, { secrets }], at) =>
          secrets.length > 0 ? credentialsIn(filled[at]?.[1] ?? '') : [],
        )
        const pairs = Object.fromEntries(filled)
        if (url) {
          const endpoint = { url: await url.render(scope), headers: pairs }
          return { endpoint, credentials: [...credentials, ...(await url.trace(scope))] }
        }
        const { command, args = [] } = server
        if (command === undefined) throw new McpError('refused', 'the tool has neither a URL nor a command')
        return { endpoint: { command, args, env: { ...environment, ...pairs } }, credentials }
      } catch (error) {
        if (!(error instanceof TemplateError) && !(error instanceof ToolError)) throw error
        throw new McpError('refused', createRedact(values.values())(error.message), { cause: error })
      }
    },
  }
}

function toRefusal(error: unknown): never {
  if (!(error instanceof MissingSecretError)) throw error
  throw new McpError('refused', `the secret ${error.secret}, which it needs, is not set`, { cause: error })
}
