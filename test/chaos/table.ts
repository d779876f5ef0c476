import type { ChaosReport } from './chaos.ts'
import { percentile, type Resume } from './resume.ts'

/** Writes the results of several runs as Markdown. */
export function renderReports(reports: readonly ChaosReport[]): string {
  const total = (value: (report: ChaosReport) => number): string =>
    String(reports.reduce((sum, report) => sum + value(report), 0))
  const rows: [string, string][] = [
    ['kills', total(({ strikes }) => strikes.length)],
    ['tasks acknowledged', total(({ acknowledged }) => acknowledged)],
    ['triggers refused while something was down', total(({ refused }) => refused)],
    ['model calls', total(({ modelCalls }) => modelCalls)],
    ['tool calls', total(({ toolCalls }) => toolCalls)],
    ['attempts beyond the first', total(({ extraAttempts }) => extraAttempts)],
    ['calls of frozen workers that woke up too late', total(({ lateCalls }) => lateCalls)],
    ['callbacks received', total(({ callbacks }) => callbacks)],
    ['runs that waited for a call', total(({ waits }) => waits)],
    ['beats of a schedule', total(({ beats }) => beats)],
    ['replays', total(({ replays }) => replays)],
    ['violations', total(({ violations }) => violations.length)],
    ['duration', `${Number(total(({ durationMs }) => Math.round(durationMs / 1000)))} s`],
  ]
  return [
    '| figure | value |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    '',
    '| site | kill | times | tasks interrupted | resumed after the kill, p50 / p99 | after readiness, p50 / p99 |',
    '| --- | --- | --- | --- | --- | --- |',
    ...reports.flatMap(renderKinds),
    '',
  ].join('\n')
}

function renderKinds({ site, strikes, resumes }: ChaosReport): string[] {
  const kinds = [...new Set(strikes.map(({ kind }) => kind))].toSorted()
  return kinds.map((kind) => {
    const mine = resumes.filter(({ strike }) => strike.kind === kind)
    const fromSignal = mine.flatMap((one: Resume) => one.fromSignal)
    const fromReady = mine.flatMap((one: Resume) => one.fromReady)
    const times = strikes.filter((strike) => strike.kind === kind).length
    return `| ${site} | ${kind} | ${times} | ${fromSignal.length} | ${spread(fromSignal)} | ${spread(fromReady)} |`
  })
}

function spread(values: number[]): string {
  const seconds = (share: number): string => ((percentile(values, share) ?? 0) / 1000).toFixed(2)
  return values.length === 0 ? '' : `${seconds(0.5)} / ${seconds(0.99)} s`
}
