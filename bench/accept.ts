import { load, median, type Load } from './processes.ts'
import { startBenchWorker, startEcho, startFront } from './program.ts'

const BODY = JSON.stringify({ event: 'order.created', id: 'ord_1024', amount: 4200, currency: 'EUR' })
const ROUNDS = 3
const SECONDS = 5

export type Compared = { perSecond: number; baseline: number; ratio: number; p99Ms: number }

/**
 * Sends load to two servers in turns, so that a change of the machine's speed hits both; the ratio is the
 * median of the rounds.
 */
export async function compare(
  target: (seconds: number) => Promise<Load>,
  baseline: (seconds: number) => Promise<Load>,
): Promise<Compared> {
  await baseline(1)
  await target(2)
  const rounds: { base: Load; own: Load }[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({ base: await baseline(SECONDS), own: await target(SECONDS) })
  }
  const failed = rounds.reduce((sum, { own }) => sum + own.failed, 0)
  if (failed > 0) throw new Error(`${failed} requests did not succeed`)
  return {
    perSecond: median(rounds.map(({ own }) => own.perSecond)),
    baseline: median(rounds.map(({ base }) => base.perSecond)),
    ratio: median(rounds.map(({ own, base }) => own.perSecond / base.perSecond)),
    p99Ms: median(rounds.map(({ own }) => own.p99Ms)),
  }
}

function post(url: string, connections: number) {
  return (seconds: number): Promise<Load> => load({ url, connections, seconds, body: BODY })
}

/** Durable accepts per second over a bare echo's. With `running`, a worker runs the tasks meanwhile. */
export async function benchAccept(
  databaseUrl: string,
  { connections, running = false }: { connections: number; running?: boolean },
): Promise<Compared> {
  const echo = await startEcho()
  const front = await startFront(databaseUrl)
  const worker = running ? await startBenchWorker(databaseUrl) : undefined
  try {
    const baseline = post(echo.url, connections)
    return await compare(
      post(front.webhookUrl, connections),
      worker ? standingStill(worker.pid, baseline) : baseline,
    )
  } finally {
    await Promise.all([echo.stop(), front.stop(), worker?.stop()])
  }
}

/** What is measured while a process does nothing: a worker has more to do than it was given time for. */
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

/** Durable accepts per second with many finished tasks in the database over those with none. */
export async function benchFullDatabase(fullUrl: string, emptyUrl: string): Promise<Compared> {
  const full = await startFront(fullUrl)
  const empty = await startFront(emptyUrl)
  try {
    return await compare(post(full.webhookUrl, 64), post(empty.webhookUrl, 64))
  } finally {
    await Promise.all([full.stop(), empty.stop()])
  }
}

/** `GET /api/task_status` of a finished task over a bare echo's GET. */
export async function benchStatus(databaseUrl: string): Promise<Compared> {
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
    const get = (target: string) => (seconds: number) =>
      load({ url: target, connections: 64, seconds, method: 'GET' })
    return await compare(get(url), get(echo.url))
  } finally {
    await Promise.all([echo.stop(), front.stop(), worker.stop()])
  }
}
