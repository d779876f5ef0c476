import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { startApi, type Api } from '../../src/app/api.ts'
import { startWorker, type RunningWorker } from '../../src/app/worker.ts'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { freePort } from './program.ts'

/** API and worker in this process, with their own database. */
export type TestApp = {
  url: string
  adminKey: string
  database: TestDatabase
  /** What was logged, one JSON line each. */
  logged(): string
  /** Creates an agent, and returns its id and its webhook's URL. */
  createAgent(config?: Record<string, unknown>): Promise<{ id: string; url: string }>
  /** Stops the worker, if one runs; tasks that are waiting meanwhile are held by no process. */
  stopWorker(): Promise<void>
  startWorker(): Promise<void>
  /** Another worker on the same database. */
  startAnotherWorker(): Promise<{ stop(): Promise<void> }>
  /** Another front door on the same database. */
  startFrontDoor(more?: { publicUrl?: string }): Promise<{ url: string; stop(): Promise<void> }>
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  stop(): Promise<void>
}

// oxlint-disable-next-line typescript/no-explicit-any -- a parsed answer, of which a test knows the form
export type Reply = { status: number; headers: Headers; body: any }

export async function startTestApp(
  env: Record<string, string> = {},
  { worker: withWorker = true, config: more = {} }: { worker?: boolean; config?: Partial<Config> } = {},
): Promise<TestApp> {
  const database = await createTestDatabase()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const adminKey = `bw_admin_test_${randomBytes(16).toString('hex')}`
  const config = {
    ...loadConfig({
      DATABASE_URL: database.url,
      BELLWIRE_SECRET_KEY: randomBytes(32).toString('hex'),
      BELLWIRE_ADMIN_KEY: adminKey,
      BELLWIRE_PUBLIC_URL: url,
      PORT: String(port),
      ...env,
    }),
    ...more,
  }
  let logged = ''
  const log = pino({ level: 'trace' }, { write: (line: string) => void (logged += line) })
  const options = { config, databaseUrl: database.url, secretKey: randomBytes(32), log }
  const api: Api = await startApi(options)
  let worker: RunningWorker | undefined = withWorker ? await startWorker(options) : undefined

  async function stopWorker(): Promise<void> {
    await worker?.stop()
    worker = undefined
  }

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const response = await fetch(path.startsWith('http') ? path : url + path, {
      method,
      headers: {
        ...(path.startsWith('/api/') ? { authorization: `Bearer ${adminKey}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return { status: response.status, headers: response.headers, body: parse(await response.text()) }
  }

  return {
    url,
    adminKey,
    database,
    logged: () => logged,
    call,
    stopWorker,
    async startWorker() {
      worker ??= await startWorker(options)
    },
    startAnotherWorker: () => startWorker(options),
    async startFrontDoor(more = {}) {
      const second = await freePort()
      const address = `http://127.0.0.1:${second}`
      const settings = { ...config, port: second, publicUrl: address, metricsPort: undefined, ...more }
      const api = await startApi({ ...options, config: settings })
      return { ...api, url: address }
    },
    async createAgent(agent = {}) {
      const created = await call('POST', '/api/agents', {
        name: 'Test',
        instructions: 'Help.',
        model: 'demo/assistant',
        ...agent,
      })
      if (created.status !== 201) throw new Error(`no agent: ${JSON.stringify(created.body)}`)
      const webhook = await call('GET', `/api/agent_webhook?id=${created.body.id}`)
      return { id: created.body.id, url: webhook.body.webhook_url }
    },
    async stop() {
      await stopWorker()
      await api.stop()
      await database.drop()
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
