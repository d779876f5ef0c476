import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { seedAgent } from '../../test/harness/seed.ts'
import { waitFor } from '../../test/harness/waitFor.ts'
import { noUsage } from '../contract/addUsage.ts'
import { createSignals, type Signals } from '../db/signals.ts'
import { createFairRanks } from '../queue/fairRank.ts'
import { createAcceptor } from '../tasks/accept.ts'
import { createTaskStatuses } from '../tasks/views/statuses.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { toPrometheusText } from '../telemetry/prometheus.ts'
import { createRunMetrics } from '../telemetry/runMetrics.ts'
import { noTracer } from '../telemetry/tracing.ts'
import { startWorker } from './worker.ts'

let test: TestDatabase
let signals: Signals

beforeEach(async () => {
  test = await createTestDatabase()
  signals = createSignals(test.db, test.url, { name: 'test', onError: () => {} })
})

afterEach(async () => {
  await signals.stop()
  await test.drop()
})

it('fails a task whose result the database refuses, and reports it as failed', async () => {
  await test.db.pool.query(`alter table bellwire.tasks add constraint refused check (state <> 'SUCCESS')`)
  const { agentId, tokenHash } = await seedAgent(test.db)
  const { taskId } = await createAcceptor({ db: test.db, ranks: createFairRanks(), signals }).accept({
    agentId,
    tokenHash,
    origin: 'webhook',
    payload: Buffer.from('{}'),
    request: '{"method":"POST","headers":{},"query":{}}',
    interactive: false,
    streamed: false,
  })
  const metrics = createMetrics()
  const lines: string[] = []
  const worker = await startWorker({
    db: test.db,
    url: test.url,
    signals,
    run: () =>
      Promise.resolve({
        result: { answer: 'ok', sources: [], tool_calls: [], thought: '' },
        usage: noUsage(),
      }),
    priceOf: () => Promise.resolve(undefined),
    concurrency: 1,
    leaseSeconds: 15,
    graceSeconds: 5,
    telemetry: { metrics, runs: createRunMetrics(metrics), tracer: noTracer },
    log: pino({}, { write: (line: string) => void lines.push(line) }),
  })
  const statuses = createTaskStatuses(test.db)
  await waitFor(async () => (await statuses.read(taskId))?.state === 'FAILURE')
  await worker.stop()

  const text = toPrometheusText(metrics.read())
  expect(text).toContain('bellwire_task_transitions_total{state="FAILURE",reason="failed"} 1')
  expect(text).toContain('bellwire_run_duration_seconds_count{outcome="run_crashed"} 1')
  expect(text).not.toContain('SUCCESS')
  expect(lines.map((line): unknown => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ msg: 'task settled', state: 'FAILURE', code: 'run_crashed' }),
  )
})
