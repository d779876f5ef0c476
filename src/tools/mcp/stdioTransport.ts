import { spawn, type ChildProcess } from 'node:child_process'
import { tmpdir } from 'node:os'
import {
  ReadBuffer,
  serializeMessage,
  type JSONRPCMessage,
  type Transport,
} from '@modelcontextprotocol/client'
import { McpError } from './mcpError.ts'

/** How long a program may take to exit after its input is closed, and again after SIGTERM. */
const GRACE_MS = 1_000

/** Maximum bytes of a message from a program. */
const MAX_MESSAGE_BYTES = 10 * 1024 * 1024

/** Characters kept of a program's latest error output. */
const MAX_STDERR = 2_000

export type StdioTransport = Transport & {
  /** The end of the program's error output. */
  stderr(): string
  /** Why the program was stopped, if it was for what it sent. */
  failure(): McpError | undefined
}

/**
 * Runs a program and communicates over its input and output, one JSON-RPC message per line. It receives only the given
 * environment. It leads its own process group: terminal signals do not reach it, and processes that it starts end with
 * it.
 */
export function createStdioTransport(program: {
  command: string
  args: readonly string[]
  env: Record<string, string>
}): StdioTransport {
  const buffer = new ReadBuffer({ maxBufferSize: MAX_MESSAGE_BYTES })
  let child: ChildProcess | undefined
  let closing: Promise<void> | undefined
  let said = ''
  let failure: McpError | undefined

  const transport: StdioTransport = {
    start() {
      return new Promise((resolve, reject) => {
        const started = spawn(program.command, program.args, {
          env: program.env,
          cwd: tmpdir(),
          stdio: ['pipe', 'pipe', 'pipe'],
          detached: process.platform !== 'win32',
          windowsHide: true,
        })
        child = started
        started.once('spawn', () => resolve())
        started.once('error', (error) => reject(startError(program.command, error)))
        started.once('exit', () => endGroup(started))
        started.once('close', () => transport.onclose?.())
        started.stdin.on('error', (error) => transport.onerror?.(error))
        started.stdout.on('error', (error) => transport.onerror?.(error))
        started.stdout.on('data', read)
        started.stderr.setEncoding('utf8')
        started.stderr.on('data', (text: string) => (said = (said + text).slice(-MAX_STDERR)))
      })
    },

    send(message) {
      return new Promise((resolve, reject) => {
        if (!child?.stdin?.writable) {
          reject(new McpError('away', 'the server has ended'))
          return
        }
        child.stdin.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()))
      })
    },

    close: () => (closing ??= end(child)),
    stderr: () => said.toWellFormed().trim(),
    failure: () => failure,
  }

  function read(chunk: Buffer): void {
    try {
      buffer.append(chunk)
    } catch {
      failure = new McpError('unusable', `the response is larger than ${MAX_MESSAGE_BYTES} bytes`)
      transport.onerror?.(failure)
      void transport.close()
      return
    }
    for (;;) {
      let message: JSONRPCMessage | null
      try {
        message = buffer.readMessage()
      } catch (error) {
        // A line that is not a message: some programs log to standard output.
        transport.onerror?.(error instanceof Error ? error : new Error(String(error)))
        continue
      }
      if (message === null) return
      transport.onmessage?.(message)
    }
  }

  return transport
}

/** Stops a program: closes its input, then SIGTERM, then SIGKILL. */
async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.pid === undefined || hasEnded(child)) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.stdin?.end()
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (await within(GRACE_MS, ended)) return
    signalGroup(child, signal)
  }
  await within(GRACE_MS, ended)
}

function endGroup(child: ChildProcess): void {
  signalGroup(child, 'SIGKILL')
  // Processes left running by the program may hold its output open.
  child.stdout?.destroy()
  child.stderr?.destroy()
}

function signalGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch {
    // The group is empty.
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function within(ms: number, event: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, ms, false)))
  try {
    return await Promise.race([event.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}

function startError(command: string, error: Error): McpError {
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
  return new McpError('refused', `the command ${command} could not be started${code}`, { cause: error })
}
