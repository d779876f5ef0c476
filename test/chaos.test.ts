import { describe, expect, it } from 'vitest'
import { runChaos } from './chaos/chaos.ts'
import { percentile } from './chaos/resume.ts'

// The short version of `npm run chaos`: see docs/survival.md.
describe.concurrent('twenty random kills under load', () => {
  it('of the all-in-one program break no promise', async () => {
    const report = await runChaos({ site: 'all-in-one', kills: 9, seed: 'test' })
    expect(report.violations, report.logged).toEqual([])
    expect(report.strikes).toHaveLength(9)
    expect(report.acknowledged).toBeGreaterThan(50)
    expect(report.extraAttempts).toBeGreaterThan(0)
  }, 170_000)

  it('of separate processes break no promise, and another worker resumes soon', async () => {
    const report = await runChaos({ site: 'apart', kills: 11, seed: 'test' })
    expect(report.violations, report.logged).toEqual([])
    expect(report.strikes).toHaveLength(11)
    expect(report.acknowledged).toBeGreaterThan(50)
    const besideAnother = report.resumes.filter(({ strike }) => strike.kind === 'worker')
    const waits = besideAnother.flatMap(({ fromSignal }) => fromSignal)
    expect(percentile(waits, 0.5)).toBeLessThan(3_000)
  }, 170_000)
})
