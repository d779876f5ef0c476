import { pino, type DestinationStream, type Logger } from 'pino'
import pretty from 'pino-pretty'
import { logError } from './logError.ts'
import { redactJson } from './redact.ts'

/** The interface for logging. */
export type Log = Logger

export type LogOptions = {
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  logFormat: 'pretty' | 'json'
}

const STANDARD_ERROR = 2

/**
 * A log on standard error; standard output is for requested output. Each line names the process, and keys, tokens and
 * passwords are removed from it. That is the last line of defence, not a licence to log payloads.
 *
 * @example
 * const log = createLog(config, { process: 'worker' })
 * log.info({ task_id: taskId }, 'the task is done')
 */
export function createLog(
  options: LogOptions,
  bindings: { process: string },
  destination?: DestinationStream,
): Log {
  const output = destination ?? pino.destination({ dest: STANDARD_ERROR, sync: true })
  return pino(
    {
      level: options.logLevel,
      base: { ...bindings, pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      // For any code that logs an error: libraries attach whole connections and requests to theirs.
      serializers: { err: (error: unknown) => (error instanceof Error ? logError(error) : error) },
      formatters: { level: (level) => ({ level }) },
      hooks: { streamWrite: redactJson },
    },
    options.logFormat === 'pretty' ? forPeople(output, destination === undefined) : output,
  )
}

/** In the same process, synchronously: a line must not be lost when the process dies right after it. */
function forPeople(output: DestinationStream, colorize: boolean): DestinationStream {
  const format = pretty.prettyFactory({
    colorize: colorize && process.stderr.isTTY,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,process,hostname',
    messageFormat: '[{process}] {msg}',
    singleLine: true,
  })
  return { write: (line) => output.write(format(line)) }
}
