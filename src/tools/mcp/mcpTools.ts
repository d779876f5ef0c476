import type { McpTool } from '../../contract/mcpTool.ts'
import { createArgumentCheck } from '../argumentCheck.ts'
import { ToolError, type RunTool, type ToolContext } from '../tool.ts'
import type { McpConnector, PreparedServer } from './connector.ts'
import { McpError } from './mcpError.ts'
import { describeMcpFailure, toMcpResult } from './mcpResult.ts'

type Connection = Awaited<ReturnType<PreparedServer['connect']>>

/**
 * Creates the tools of one server, as imported. The calls of a run share a connection; when it breaks, the next call
 * opens a new one.
 *
 * @throws TemplateError or Error when the stored configuration is invalid
 */
export function createMcpTools(config: McpTool, connector: McpConnector): RunTool[] {
  if (!config.imported) throw new Error('its tools were never imported')
  const connections = createConnections(connector.prepare(config))

  return config.imported.tools.map((imported): RunTool => {
    const { tool, name, description, parameters, idempotent } = imported
    const input = createArgumentCheck(parameters)
    const access = config.access?.[tool] ?? imported.access
    const repeatable = idempotent || access === 'read'

    async function call(args: unknown, context: ToolContext): Promise<unknown> {
      const { idempotencyKey, signal } = context
      for (let isFirst = true; ; isFirst = false) {
        const connection = await connections.of(context)
        try {
          const result = await connection.callTool({
            tool,
            parameters,
            args: { ...Object(input.read(args)) },
            idempotencyKey,
            signal,
          })
          if (result.isError) throw new ToolError(describeMcpFailure(result, connection.redact))
          return toMcpResult(result, connection.redact)
        } catch (error) {
          if (!(error instanceof McpError)) throw error
          if (error.kind === 'away' || error.kind === 'stale') connections.forget(context, connection)
          // A restarted server that has lost the session has not made this call yet.
          const mayRepeat = error.kind === 'stale' || (error.kind === 'away' && repeatable)
          if (isFirst && mayRepeat) continue
          throw explain(error, { isInDoubt: access === 'write' && isInDoubt(error) })
        }
      }
    }

    return {
      name,
      description,
      parameters,
      access,
      idempotent: repeatable,
      givesImages: true,
      approval: config.approval?.[tool] ?? imported.approval,
      timeoutSeconds: config.timeout_seconds,
      check: input.check,
      call,
    }
  })
}

/** The connections of the runs in progress, to one server. They are closed with their run. */
function createConnections(server: PreparedServer) {
  type Entry = { opening: Promise<Connection>; connection?: Connection }
  const known = new WeakMap<AsyncDisposableStack, Entry>()

  function open(scope: AsyncDisposableStack): Entry {
    const entry: Entry = {
      opening: server.connect().then(
        async (connection) => {
          entry.connection = connection
          if (scope.disposed) await connection.close()
          else scope.defer(() => connection.close())
          return connection
        },
        (error: unknown) => {
          known.delete(scope)
          throw error
        },
      ),
    }
    // The callers that wait for it receive the error; there may be none left.
    entry.opening.catch(() => {})
    known.set(scope, entry)
    return entry
  }

  return {
    async of({ scope, signal }: ToolContext): Promise<Connection> {
      try {
        return await abortable((known.get(scope) ?? open(scope)).opening, signal)
      } catch (error) {
        // No call was sent yet, so nothing is in doubt.
        throw error instanceof McpError ? explain(error, { isInDoubt: false }) : error
      }
    },

    /** The next call connects again. */
    forget({ scope }: ToolContext, connection: Connection): void {
      if (known.get(scope)?.connection === connection) known.delete(scope)
    },
  }
}

function isInDoubt({ kind }: McpError): boolean {
  return kind === 'away' || kind === 'late'
}

function explain(error: McpError, { isInDoubt }: { isInDoubt: boolean }): ToolError {
  const doubt = isInDoubt ? ' Whether the call took effect is unknown.' : ''
  return new ToolError(`The call failed: ${error.message}.${doubt}`, { cause: error })
}

/** Waits for shared work, no longer than the signal allows. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (stop) signal.removeEventListener('abort', stop)
  }
}
