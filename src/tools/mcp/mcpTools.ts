import type { McpTool } from '../../contract/mcpTool.ts'
import { createArgumentCheck } from '../schemas/argumentCheck.ts'
import { QuestionAsked, type AnsweredRound } from '../question.ts'
import { ToolError, type CallObserver, type RunTool, type ToolContext } from '../tool.ts'
import type { CallToolResult } from './client.ts'
import type { McpCall } from './mcpCall.ts'
import type { McpConnector, PreparedServer } from './connector.ts'
import { createAnswerBook, describeRefusals, MAX_ROUNDS, readQuestions, toResponses } from './elicitation.ts'
import { isInputNeeded } from './inputNeeded.ts'
import { McpError } from './mcpError.ts'
import { describeMcpFailure, toMcpResult, type McpResult } from './mcpResult.ts'

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
      const { idempotencyKey, signal, answered = [], observer } = context
      for (let isFirst = true; ; isFirst = false) {
        const connection = await connections.of(context)
        observeMcpCall(config, { tool, args: input.read(args) }, { observer, redact: connection.redact })
        try {
          const result = await callOnce(connection, {
            tool,
            parameters,
            args: { ...Object(input.read(args)) },
            idempotencyKey,
            signal,
            answered,
          })
          const refused = describeRefusals(answered)
          if (result.isError) {
            const said = describeMcpFailure(result, connection.redact)
            throw new ToolError(refused === undefined ? said : `${said} (${refused})`)
          }
          return withNote(toMcpResult(result, connection.redact), refused)
        } catch (error) {
          if (!(error instanceof McpError)) throw error
          if (BREAKS_CONNECTION.has(error.kind)) connections.forget(context, connection)
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

/** Reports a call before it is made: the templates of the server as they are written, which hold no secret. */
function observeMcpCall(
  { url, headers = {}, command = '', args: given = [] }: McpTool,
  { tool, args }: { tool: string; args: unknown },
  { observer, redact }: { observer: CallObserver | undefined; redact: (text: string) => string },
): void {
  observer?.request({
    method: 'tools/call',
    url: url ?? [command, ...given].join(' '),
    headers,
    body: redact(JSON.stringify({ name: tool, arguments: args })),
  })
}

/**
 * Makes a call with the answers that people have given to its questions.
 *
 * @throws QuestionAsked when the server asks one more
 */
async function callOnce(
  connection: Connection,
  { answered, ...call }: Omit<McpCall, 'retry' | 'answer'> & { answered: readonly AnsweredRound[] },
): Promise<CallToolResult> {
  const given = createAnswerBook(answered)
  const last = answered.at(-1)
  const refusedState = new McpError('answered', 'the server put a secret into the state of the call')
  const result = await connection.callTool({
    ...call,
    retry:
      last?.state === undefined || connection.isLegacy
        ? {}
        : { inputResponses: toResponses(last), ...JSON.parse(last.state) },
    answer: async (request) => {
      const [question] = await readQuestions({ question: request }, connection.redact)
      return question && given(question)
    },
  })
  if (!isInputNeeded(result)) return result
  if (answered.length >= MAX_ROUNDS) {
    throw new McpError('answered', `the server asked more than ${MAX_ROUNDS} times`)
  }
  const questions = await readQuestions(result.requests, connection.redact)
  if (connection.isLegacy) throw new QuestionAsked({ questions })
  const state = JSON.stringify(result.state === undefined ? {} : { requestState: result.state })
  // It has to go back as it is, and is kept where people can read it.
  if (connection.redact(state) !== state) throw refusedState
  if (state.length > MAX_STATE)
    throw new McpError('answered', 'the server gave the call a state that is too large')
  throw new QuestionAsked({ questions, state })
}

/** Characters of the state that a server of 2026 gives to a call. */
const MAX_STATE = 100_000

function withNote(result: McpResult, note: string | undefined): McpResult {
  if (note === undefined) return result
  return { ...result, note: result.note === undefined ? note : `${note} ${result.note}` }
}

/** The connections of the runs that are under way, to one server. They are closed with their run. */
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

/** After these the connection is of no more use. */
const BREAKS_CONNECTION = new Set<McpError['kind']>(['away', 'stale', 'unusable'])

function isInDoubt({ kind }: McpError): boolean {
  return kind === 'away' || kind === 'late' || kind === 'unusable'
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
