import { freePort } from '../test/harness/program.ts'
import { startProcess } from './processes.ts'

const SECRET = 'a-key-for-one-benchmark'

export type BenchProcess = { pid: number; stop(): Promise<void> }

function environment(databaseUrl: string): Record<string, string> {
  return { DATABASE_URL: databaseUrl, BELLWIRE_SECRET_KEY: SECRET, BELLWIRE_LOG_LEVEL: 'warn' }
}

/** Only the front door. Without a worker no task runs. */
export async function startFront(
  databaseUrl: string,
  env: Record<string, string> = {},
): Promise<BenchProcess & { url: string; webhookUrl: string }> {
  const port = await freePort()
  const front = await startProcess('apiServer.ts', {
    ...environment(databaseUrl),
    ...env,
    PORT: String(port),
  })
  return {
    pid: front.child.pid ?? 0,
    stop: front.stop,
    url: `http://127.0.0.1:${port}`,
    webhookUrl: (front.ready['webhookUrl'] ?? '').replace('localhost', '127.0.0.1'),
  }
}

/** One worker process. */
export async function startBenchWorker(
  databaseUrl: string,
  env: Record<string, string> = {},
): Promise<BenchProcess> {
  const worker = await startProcess('workerProcess.ts', { ...environment(databaseUrl), ...env })
  return { pid: worker.child.pid ?? 0, stop: worker.stop }
}

/** The baseline: a bare server that echoes. */
export async function startEcho(): Promise<BenchProcess & { url: string }> {
  const echo = await startProcess('echoServer.ts')
  return { pid: echo.child.pid ?? 0, stop: echo.stop, url: echo.ready['url'] ?? '' }
}
