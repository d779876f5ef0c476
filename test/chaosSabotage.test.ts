import { describe, expect, it } from 'vitest'
import type { Database } from '../src/db/database.ts'
import { runChaos, type ChaosOptions } from './chaos/chaos.ts'
import { sabotaged } from './chaos/sabotage.ts'
import type { Rule } from './chaos/violation.ts'

/** Runs the harness on a program without a safeguard; returns the rules that it reports as broken. */
async function reported(options: Omit<ChaosOptions, 'site' | 'seed'>): Promise<Set<Rule>> {
  const report = await runChaos({ site: 'apart', seed: 'sabotage', patienceMs: 15_000, ...options })
  return new Set(report.violations.map(({ rule }) => rule))
}

describe('the chaos harness reports', () => {
  it('a worker that writes after losing its lease', async () => {
    // A worker that notices the loss of its lease stops by itself: without fencing that is a race, which it may win.
    const env = sabotaged('fence', 'notice')
    const rules = await reported({ kills: 1, kinds: { freeze: 1 }, env })
    expect(rules).toContain('journal contradicted')
    expect(rules).toContain('settled twice')
  }, 100_000)

  it('a run that ignores its journal', async () => {
    const rules = await reported({ kills: 1, kinds: { worker: 1 }, env: sabotaged('journal') })
    expect(rules).toContain('call repeated')
  }, 100_000)

  it('a front door that ignores idempotency keys', async () => {
    const rules = await reported({ kills: 1, kinds: { worker: 1 }, env: sabotaged('keys') })
    expect(rules).toContain('accepted twice')
  }, 100_000)

  it('a database that acknowledges what is not on disk', async () => {
    const rules = await reported({ kills: 2, kinds: { database: 1 }, prepare: commitWithoutDisk })
    expect(rules).toContain('task lost')
  }, 100_000)
})

async function commitWithoutDisk(db: Database): Promise<void> {
  for (const setting of [`synchronous_commit = 'off'`, `wal_writer_delay = '10s'`])
    await db.pool.query(`alter system set ${setting}`)
  await db.pool.query('select pg_reload_conf()')
}
