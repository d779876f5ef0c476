import { expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'
import { toPrometheusText } from './prometheus.ts'

it('writes what was counted', () => {
  const metrics = createMetrics()
  const ends = metrics.counter('ends_total', 'Tasks that ended.')
  ends.add({ state: 'SUCCESS', reason: 'succeeded' })
  ends.add({ state: 'SUCCESS', reason: 'succeeded' }, 2)
  ends.add({ state: 'FAILURE', reason: 'a "b"\\\n' })
  expect(toPrometheusText(metrics.read())).toBe(
    [
      '# HELP ends_total Tasks that ended.',
      '# TYPE ends_total counter',
      'ends_total{state="SUCCESS",reason="succeeded"} 3',
      'ends_total{state="FAILURE",reason="a \\"b\\"\\\\\\n"} 1',
      '',
    ].join('\n'),
  )
})

it('writes the newest value of a gauge', () => {
  const metrics = createMetrics()
  const seen = metrics.gauge('seen_seconds', 'When it was seen.')
  seen.set({ chore: 'sweep' }, 12)
  seen.set({ chore: 'sweep' }, 30)
  expect(toPrometheusText(metrics.read()).split('\n').slice(1, -1)).toEqual([
    '# TYPE seen_seconds gauge',
    'seen_seconds{chore="sweep"} 30',
  ])
})

it('writes histograms with cumulative buckets, each bound in its own', () => {
  const metrics = createMetrics()
  const seconds = metrics.histogram('run_seconds', 'Duration.', [0.1, 1])
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe({}, value)
  expect(toPrometheusText(metrics.read()).split('\n').slice(2, -1)).toEqual([
    'run_seconds_bucket{le="0.1"} 2',
    'run_seconds_bucket{le="1"} 3',
    'run_seconds_bucket{le="+Inf"} 4',
    'run_seconds_sum 7.65',
    'run_seconds_count 4',
  ])
})

it('makes one family of those that several processes have of one name', () => {
  const family = (worker: string) => ({
    name: 'runs',
    help: 'Runs.',
    type: 'gauge' as const,
    series: [{ labels: { worker }, value: 1 }],
  })
  const text = toPrometheusText([family('1'), family('2')])
  expect(text.match(/# TYPE/g)).toHaveLength(1)
  expect(text).toContain('runs{worker="1"} 1\nruns{worker="2"} 1\n')
})

it('survives the way through JSON', () => {
  const metrics = createMetrics()
  metrics.histogram('run_seconds', 'Duration.', [1]).observe({ outcome: 'ok' }, 2)
  metrics.counter('calls_total', 'Calls.').add({ tool: 'x' })
  expect(toPrometheusText(JSON.parse(JSON.stringify(metrics.read())))).toBe(toPrometheusText(metrics.read()))
})
