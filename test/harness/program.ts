import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitFor } from './waitFor.ts'

/** What node runs to start the program. */
export const MAIN = fileURLToPath(new URL('../../bin/bellwire.js', import.meta.url))

/** A parsed response, whose form the test knows. */
// oxlint-disable-next-line typescript/no-explicit-any
type Json = any

/** The whole program in separate processes, as a user starts it. */
export type Program = {
  url: string
  /** Its data directory. */
  dataDir: string
  /** What it printed for users since the last start. */
  printed(): string
  /** Everything that it logged, across all starts. */
  logged(): string
  /** From the banner of the first start. */
  adminKey: string
  demoUrl: string
  /** Process ids of the front process, and of its current worker process. */
  pid(): number
  workerPid(): Promise<number>
  /** SIGKILL to the front process and its worker, at the same moment. */
  killAll(): Promise<void>
  /** Restarts it on the same data, after it was killed or stopped. */
  start(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
  /** Stops it if it runs, and removes its data. */
  remove(): Promise<void>
  /** Calls the management API. */
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }>
}

export type ProgramOptions = {
  env?: Record<string, string>
  /** `serve` by default. */
  command?: string
  /** What node runs; this checkout's program by default. */
  main?: string
}

/** Starts the program on a free port with its own data. Its environment contains only what is given. */
export async function startProgram(options: ProgramOptions = {}): Promise<Program> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bellwire-e2e-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  let printed = ''
  let logged = ''
  let adminKey = ''

  async function start(): Promise<void> {
    printed = ''
    const main = options.main ?? MAIN
    const started = spawn(process.execPath, ['--max-semi-space-size=8', main, options.command ?? 'serve'], {
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: process.env['HOME'] ?? '',
        PORT: String(port),
        BELLWIRE_DATA_DIR: dataDir,
        BELLWIRE_LOG_FORMAT: 'json',
        // The machine that runs these tests may have one.
        OLLAMA_HOST: '127.0.0.1:1',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    started.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    started.stderr.on('data', (chunk: Buffer) => (logged += chunk.toString()))
    await waitFor(
      () => {
        if (started.exitCode !== null) throw new Error('the program ended')
        // The banner of `serve` ends like this; `api` prints less.
        return /Read its answer|^Console /m.test(printed)
      },
      { deadlineMs: 50_000, what: 'the banner of the program' },
    ).catch((error: unknown) => {
      throw new Error(`the program did not start:\n${printed}\n${logged}`, { cause: error })
    })
  }

  async function stop(): Promise<number | null> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
    return child.exitCode
  }

  await start()
  adminKey = /bw_admin_\S+/.exec(printed)?.[0] ?? ''
  const demoUrl = (/curl (\S+\/api\/webhooks\/agents\/\S+)/.exec(printed)?.[1] ?? '').replace(
    'localhost',
    '127.0.0.1',
  )

  return {
    url,
    dataDir,
    printed: () => printed,
    logged: () => logged,
    adminKey,
    demoUrl,
    pid: () => child?.pid ?? 0,
    workerPid: () => waitFor(() => childOf(child?.pid ?? 0, 'worker'), { what: 'a worker process' }),
    async killAll() {
      const worker = await childOf(child?.pid ?? 0, 'worker')
      const ended = child && once(child, 'exit')
      if (worker !== undefined) process.kill(worker, 'SIGKILL')
      child?.kill('SIGKILL')
      await ended
    },
    start,
    stop,
    async remove() {
      await stop()
      await rm(dataDir, { recursive: true, force: true })
    },
    async api(method, path, body) {
      const response = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${adminKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
    },
  }
}

/** The child process of `parent` whose command line ends with `argument`, read from /proc. */
async function childOf(parent: number, argument: string): Promise<number | undefined> {
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const [stat, commandLine] = await Promise.all([
      readFile(`/proc/${entry}/stat`, 'utf8').catch(() => ''),
      readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => ''),
    ])
    const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state !== 'Z' && Number(ppid) === parent && commandLine.split('\0').includes(argument))
      return Number(entry)
  }
  return undefined
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
