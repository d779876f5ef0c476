import { waitFor } from '../test/harness/waitFor.ts'
import { query } from './database.ts'
import { sendLoad } from './load.ts'
import { median } from './processes.ts'
import { startBenchWorker, startEcho, startFront } from './program.ts'

/**
 * Runs per second of one worker process with a model that answers immediately, from a full queue. With `twoSteps` the
 * model calls the built-in clock first: two model calls and a tool call per run, three journal rows.
 */
export async function benchRuns(databaseUrl: string, { twoSteps = false } = {}): Promise<number> {
  const front = await startFront(databaseUrl)
  if (twoSteps) {
    await query(
      databaseUrl,
      `update bellwire.agent_revisions set config = (config::jsonb || '{"tools":[{"type":"builtin","name":"current_time"}]}')::json`,
    )
  }
  try {
    return await runsPerSecond(databaseUrl, front.webhookUrl)
  } finally {
    await front.stop()
  }
}

/** Fills the queue for four seconds with no worker, then starts one; returns its runs per second. */
export async function runsPerSecond(databaseUrl: string, webhookUrl: string): Promise<number> {
  const [mark] = await query<{ now: string }>(databaseUrl, 'select now()::text as now')
  await sendLoad({ url: webhookUrl, connections: 64, seconds: 4, body: '{"question":"x"}' })
  const worker = await startBenchWorker(databaseUrl, { BELLWIRE_WORKER_CONCURRENCY: '50' })
  try {
    await allRun(databaseUrl)
    const [row] = await query<{ runs: string; seconds: number }>(
      databaseUrl,
      `select count(*) as runs, extract(epoch from max(finished_at) - min(started_at))::float8 as seconds
        from bellwire.tasks where state = 'SUCCESS' and created_at > '${mark?.now}'`,
    )
    return Number(row?.runs) / Number(row?.seconds)
  } finally {
    await worker.stop()
  }
}

/** Waits until no task is left to run. */
export async function allRun(databaseUrl: string): Promise<void> {
  await waitFor(
    async () => {
      const rows = await query<{ open: boolean }>(
        databaseUrl,
        `select exists (select 1 from bellwire.tasks where state in ('PENDING', 'STARTED')) as open`,
      )
      return rows[0]?.open === false
    },
    { deadlineMs: 600_000, everyMs: 250, what: 'the end of all runs' },
  )
}

/**
 * Milliseconds from the trigger to its result on an idle system, and for the round trip of a bare echo, alternating:
 * medians of 500.
 */
export async function benchLatency(databaseUrl: string): Promise<{ own: number; echo: number }> {
  const echo = await startEcho()
  const front = await startFront(databaseUrl)
  const worker = await startBenchWorker(databaseUrl)
  const post = async (url: string): Promise<{ text: string; ms: number }> => {
    const started = performance.now()
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'wait=30' },
      body: '{"question":"x"}',
    })
    const text = await response.text()
    return { text, ms: performance.now() - started }
  }
  try {
    const times: { own: number; echo: number }[] = []
    for (let index = 0; index < 700; index += 1) {
      const baseline = await post(echo.url)
      const { text, ms } = await post(front.webhookUrl)
      const answer: { status: string } = JSON.parse(text)
      if (answer.status !== 'SUCCESS') throw new Error('a run did not succeed')
      if (index >= 200) times.push({ own: ms, echo: baseline.ms })
    }
    return { own: median(times.map(({ own }) => own)), echo: median(times.map((time) => time.echo)) }
  } finally {
    await Promise.all([echo.stop(), front.stop(), worker.stop()])
  }
}
