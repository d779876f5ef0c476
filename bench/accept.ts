import { compare, type Compared, type Effort, type Side } from './compare.ts'
import { cpuOfFamilies, cpuOfProcess } from './cpu.ts'
import { sendLoad, type Load, type LoadOptions } from './load.ts'
import { startBenchWorker, startEcho, startFront, type BenchProcess } from './program.ts'

const BODY = JSON.stringify({ event: 'order.created', id: 'ord_1024', amount: 4200, currency: 'EUR' })

function post(url: string, options: Omit<LoadOptions, 'url'>) {
  return (seconds: number): Promise<Load> => sendLoad({ url, seconds, body: BODY, ...options })
}

/** The processes involved in an accept. */
function processesOf(front: BenchProcess, postmaster: number): NonNullable<Side['cpu']> {
  return { front: () => cpuOfProcess(front.pid), database: () => cpuOfFamilies([postmaster]) }
}

/**
 * Durable accepts per second divided by those of a bare echo, and the CPU of both. With `running`, a worker runs the
 * tasks at the same time.
 */
export async function benchAccept(
  databaseUrl: string,
  {
    connections,
    postmaster,
    running = false,
  }: { connections: number; postmaster: number; running?: boolean },
  effort: Effort,
): Promise<Compared> {
  const echo = await startEcho()
  const front = await startFront(databaseUrl)
  const worker = running ? await startBenchWorker(databaseUrl) : undefined
  try {
    const baseline = post(echo.url, { connections })
    return await compare(
      { send: post(front.webhookUrl, { connections }), cpu: processesOf(front, postmaster) },
      {
        send: worker ? standingStill(worker.pid, baseline) : baseline,
        cpu: { echo: () => cpuOfProcess(echo.pid) },
      },
      effort,
    )
  } finally {
    await Promise.all([echo.stop(), front.stop(), worker?.stop()])
  }
}

/** Durable accepts per second with a new Idempotency-Key each, divided by those without. */
export async function benchKeys(databaseUrl: string, postmaster: number, effort: Effort): Promise<Compared> {
  const front = await startFront(databaseUrl)
  const cpu = processesOf(front, postmaster)
  try {
    return await compare(
      { send: post(front.webhookUrl, { connections: 64, newKeys: true }), cpu },
      { send: post(front.webhookUrl, { connections: 64 }), cpu },
      effort,
    )
  } finally {
    await front.stop()
  }
}

/**
 * Thrown when a process that should be idle is not: a worker had more work left than it could do in the time allowed.
 */
function standingStill(pid: number, measure: (seconds: number) => Promise<Load>) {
  return async (seconds: number): Promise<Load> => {
    process.kill(pid, 'SIGSTOP')
    try {
      return await measure(seconds)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
  }
}

/** Durable accepts per second with many finished tasks in the database, divided by those with none. */
export async function benchFullDatabase(
  fullUrl: string,
  emptyUrl: string,
  effort: Effort,
): Promise<Compared> {
  const full = await startFront(fullUrl)
  const empty = await startFront(emptyUrl)
  try {
    return await compare(
      { send: post(full.webhookUrl, { connections: 64 }) },
      { send: post(empty.webhookUrl, { connections: 64 }) },
      effort,
    )
  } finally {
    await Promise.all([full.stop(), empty.stop()])
  }
}

/** `GET /api/task_status` of a finished task, compared with the GET of a bare echo. */
export async function benchStatus(databaseUrl: string, effort: Effort): Promise<Compared> {
  const echo = await startEcho()
  const front = await startFront(databaseUrl)
  const worker = await startBenchWorker(databaseUrl)
  try {
    const response = await fetch(front.webhookUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'wait=30' },
      body: BODY,
    })
    const task: { task_id: string; status: string } = JSON.parse(await response.text())
    if (task.status !== 'SUCCESS') throw new Error('the task did not succeed')
    const url = `${front.url}/api/task_status?task_id=${task.task_id}`
    const get = (target: string): Side => ({
      send: (seconds) => sendLoad({ url: target, connections: 64, seconds, method: 'GET' }),
    })
    return await compare(get(url), get(echo.url), effort)
  } finally {
    await Promise.all([echo.stop(), front.stop(), worker.stop()])
  }
}
